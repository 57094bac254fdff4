"""Membership of a session in a class: whether its text may be changed, and its locked settings."""

from collections.abc import Callable, Collection

from wheel.domain.wheel_session import WheelSession
from wheel.domain.wheel_settings import SETTING_NAMES, WheelSettings
from wheel.errors import (
    ClassroomClosedError,
    ClassroomFrozenError,
    SettingLockedError,
)
from wheel.models import PROMPT, Classroom, ClassState, Member
from wheel.services.database import database_errors_translated

# Called before a session is changed, and again before the change is written.
Guard = Callable[[WheelSession], None]

SETTING_LOCKED = "Your teacher has set this for the whole class."
PROMPT_LOCKED = "Your teacher has set this text for the whole class."


def find_member(session: WheelSession) -> Member | None:
    """The member, with its classroom; None for a session without a class, and if the class has been
    deleted. Raises `StoreUnavailableError` if the database does not answer."""
    if session.classroom_id is None:
        return None
    members = Member.objects.select_related("classroom")
    with database_errors_translated():
        return members.filter(session_id=session.session_id).first()


def allow_any_change(session: WheelSession) -> None:
    """The guard of changes that the teacher makes, and of those that leave the text as it is."""


def require_open_class(session: WheelSession) -> None:
    """The guard of a member's changes. Raises `ClassroomFrozenError` or `ClassroomClosedError`."""
    member = find_member(session)
    if member is not None:
        require_open(member.classroom)


def require_changeable_prompt(session: WheelSession) -> None:
    """The guard of a member's new prompt. Raises `SettingLockedError` too."""
    member = find_member(session)
    if member is None:
        return
    require_open(member.classroom)
    if PROMPT in member.classroom.locked:
        raise SettingLockedError({PROMPT: [PROMPT_LOCKED]})


def require_open(classroom: Classroom) -> None:
    if classroom.state == ClassState.FROZEN:
        raise ClassroomFrozenError
    if classroom.is_over:
        raise ClassroomClosedError


def permitted_settings(
    member: Member | None, settings: WheelSettings, given: Collection[str]
) -> WheelSettings:
    """The settings, with those that the class locks as the class has them. `given` names those that
    the client asked for; the others are defaults. Raises `SettingLockedError` if the client asked
    for another value of a locked one."""
    if member is None:
        return settings
    classroom = member.classroom
    locked = {name: getattr(classroom, name) for name in SETTING_NAMES if name in classroom.locked}
    refused = {
        name: [SETTING_LOCKED]
        for name, value in locked.items()
        if name in given and getattr(settings, name) != value
    }
    if refused:
        raise SettingLockedError(refused)
    return settings.with_overrides(locked)


def require_unlocked(member: Member | None, name: str) -> None:
    """Raises `SettingLockedError` if the class of the member locks this setting."""
    if member is not None and name in member.classroom.locked:
        raise SettingLockedError({name: [SETTING_LOCKED]})
