"""Membership of a session in a class, and the settings that the class locks."""

from collections.abc import Collection

from wheel.domain.wheel_session import WheelSession
from wheel.domain.wheel_settings import SETTING_NAMES, WheelSettings
from wheel.errors import SettingLockedError
from wheel.models import Member
from wheel.sentences import Sentence
from wheel.services.database import database_errors_translated

SETTING_LOCKED = Sentence("Your teacher has set this for the whole class.")


def find_member(session: WheelSession) -> Member | None:
    """The member, with its classroom; None for a session without a class, and if the class has been
    deleted. Raises `StoreUnavailableError` if the database does not answer."""
    if session.classroom_id is None:
        return None
    members = Member.objects.select_related("classroom")
    with database_errors_translated():
        return members.filter(session_id=session.session_id).first()


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
    refused: dict[str, list[str]] = {
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
