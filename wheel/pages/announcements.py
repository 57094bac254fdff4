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
from wheel.pages.branches.words import branch_name
from wheel.pages.panels.story import build_result
from wheel.pages.stage import Stage
from wheel.pages.words.endings import spoken_ending
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
    sentence = _("Removed “%(token)s”.") % {"token": spoken(next_to_redo(state))}
    return with_ending(sentence, state)


def after_redo(state: SessionState) -> str:
    token = state.token(last_chosen(state).token_id)
    return with_ending(_("Brought back “%(token)s”.") % {"token": spoken(token)}, state)


def after_rewind(state: SessionState) -> str:
    sentence = _("Back to just before “%(token)s”.") % {"token": spoken(next_to_redo(state))}
    return with_ending(sentence, state)


def after_restore(state: SessionState) -> str:
    sentence = _("Back on %(branch)s.") % {
        "branch": branch_name(state.session.branches.current_number)
    }
    return with_ending(sentence, state)


def after_choice(state: SessionState) -> str:
    result = build_result(state, last_chosen(state)).sentence
    return with_ending(_("You chose %(result)s.") % {"result": result}, state)


def after_new_prompt(state: SessionState) -> str:
    return with_ending(_("New text."), state)


def after_change_of_class(state: SessionState, *, is_text_new: bool) -> str:
    """What a page has caught up on that follows its class."""
    if is_text_new:
        return with_ending(_("Your text has changed."), state)
    return _("Your teacher has changed the settings of the class.")


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


def with_ending(sentence: str, state: SessionState) -> str:
    """The sentence, and one with the end of the text unless the text is blank."""
    ending = spoken_ending(state.current_text, MAX_ENDING_LEN)
    if not ending:
        return sentence
    return _("%(sentence)s The text ends in “%(ending)s”.") % {
        "sentence": sentence,
        "ending": ending,
    }


def last_chosen(state: SessionState) -> ChosenToken:
    return state.session.history[-1]


def next_to_redo(state: SessionState) -> Token:
    """The token that was removed from the end of the text, or from right after it."""
    return state.token(state.session.undone[-1].token_id)
