"""The branches of a story: the ways that it took after one prompt and that were left again.

A way is left when another token is added after some were removed. Ways are told apart by their
texts: one whose tokens are a beginning of another way is no branch of its own, since a rewind
leads to its end. Of the ways that are kept, none is a beginning of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from wheel.domain.chosen_token import ChosenToken
from wheel.errors import BranchNotFoundError

MAX_LEFT_BRANCHES = 30
MAX_LEFT_STEPS = 2_000

Steps = tuple[ChosenToken, ...]


@dataclass(frozen=True, slots=True)
class StoryBranch:
    """A way from the prompt to its end.

    number  from 1, in the order in which the ways parted; the story keeps it when it comes back
    """

    number: int
    steps: Steps


@dataclass(frozen=True, slots=True)
class SharedBeginning:
    """The first `num_steps` steps of a way are those of the way number `source_idx`."""

    source_idx: int
    num_steps: int


@dataclass(frozen=True, slots=True)
class StoryBranches:
    """The branches of one story.

    left            the ways that were left, the one that was left first at the beginning
    current_number  of the way that the story is on
    last_number     the highest number that a way has had
    forgotten_len   the number of steps of the longest way that was dropped by the limits
    """

    left: tuple[StoryBranch, ...] = ()
    current_number: int = 1
    last_number: int = 1
    forgotten_len: int = 0

    def find(self, number: int) -> StoryBranch:
        """One that was left. Raises `BranchNotFoundError`."""
        for branch in self.left:
            if branch.number == number:
                return branch
        raise BranchNotFoundError(number)

    def may_go_on_after(self, steps: Sequence[ChosenToken]) -> bool:
        """Whether a way that was left has, or may have had, a token after this beginning."""
        return len(steps) < self.forgotten_len or any(
            len(branch.steps) > len(steps) and begins_with(branch.steps, steps)
            for branch in self.left
        )

    def parted(self, old: Steps, new: Steps) -> Self:
        """The branches when the story, whose way was `old`, has taken the way `new`."""
        others = self._apart_from(new)
        if is_beginning(old, [new, *(branch.steps for branch in others)]):
            return self if others == self.left else replace(self, left=others)
        more = replace(
            self,
            left=(*others, StoryBranch(self.current_number, old)),
            current_number=self.last_number + 1,
            last_number=self.last_number + 1,
        )
        return more.within_limits(new)

    def restored(self, branch: StoryBranch, old: Steps) -> Self:
        """The branches when the story, whose way was `old`, has gone back to a branch."""
        others = self._apart_from(branch.steps)
        is_kept = not is_beginning(old, [branch.steps, *(other.steps for other in others)])
        left = (*others, StoryBranch(self.current_number, old)) if is_kept else others
        back = replace(self, left=left, current_number=branch.number)
        return back.within_limits(branch.steps)

    def within_limits(self, current: Steps) -> Self:
        """Without the first ones if there are too many. current: the story's own way."""
        left, forgotten_len = self.left, self.forgotten_len
        while len(left) > MAX_LEFT_BRANCHES or num_left_steps(current, left) > MAX_LEFT_STEPS:
            forgotten_len = max(forgotten_len, len(left[0].steps))
            left = left[1:]
        return replace(self, left=left, forgotten_len=forgotten_len)

    def _apart_from(self, way: Steps) -> tuple[StoryBranch, ...]:
        """Those that are no beginning of this way."""
        return tuple(branch for branch in self.left if not begins_with(way, branch.steps))


NO_BRANCHES = StoryBranches()


def begins_with(way: Sequence[ChosenToken], beginning: Sequence[ChosenToken]) -> bool:
    """Whether the tokens are the same; their records may differ. Compared from the end, where ways
    differ."""
    return len(beginning) <= len(way) and all(
        way[idx].token_id == beginning[idx].token_id for idx in reversed(range(len(beginning)))
    )


def is_beginning(steps: Steps, ways: Sequence[Steps]) -> bool:
    return any(begins_with(way, steps) for way in ways)


def num_shared_tokens(first: Sequence[ChosenToken], second: Sequence[ChosenToken]) -> int:
    """How many tokens two ways have in common from the prompt on; their records may differ."""
    pairs = enumerate(zip(first, second, strict=False))
    parting = (idx for idx, (one, other) in pairs if one.token_id != other.token_id)
    return next(parting, min(len(first), len(second)))


def num_shared_steps(first: Sequence[ChosenToken], second: Sequence[ChosenToken]) -> int:
    """How many steps two ways have in common, with equal records."""
    pairs = enumerate(zip(first, second, strict=False))
    parting = (idx for idx, (one, other) in pairs if one is not other and one != other)
    return next(parting, min(len(first), len(second)))


def shared_beginnings(ways: Sequence[Steps]) -> list[SharedBeginning]:
    """For each way but the first, what it shares with the earlier way that it shares most with."""
    return [longest_beginning(way, ways[:idx]) for idx, way in enumerate(ways[1:], start=1)]


def longest_beginning(way: Steps, earlier: Sequence[Steps]) -> SharedBeginning:
    found = SharedBeginning(0, num_shared_steps(way, earlier[0]))
    for idx, other in enumerate(earlier[1:], start=1):
        num_steps = found.num_steps
        # A way that shares more has this step too. Most ways are ruled out by it.
        if num_steps < min(len(way), len(other)) and way[num_steps] == other[num_steps]:
            found = SharedBeginning(idx, num_shared_steps(way, other))
    return found


def num_left_steps(current: Steps, left: Sequence[StoryBranch]) -> int:
    """The number of steps that are on branches alone, each counted once."""
    ways = [current, *(branch.steps for branch in left)]
    shared = shared_beginnings(ways)
    return sum(
        len(way) - beginning.num_steps for way, beginning in zip(ways[1:], shared, strict=True)
    )
