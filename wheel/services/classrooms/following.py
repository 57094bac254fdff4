"""The state of a class as the page of a member follows it."""

import hashlib
import json
from dataclasses import dataclass

from wheel import runtime
from wheel.domain.past_sessions import session_before_last_change
from wheel.domain.wheel_session import WheelSession
from wheel.domain.wheel_settings import SETTING_NAMES
from wheel.errors import ClassroomNotFoundError
from wheel.models import Classroom
from wheel.services.classrooms.common_spin import is_common_spin
from wheel.services.database import database_errors_translated
from wheel.services.repeated_requests import describe_past
from wheel.services.sessions import checked_id, get_session
from wheel.services.states import TokenChange
from wheel.services.wheels import compute_wheel

FOLLOWED_FIELDS = (
    *("state", "title", "question", "lesson", "prompt", "other_prompt", "locked"),
    *SETTING_NAMES,
)
DIGEST_BYTES = 6


@dataclass(frozen=True, slots=True)
class ClassStatus:
    """
    state  open, frozen or closed
    rev    the revision of the member's text
    rules  the digest of what the class shows and fixes
    """

    state: str
    rev: int
    rules: str


def class_status(*, session_id: str) -> ClassStatus:
    """The class of a member, and the revision of the member's text. It takes one read of the store
    and one query, and does not count as a use of the session.

    Raises `SessionNotFoundError`, `StoreUnavailableError`, and `ClassroomNotFoundError` for a
    session without a class.
    """
    session = runtime.current().store.read(checked_id(session_id)).session
    classroom = classroom_of(session)
    return ClassStatus(classroom.state, session.rev, rules_digest(classroom))


def classroom_of(session: WheelSession) -> Classroom:
    """With no more fields than the page of a member follows."""
    if session.classroom_id is None:
        raise ClassroomNotFoundError
    rows = Classroom.objects.only(*FOLLOWED_FIELDS).filter(pk=session.classroom_id)
    with database_errors_translated():
        classroom = rows.first()
    if classroom is None:
        raise ClassroomNotFoundError
    return classroom


def rules_digest(classroom: Classroom) -> str:
    """A few characters that change when the title, the question, the lesson, the number of prompts,
    a lock or a locked value does."""
    locked = sorted(classroom.locked)
    values = [getattr(classroom, name) for name in locked if name in SETTING_NAMES]
    shown = [classroom.title, classroom.question, classroom.lesson, classroom.has_halves]
    rules = json.dumps([*shown, locked, values])
    return hashlib.blake2s(rules.encode(), digest_size=DIGEST_BYTES).hexdigest()


def missed_common_spin(*, session_id: str, shown_rev: int) -> TokenChange | None:
    """The common spin that a page lacks which shows the text of `shown_rev`. None unless it is
    the newest change of the text, and the only one that the page lacks."""
    state = get_session(session_id=session_id)
    session = state.session
    if session.rev != shown_rev + 1 or not session.recent_changes:
        return None
    if not is_common_spin(session.recent_changes[-1].request):
        return None
    before, chosen = describe_past(session_before_last_change(session)), session.history[-1]
    return TokenChange(before, state, chosen, compute_wheel(before, chosen.settings))
