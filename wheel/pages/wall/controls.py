"""The teacher's controls below the wall: what they can do now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from wheel.pages.wall.wall import Wall
from wheel.services.classrooms import (
    MAX_VIRTUAL_MEMBERS,
    RoundProgress,
    round_progress,
)

COMPLETE_SHOWN_FOR = timedelta(minutes=1)
INCOMPLETE_SHOWN_FOR = timedelta(minutes=15)
NUM_VIRTUAL_SUGGESTED = 10


@dataclass(frozen=True, slots=True)
class Controls:
    """next_round           the number of the next common spin
    progress             of the last one, for a minute after it; longer if it is not complete
    num_virtual_allowed  how many virtual members can still be added
    """

    next_round: int
    progress: RoundProgress | None
    num_virtual_allowed: int

    @classmethod
    def of(cls, wall: Wall, now: datetime) -> Self:
        last_round = wall.classroom.num_common_spins
        progress = round_progress(wall.stories, last_round)
        num_virtual = sum(story.member.is_virtual for story in wall.stories)
        return cls(
            next_round=last_round + 1,
            progress=progress if progress and is_recent(progress, now) else None,
            num_virtual_allowed=max(0, MAX_VIRTUAL_MEMBERS - num_virtual),
        )

    @property
    def num_virtual_suggested(self) -> int:
        return min(NUM_VIRTUAL_SUGGESTED, self.num_virtual_allowed)


def is_recent(progress: RoundProgress, now: datetime) -> bool:
    shown_for = INCOMPLETE_SHOWN_FOR if progress.num_waiting else COMPLETE_SHOWN_FOR
    return now - progress.last_at < shown_for
