"""Guards of changes: whether the class of a session allows its text to be changed.

A guard is called before a change is computed, and again, with the class read anew, before it is
written: the teacher may have frozen the class meanwhile.
"""

from collections.abc import Callable

from wheel.errors import ClassroomClosedError, ClassroomFrozenError, SettingLockedError
from wheel.models import PROMPT, ClassState
from wheel.sentences import Sentence
from wheel.services.states import SessionState

Guard = Callable[[SessionState], None]

PROMPT_LOCKED = Sentence("Your teacher has set this text for the whole class.")


def allow_any_change(state: SessionState) -> None:
    """The guard of changes that the teacher makes, and of those that leave the text as it is."""


def require_open_class(state: SessionState) -> None:
    """The guard of a member's changes. Raises `ClassroomFrozenError` or `ClassroomClosedError`."""
    if state.member is None:
        return
    if state.member.classroom.state == ClassState.FROZEN:
        raise ClassroomFrozenError
    if state.member.classroom.is_over:
        raise ClassroomClosedError


def require_changeable_prompt(state: SessionState) -> None:
    """The guard of a member's new prompt. Raises `SettingLockedError` too."""
    require_open_class(state)
    if state.member is not None and PROMPT in state.member.classroom.locked:
        raise SettingLockedError({PROMPT: [PROMPT_LOCKED]})
