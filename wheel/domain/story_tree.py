"""The tree of the stories of a class: a trie of token ids after one prompt.

A node finds its children when they are asked for, so that the part of a story that one member has
alone costs nothing. Nodes are named by a member and a depth, without tokens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from wheel.domain.wheel_session import ChosenToken


@dataclass(frozen=True, eq=False)
class MemberStory:
    """The tokens that a member chose after the prompt."""

    member_id: int
    steps: tuple[ChosenToken, ...]

    @cached_property
    def token_ids(self) -> tuple[int, ...]:
        return tuple(step.token_id for step in self.steps)


@dataclass(frozen=True, slots=True)
class NodeName:
    """The name of a node: a member whose story goes through it, and its depth."""

    member_id: int
    depth: int


@dataclass(frozen=True, slots=True)
class ProbRange:
    """The smallest and the largest of the recorded probabilities of one token: equal if all
    members had the same settings."""

    lowest: float
    highest: float


@dataclass(frozen=True, eq=False)
class StoryNode:
    """A beginning that at least one story has: its last token, and the stories with it.

    depth    its number of chosen tokens; 0 for the root, which is the prompt
    stories  by ascending member id; empty only for the root of a class without members
    """

    depth: int
    stories: tuple[MemberStory, ...]

    @property
    def num_members(self) -> int:
        return len(self.stories)

    @property
    def member_ids(self) -> tuple[int, ...]:
        return tuple(story.member_id for story in self.stories)

    @property
    def name(self) -> NodeName | None:
        """The name by the member with the smallest id; None without members."""
        return NodeName(self.stories[0].member_id, self.depth) if self.stories else None

    @property
    def token_id(self) -> int | None:
        """None for the root."""
        return self.stories[0].token_ids[self.depth - 1] if self.depth else None

    @property
    def steps(self) -> tuple[ChosenToken, ...]:
        """The record of the token in each story; empty for the root."""
        return tuple(story.steps[self.depth - 1] for story in self.stories) if self.depth else ()

    @cached_property
    def prob_range(self) -> ProbRange | None:
        """The token's `prob` in the records; None for the root."""
        return range_of(step.prob for step in self.steps)

    @cached_property
    def raw_prob_range(self) -> ProbRange | None:
        """The token's `raw_prob` in the records; None for the root, and if no record has one."""
        return range_of(step.raw_prob for step in self.steps if step.raw_prob is not None)

    @cached_property
    def ended_ids(self) -> tuple[int, ...]:
        """The ids of the members whose story ends here."""
        return tuple(story.member_id for story in self.stories if len(story.steps) == self.depth)

    @cached_property
    def children(self) -> tuple["StoryNode", ...]:
        """The next tokens: by descending number of members, then by descending probability (the
        highest recorded), then by token id."""
        by_token: dict[int, list[MemberStory]] = {}
        for story in self.stories:
            if len(story.steps) > self.depth:
                by_token.setdefault(story.token_ids[self.depth], []).append(story)
        nodes = [StoryNode(self.depth + 1, tuple(stories)) for stories in by_token.values()]
        return tuple(sorted(nodes, key=child_order)) if len(nodes) > 1 else tuple(nodes)

    @property
    def is_fork(self) -> bool:
        """Whether its stories do not all go on, or not all with the same token."""
        return len(self.children) != 1 or bool(self.ended_ids)


def story_tree(stories: Iterable[MemberStory]) -> StoryNode:
    """The root of the tree. All stories begin at the same prompt; member ids are distinct."""
    return StoryNode(0, tuple(sorted(stories, key=lambda story: story.member_id)))


def find_node(root: StoryNode, name: NodeName) -> StoryNode | None:
    """The node of this name, from `root` on; None if the story is not there or is shorter."""
    story = next((story for story in root.stories if story.member_id == name.member_id), None)
    if story is None or not root.depth <= name.depth <= len(story.steps):
        return None
    beginning = story.token_ids[: name.depth]
    return StoryNode(
        name.depth,
        tuple(other for other in root.stories if other.token_ids[: name.depth] == beginning),
    )


def child_order(node: StoryNode) -> tuple[int, float, int | None]:
    highest = node.prob_range.highest if node.prob_range else 0.0
    return -node.num_members, -highest, node.token_id


def range_of(probs: Iterable[float]) -> ProbRange | None:
    """None without probabilities."""
    found = list(probs)
    return ProbRange(min(found), max(found)) if found else None
