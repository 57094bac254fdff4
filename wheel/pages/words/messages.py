"""Sentences for students about the errors of `wheel.errors`, in the language of the page.

The API has its own sentences for the same errors, which are part of its contract.
"""

from django import template
from django.utils.translation import gettext, gettext_lazy

from wheel.domain.wheel_settings import SPEC_BY_NAME
from wheel.errors import InvalidFieldsError, SettingLockedError, TokenWheelError
from wheel.pages.words.numbers import plain_number
from wheel.sentences import Sentence

register = template.Library()

SENTENCES = {
    "empty_prompt": gettext_lazy("Write a few words for the model to continue."),
    "no_prompt": gettext_lazy("There is no text yet. Write a few words for the model to continue."),
    "nothing_to_undo": gettext_lazy("There is nothing to take back: only your prompt is left."),
    "nothing_to_redo": gettext_lazy("There is nothing to bring back."),
    "no_other_tokens": gettext_lazy("There is no Other on this wheel to draw from."),
    "branch_not_found": gettext_lazy(
        "This branch is no longer there. Nothing was changed; this is the wheel as it stands."
    ),
    "no_guesses_left": gettext_lazy("All ten rounds of this text have been played."),
    "engine_busy": gettext_lazy(
        "The model is busy: many people are spinning at this moment. Nothing was changed."
    ),
    "store_unavailable": gettext_lazy(
        "The place where the texts are kept does not answer at the moment. Nothing was changed."
    ),
    "throttled": gettext_lazy("That was very fast. Wait a moment, then go on."),
    "too_many_codes": gettext_lazy(
        "Many wrong codes have been typed near you. Look at the board once more: the right code "
        "still works."
    ),
    "too_many_sessions": gettext_lazy(
        "All places are taken: many people are at their wheels. Try again in a minute."
    ),
    "overloaded": gettext_lazy(
        "Very many people are here at this moment. Nothing was changed. Try again in a moment."
    ),
    "classroom_not_found": gettext_lazy(
        "There is no open class with this code. Look at the code once more, or ask your teacher."
    ),
    "stale_revision": gettext_lazy(
        "The text has moved on, in another tab or by a second click. Nothing was changed just "
        "now; this is the wheel as it stands."
    ),
    "classroom_frozen": gettext_lazy(
        "Your teacher has paused the class. Your text stays as it is until it goes on."
    ),
    "classroom_closed": gettext_lazy(
        "This class is over. You can still look at your text, but it does not change any more."
    ),
    "stale_round": gettext_lazy("Everyone has spun already. This page was a moment behind."),
}


def sentence(error: TokenWheelError) -> str:
    """A sentence without field names or revisions."""
    if isinstance(error, SettingLockedError):
        return locked_sentence(error)
    if isinstance(error, InvalidFieldsError):
        texts = [translated(text) for texts in error.errors.values() for text in texts]
        return " ".join(dict.fromkeys(texts))  # several fields may be wrong for one reason
    return str(SENTENCES.get(error.code) or translated(error.detail))


@register.filter
def translated(text: str) -> str:
    """A text of the domain or of an error in the language of the page, with its numbers."""
    if not isinstance(text, Sentence):
        return gettext(text) if text else ""
    if not text.parameters:
        return gettext(text.template)
    return gettext(text.template) % {
        name: value if isinstance(value, str) else plain_number(value)
        for name, value in text.parameters.items()
    }


def locked_sentence(error: SettingLockedError) -> str:
    """Names the knobs that a request would have turned."""
    labels = [gettext(SPEC_BY_NAME[name].label) for name in error.errors if name in SPEC_BY_NAME]
    if not labels:
        return gettext("Your teacher has set this text for the whole class. Nothing was changed.")
    return gettext(
        "Your teacher has set %(knobs)s for the whole class. Nothing was changed; this is the "
        "wheel of your class."
    ) % {"knobs": ", ".join(labels)}
