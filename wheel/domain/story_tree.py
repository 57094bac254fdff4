"""The tree of the stories of a class: a trie of token ids after one prompt, and its folded view.

Nodes are made when they are asked for, so the rest of a story that one member has alone costs
nothing. Nodes are named by a member and a depth, without tokens.
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


@dataclass(frozen=True, slots=True)
class NodeName:
    """The name of a node: a member whose story goes through it, and its depth."""

    member_id: int
    depth: int


@dataclass(frozen=True, eq=False)
class StoryNode:
    """The tokens up to one depth, and the stories that begin with them.

    depth    the number of chosen tokens; 0 for the root, which is the prompt
    stories  by ascending member id; empty only for the root of a class without members
    """

    depth: int
    stories: tuple[MemberStory, ...]

    # properties: token_id (None at the root), steps (the records of the token), member_ids,
    # num_members, name, children, ended_ids, prob_range, raw_prob_range


@dataclass(frozen=True, eq=False)
class Stub:
    """Stories that go on alone after a fork, each along a branch of a single member.

    nodes: the first node of each, ordered as children
    """

    nodes: tuple[StoryNode, ...]

    # properties: member_ids, num_stories, num_tokens (of all of them together)


@dataclass(frozen=True, eq=False)
class Branch:
    """A run of tokens that the same members took: from after `start_depth` to `end`.

    children: the branches after its end, ordered as the children of its end
    stub:     the folded ones of them; None if there are none
    """

    start_depth: int
    end: StoryNode
    children: tuple["Branch", ...]
    stub: Stub | None

    # properties: steps (of the first member), num_tokens, num_members, member_ids, nodes


def story_tree(stories: Iterable[MemberStory]) -> StoryNode:
    """The root of the tree. Member ids are distinct; all stories begin at one prompt."""
    raise NotImplementedError


def find_node(root: StoryNode, name: NodeName) -> StoryNode | None:
    """The node of this name below `root`; None if the member or its token is not there (any more)."""
    raise NotImplementedError


def folded(
    root: StoryNode, *, followed_id: int | None = None, is_unfolded: bool = False
) -> Branch:
    """The tree below `root`, with runs merged and the branches of single members folded.

    followed_id: a member whose story is not folded
    is_unfolded: fold no branch
    """
    raise NotImplementedError
