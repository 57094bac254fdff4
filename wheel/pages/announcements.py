"""Announcements: sentences for screen readers about the result of a change, and the header of the
answer that carries them to the page.

The token and the end of the text are spoken, since focus stays where it is. Spins have their own
sentence, with the landing, and knobs theirs.
"""

import json

from django.http import HttpResponse
from django.utils.translation import gettext as _

from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.panels.story import build_result
from wheel.pages.stage import Stage
from wheel.pages.words.endings import text_ending
from wheel.pages.words.numbers import percent
from wheel.pages.words.spoken import spoken
from wheel.services import SessionState

EVENT = "announcement"
MAX_ENDING_LEN = 40


def announce(response: HttpResponse, sentence: str) -> HttpResponse:
    """Let the page announce the sentence once it has inserted the answer. Escaped as JSON, because
    a header is ASCII."""
    if sentence:
        response["HX-Trigger-After-Swap"] = json.dumps({EVENT: sentence})
    return response


def after_undo(state: SessionState) -> str:
    return _("Removed “%(token)s”. %(ending)s") % {
        "token": spoken(next_to_redo(state)),
        "ending": ending_sentence(state),
    }


def after_redo(state: SessionState) -> str:
    return _("Brought back “%(token)s”. %(ending)s") % {
        "token": spoken(state.token(last_chosen(state).token_id)),
        "ending": ending_sentence(state),
    }


def after_rewind(state: SessionState) -> str:
    return _("Back to just before “%(token)s”. %(ending)s") % {
        "token": spoken(next_to_redo(state)),
        "ending": ending_sentence(state),
    }


def after_choice(state: SessionState) -> str:
    return _("You chose %(result)s. %(ending)s") % {
        "result": build_result(state, last_chosen(state)).sentence,
        "ending": ending_sentence(state),
    }


def after_new_prompt(state: SessionState) -> str:
    return _("New text. %(ending)s") % {"ending": ending_sentence(state)}


def of_part_on_show(stage: Stage) -> str:
    """The part of the wheel that a link has opened, closed or marked."""
    if stage.opening:
        return _("%(part)s is open: %(share)s of the whole wheel.") % {
            "part": stage.opening.breadcrumbs[-1].text,
            "share": percent(stage.opening.shown.prob),
        }
    if token := stage.marked_token:
        return _("“%(token)s” is marked on the whole wheel.") % {"token": spoken(token)}
    return _("The whole wheel is on show.")


def ending_sentence(state: SessionState) -> str:
    return _("The text ends in “%(ending)s”.") % {
        "ending": text_ending(state.current_text, MAX_ENDING_LEN)
    }


def last_chosen(state: SessionState) -> ChosenToken:
    return state.session.history[-1]


def next_to_redo(state: SessionState) -> Token:
    """The token that was removed from the end of the text, or from right after it."""
    return state.token(state.session.undone[-1].token_id)
