"""The common spin: the server spins every member's wheel once.

The wheels are requested from the engine together, so that it computes them in batches. Then each
session is extended as by any click: on its newest state, by compare-and-set. Each session notes the
round in which it has spun last, so that no session gets a second token from the same round.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db.models import F

from wheel.domain.wheel_session import ChosenToken, KeyedRequest, WheelSession
from wheel.errors import (
    ClassroomClosedError,
    ContextFullError,
    NoPromptError,
    SessionNotFoundError,
    StaleRoundError,
)
from wheel.models import Classroom
from wheel.services.changes import attempt_change, retry
from wheel.services.classrooms.stories import Story, load_stories
from wheel.services.guards import allow_any_change
from wheel.services.repeated_requests import keyed_request
from wheel.services.states import SessionState, WheelView, describe
from wheel.services.token_changes import Extension
from wheel.services.wheels import logits_of, prefetch_wheel, request_logits
from wheel.sessions.store import StoredSession

KEY_START = "common spin "
MAX_REQUESTED = 32  # wheels at a time: the students' own requests need places in the queue too


@dataclass(frozen=True)
class CommonSpin:
    """num_spun   members whose text has grown by one token in this round
    num_unable  members without a text, with a full context window, or gone meanwhile
    """

    num_spun: int
    num_unable: int


def spin_everyone(classroom: Classroom, round_number: int) -> CommonSpin:
    """Spin all members once in the round with this number, counted from 1. The same number again
    finishes the round: members who have spun in it are not spun again.

    Raises `StaleRoundError` for another round than the next or the last one,
    `ClassroomClosedError`, `EngineBusyError` and `StoreUnavailableError`. A round that an error has
    ended can be finished.
    """
    if classroom.is_over:
        raise ClassroomClosedError
    begin_round(classroom, round_number)
    num_spun = num_unable = 0
    for stories in in_groups(load_stories(classroom), MAX_REQUESTED):
        request_wheels(stories)
        for story in stories:
            is_spun = spin_member(story, round_number)
            num_spun += is_spun
            num_unable += not is_spun
    return CommonSpin(num_spun, num_unable)


def begin_round(classroom: Classroom, round_number: int) -> None:
    """Count the round, unless it has begun before."""
    rows = Classroom.objects.filter(pk=classroom.pk)
    has_begun = rows.filter(num_common_spins=round_number - 1).update(
        num_common_spins=round_number, version=F("version") + 1
    )
    if not has_begun and not rows.filter(num_common_spins=round_number).exists():
        raise StaleRoundError
    classroom.num_common_spins = round_number


@dataclass(frozen=True)
class RoundProgress:
    """A common spin that goes on, or has ended not long ago.

    num_spun     the members who have spun in it
    num_waiting  those who have not, although they were there and can spin; 0 if it is complete
    last_at      when the last of them has spun
    """

    num_spun: int
    num_waiting: int
    last_at: datetime

    @property
    def num_members(self) -> int:
        return self.num_spun + self.num_waiting


def round_progress(stories: Sequence[Story], round_number: int) -> RoundProgress | None:
    """None before the first member has spun in the round."""
    spun = [story for story in stories if has_spun(story.state.session, round_number)]
    moments = [story.state.session.last_round_at for story in spun]
    last_at = max((moment for moment in moments if moment is not None), default=None)
    if last_at is None:
        return None
    waiting = [
        story
        for story in stories
        if not has_spun(story.state.session, round_number)
        and story.member.joined_at <= last_at
        and story.state.has_next_wheel
    ]
    return RoundProgress(len(spun), len(waiting), last_at)


def has_spun(session: WheelSession, round_number: int) -> bool:
    """Whether the session has spun in this round, also if its token was removed since."""
    return session.last_round >= round_number


def request_wheels(stories: Sequence[Story]) -> None:
    """Have the engine compute the members' next wheels, in batches, and wait for them. Members
    without a next wheel are left out. Raises `EngineBusyError`."""
    requested = [request_logits(story.state) for story in stories if story.state.has_next_wheel]
    for future in requested:
        logits_of(future)


def spin_member(story: Story, round_number: int) -> bool:
    """Whether the member has spun in this round; False for one who cannot."""
    request = keyed_request(round_key(round_number), "common spin")
    extension = Extension(draw_next, None, None, request, allow_any_change)

    def spun(state: SessionState) -> tuple[WheelSession, None]:
        new, _ = extension.extended(state)
        return new.spun_in_round(round_number), None

    def attempt(stored: StoredSession) -> SessionState | None:
        if has_spun(stored.session, round_number):
            return describe(stored)
        done = attempt_change(stored, None, spun, allow_any_change)
        return None if done is None else done.after

    try:
        after = retry(story.state.stored, attempt)
    except (NoPromptError, ContextFullError, SessionNotFoundError):
        return False
    prefetch_wheel(after)
    return True


def draw_next(view: WheelView) -> ChosenToken:
    return view.draw(view.next_u())


def round_key(round_number: int) -> str:
    """No client can send it as its own key, because of the spaces."""
    return f"{KEY_START}{round_number}"


def is_common_spin(request: KeyedRequest | None) -> bool:
    """Whether the change that this request made to a text was a common spin."""
    return request is not None and request.key.startswith(KEY_START)


def in_groups(stories: Sequence[Story], size: int) -> Iterator[list[Story]]:
    remaining = iter(stories)
    while group := list(islice(remaining, size)):
        yield group
