"""The folded view of the tree of stories: a radix tree, without the branches of single members.

Runs of tokens that the same members took are one branch. The stories that go on alone after a fork
are one stub.
"""

from collections import deque
from dataclasses import dataclass

from wheel.domain.story_tree import StoryNode
from wheel.domain.wheel_session import ChosenToken


@dataclass(frozen=True, eq=False)
class Stub:
    """Stories that go on alone after a fork. nodes: the first node of each, ordered as children."""

    nodes: tuple[StoryNode, ...]

    @property
    def num_members(self) -> int:
        return len(self.nodes)

    @property
    def member_ids(self) -> tuple[int, ...]:
        return tuple(node.stories[0].member_id for node in self.nodes)

    @property
    def num_tokens(self) -> tuple[int, ...]:
        """The number of tokens of each story that are folded."""
        return tuple(len(node.stories[0].steps) - node.depth + 1 for node in self.nodes)


@dataclass(frozen=True, eq=False)
class Branch:
    """A run of tokens that the same members took: those after `start_depth`, up to `end`.

    end       the last node of the run; its stories take different ways, or some of them end
    children  the branches after it, ordered as the children of `end`
    stub      the folded ones; None if there are none
    """

    start_depth: int
    end: StoryNode
    children: tuple["Branch", ...]
    stub: Stub | None

    @property
    def num_members(self) -> int:
        return self.end.num_members

    @property
    def num_tokens(self) -> int:
        return self.end.depth - self.start_depth

    @property
    def steps(self) -> tuple[ChosenToken, ...]:
        """The records of its tokens in the story of the first member."""
        if not self.end.stories:
            return ()
        return self.end.stories[0].steps[self.start_depth : self.end.depth]

    @property
    def first(self) -> StoryNode:
        """The node of its first token; `end` if it has no tokens."""
        return StoryNode(min(self.start_depth + 1, self.end.depth), self.end.stories)


def folded_tree(
    root: StoryNode, *, followed_id: int | None = None, is_unfolded: bool = False
) -> Branch:
    """The branch that begins after `root`, which may be any node, with all branches that follow.

    followed_id: the member whose story is never folded
    is_unfolded: fold no story
    """
    # The tree may be as deep as a class is large, so it is built without recursion.
    plans = [plan_branch(root, root.depth, followed_id, is_unfolded=is_unfolded)]
    for plan in plans:  # the list grows meanwhile
        plans.extend(
            plan_branch(node, plan.end.depth, followed_id, is_unfolded=is_unfolded)
            for node in plan.shown
        )
    return assemble(plans)


@dataclass(frozen=True, eq=False)
class BranchPlan:
    """A branch before those that follow it. shown, folded: the children of `end`."""

    start_depth: int
    end: StoryNode
    shown: tuple[StoryNode, ...]
    folded: tuple[StoryNode, ...]


def plan_branch(
    first: StoryNode, start_depth: int, followed_id: int | None, *, is_unfolded: bool
) -> BranchPlan:
    """The branch that goes on through `first`."""

    def is_shown(node: StoryNode) -> bool:
        return is_unfolded or node.num_members > 1 or node.member_ids == (followed_id,)

    end = end_of_run(first)
    return BranchPlan(
        start_depth,
        end,
        shown=tuple(node for node in end.children if is_shown(node)),
        folded=tuple(node for node in end.children if not is_shown(node)),
    )


def end_of_run(node: StoryNode) -> StoryNode:
    """The first fork from `node` on."""
    if node.num_members == 1:
        return StoryNode(len(node.stories[0].steps), node.stories)
    while not node.is_fork:
        node = node.children[0]
    return node


def assemble(plans: list[BranchPlan]) -> Branch:
    """The first of the branches. plans: level by level, each level in the order of the one before
    it. Assembled from the last on, the branches that follow a plan are the oldest ones left."""
    assembled: deque[Branch] = deque()
    for plan in reversed(plans):
        following = [assembled.popleft() for _ in plan.shown]
        stub = Stub(plan.folded) if plan.folded else None
        assembled.append(Branch(plan.start_depth, plan.end, tuple(reversed(following)), stub))
    return assembled.popleft()
