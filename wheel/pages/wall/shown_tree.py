"""The part of the tree of stories that is drawn: as many branches as a reader can take in.

Branches of many members come first. At a fork, those that are left out are counted as one stub, and
so are the stories that go on alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from wheel.domain.folded_tree import Branch

MAX_ROWS = 28
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
    growth = Growth(hidden_ids, followed_id, max_rows)
    shown_root = growth.show(root)
    growth.run()
    for shown in preorder(shown_root):
        place = {branch: idx for idx, branch in enumerate(shown.branch.children)}
        shown.children.sort(key=lambda child: place[child.branch])
    return shown_root


@dataclass
class Growth:
    """Adds branches to the tree, the largest first, as long as there is room.

    num_rows  of the branches and stubs that are drawn
    num_open  the number of branches of which some that follow are not drawn (yet): each of them
              may need one more row, for the stub that counts these
    """

    hidden_ids: frozenset[int]
    followed_id: int | None
    max_rows: int
    num_rows: int = 0
    num_open: int = 0
    num_branches: int = 0
    waiting: list[tuple[bool, int, int, ShownBranch, Branch]] = field(default_factory=list)
    order: Iterator[int] = field(default_factory=count)

    def run(self) -> None:
        while self.waiting:
            is_other, _, _, parent, branch = heappop(self.waiting)
            if is_other and not self.has_room(parent, branch):
                parent.cut.append(branch)
            else:
                parent.children.append(self.show(branch, parent))

    def show(self, branch: Branch, parent: ShownBranch | None = None) -> ShownBranch:
        shown = ShownBranch(branch, num_hidden_after(branch, self.hidden_ids))
        self.num_rows += rows_added(parent, shown)
        self.num_open += bool(branch.children) - is_last(parent)
        self.num_branches += 1
        for child in branch.children:
            is_followed = self.followed_id in child.end.member_ids
            entry = (not is_followed, -child.num_members, next(self.order), shown, child)
            heappush(self.waiting, entry)
        return shown

    def has_room(self, parent: ShownBranch, branch: Branch) -> bool:
        shown = ShownBranch(branch, num_hidden_after(branch, self.hidden_ids))
        num_rows = self.num_rows + rows_added(parent, shown)
        num_open = self.num_open + bool(branch.children) - is_last(parent)
        return num_rows + num_open <= self.max_rows and self.num_branches < MAX_BRANCHES


def rows_added(parent: ShownBranch | None, shown: ShownBranch) -> int:
    """The first branch or stub after another one is in the same row."""
    has_own_row = parent is None or parent.children or parent.num_leaves
    return bool(has_own_row) + max(0, shown.num_leaves - 1)


def is_last(parent: ShownBranch | None) -> bool:
    """Whether only one of the branches that follow is not drawn."""
    return parent is not None and len(parent.children) == len(parent.branch.children) - 1


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
