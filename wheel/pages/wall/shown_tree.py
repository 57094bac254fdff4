"""The part of the tree of stories that is drawn: as many branches as a reader can take in.

Branches of many members come first. At a fork, those that are left out are counted as one stub, and
so are the stories that go on alone.
"""

from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from wheel.domain.folded_tree import Branch

MAX_ROWS = 26
MAX_UNFOLDED_ROWS = 150
MAX_BRANCHES = 180


@dataclass(eq=False)
class ShownBranch:
    """A branch with those after it that are drawn, in the order of the tree.

    num_hidden     the number of hidden stories that go on here, with tokens that are not shown
    cut            branches after it that are not drawn
    """

    branch: Branch
    num_hidden: int
    children: list["ShownBranch"] = field(default_factory=list)
    cut: list[Branch] = field(default_factory=list)

    @property
    def num_alone(self) -> int:
        """The number of stories that go on alone and are folded."""
        return self.branch.stub.num_members if self.branch.stub else 0

    @property
    def num_cut_members(self) -> int:
        return sum(branch.num_members for branch in self.cut)

    @property
    def num_leaves(self) -> int:
        """The number of its own leaves beside the branches."""
        return bool(self.num_alone) + bool(self.num_hidden) + bool(self.cut)


def shown_tree(
    root: Branch, hidden_ids: frozenset[int], *, followed_id: int | None, max_rows: int
) -> ShownBranch:
    """The root, with the branches that have room in `max_rows` rows. The branches of the followed
    member are always drawn. hidden_ids: the members whose stories go on unseen after their end."""
    shown_root = ShownBranch(root, num_hidden_after(root, hidden_ids))
    order = count()
    waiting: list[tuple[bool, int, int, ShownBranch, Branch]] = []

    def add_children(parent: ShownBranch) -> None:
        for branch in parent.branch.children:
            is_followed = followed_id in branch.end.member_ids
            entry = (not is_followed, -branch.num_members, next(order), parent, branch)
            heappush(waiting, entry)

    num_rows, num_branches = max(1, shown_root.num_leaves), 1
    add_children(shown_root)
    while waiting:
        is_other, _, _, parent, branch = heappop(waiting)
        shown = ShownBranch(branch, num_hidden_after(branch, hidden_ids))
        has_own_row = bool(parent.children or parent.num_leaves)
        num_added = has_own_row + max(0, shown.num_leaves - 1)
        is_full = num_rows + num_added > max_rows or num_branches >= MAX_BRANCHES
        if is_other and is_full:
            num_rows += not parent.cut and has_own_row
            parent.cut.append(branch)
            continue
        num_rows, num_branches = num_rows + num_added, num_branches + 1
        parent.children.append(shown)
        add_children(shown)
    for shown in preorder(shown_root):
        place = {branch: idx for idx, branch in enumerate(shown.branch.children)}
        shown.children.sort(key=lambda child: place[child.branch])
    return shown_root


def preorder(root: ShownBranch) -> list[ShownBranch]:
    """All branches, each before those after it."""
    found, waiting = [], [root]
    while waiting:
        shown = waiting.pop()
        found.append(shown)
        waiting.extend(reversed(shown.children))
    return found


def num_hidden_after(branch: Branch, hidden_ids: frozenset[int]) -> int:
    return sum(member_id in hidden_ids for member_id in branch.end.ended_ids)
