"""The branches of a story in the JSON document of its session.

Of a branch, only the steps are stored that the ways before it do not have: `num_own` steps after
the first `num_shared` of the way number `source_idx`. The first way is the story's own; the others
are the branches in their order. The steps of all are together in one set of columns.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from wheel.domain.story_branches import (
    NO_BRANCHES,
    Steps,
    StoryBranch,
    StoryBranches,
    shared_beginnings,
)
from wheel.domain.wheel_session import WheelSession
from wheel.domain.wheel_settings import WheelSettings
from wheel.sessions.columns import chosen_from_columns, columns_of

COUNTS = ("current_number", "last_number", "forgotten_len")


def branches_to_json(
    session: WheelSession, index_by_settings: dict[WheelSettings, int]
) -> dict[str, Any] | None:
    """None for a story that never parted, as in most sessions."""
    branches = session.branches
    if branches == NO_BRANCHES:
        return None
    ways = [session.way, *(branch.steps for branch in branches.left)]
    shared = shared_beginnings(ways)
    own = [way[one.num_steps :] for way, one in zip(ways[1:], shared, strict=True)]
    rows = [
        {
            "number": branch.number,
            "source_idx": beginning.source_idx,
            "num_shared": beginning.num_steps,
            "num_own": len(steps),
        }
        for branch, beginning, steps in zip(branches.left, shared, own, strict=True)
    ]
    steps = columns_of([step for way in own for step in way], index_by_settings)
    counts = {name: getattr(branches, name) for name in COUNTS}
    return counts | {"left": rows, "steps": steps}


def branches_from_json(
    stored: dict[str, Any] | None, history: Steps, undone: Steps, wheels: Sequence[WheelSettings]
) -> StoryBranches:
    if stored is None:
        return NO_BRANCHES
    steps = iter(chosen_from_columns(stored["steps"], wheels))
    ways = [(*history, *reversed(undone))]
    for row in stored["left"]:
        shared = ways[row["source_idx"]][: row["num_shared"]]
        ways.append((*shared, *islice(steps, row["num_own"])))
    left = [
        StoryBranch(row["number"], steps)
        for row, steps in zip(stored["left"], ways[1:], strict=True)
    ]
    return StoryBranches(tuple(left), **{name: stored[name] for name in COUNTS})
