"""The words and links of the boxes of a class's tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from wheel.domain.folded_tree import Stub
from wheel.domain.story_tree import NodeName, StoryNode
from wheel.domain.token import Token
from wheel.models import Classroom
from wheel.pages.drawing.branch_paths import stroke_width
from wheel.pages.drawing.tidy_tree import TreeBox
from wheel.pages.drawing.tree_boxes import NARROWEST, WIDEST, BoxWords, Kind, box_of
from wheel.pages.drawing.tree_lines import in_lines, in_words, spoken_run
from wheel.pages.wall.keys import key_of
from wheel.pages.wall.shown_tree import ShownBranch, preorder
from wheel.pages.wall.tree_words import (
    alone_words,
    here_words,
    hidden_words,
    joined,
    model_words,
    more_tokens_words,
    more_words,
    share_words,
    stories_words,
)
from wheel.pages.wall.view_state import ViewState
from wheel.services.classrooms import Beginning

LINE_WIDTH_EM, FOLLOWED_LINE_WIDTH_EM, PROMPT_WIDTH_EM = 15.0, 24.0, 12.0
MAX_LINES, MAX_LONE_LINES, MAX_FOLLOWED_LINES, MAX_PROMPT_LINES = 6, 2, 30, 4
STUB_WIDTH_EM, MAX_STUB_LINES = 24.0, 3
STUB_GAP = "\u2002\u2009"  # between tokens that do not follow each other
MAX_STRANDS = 20


@dataclass(frozen=True)
class BoxMaker:
    """The boxes of one drawing.

    start          the text before the tree that is drawn
    num_all        the number of stories that the whole tree has
    chosen_key     of the beginning whose wheel is shown
    hues           of its segments, by token id
    known_keys     of the nodes that have been drawn
    """

    classroom: Classroom
    prompt: Beginning
    start: str
    view: ViewState
    num_all: int
    chosen_key: str
    hues: Mapping[int, int | None]
    known_keys: dict[NodeName | None, str] = field(default_factory=dict)

    def boxes(self, root: ShownBranch) -> TreeBox[BoxWords]:
        boxes: dict[ShownBranch, TreeBox[BoxWords]] = {}
        parents = {child: shown for shown in preorder(root) for child in shown.children}
        for shown in reversed(preorder(root)):  # children before their parents
            words = self.branch(shown, parents[shown]) if shown in parents else self.root(shown)
            children = [boxes[child] for child in shown.children]
            leaves = [box_of(leaf) for leaf in self.leaves(shown, words)]
            boxes[shown] = box_of(words, [*children, *leaves])
        return boxes[root]

    def root(self, shown: ShownBranch) -> BoxWords:
        node = shown.branch.end
        return replace(
            self.plain(node, Kind.ROOT),
            lines=tuple(in_words(self.start, PROMPT_WIDTH_EM, MAX_PROMPT_LINES)),
            caption=joined([stories_words(node.num_members), self.here(shown)]),
        )

    def branch(self, shown: ShownBranch, parent: ShownBranch) -> BoxWords:
        branch, node = shown.branch, shown.branch.end
        tokens = self.tokens(shown)
        words = self.plain(node, Kind.BRANCH)
        is_lone = node.num_members == 1
        line_width = FOLLOWED_LINE_WIDTH_EM if words.is_followed else LINE_WIDTH_EM
        max_lines = MAX_LONE_LINES if is_lone else MAX_LINES
        max_lines = MAX_FOLLOWED_LINES if words.is_followed else max_lines
        lines, num_left_out = in_lines(tokens, line_width, max_lines)
        first = branch.first
        return replace(
            words,
            key=self.key(first),
            lines=tuple(lines),
            spoken=spoken_run(tokens[: len(tokens) - num_left_out]),
            caption=joined(
                [
                    self.who(node, parent),
                    model_words(first.prob_range),
                    more_tokens_words(num_left_out) if num_left_out else "",
                    self.here(shown),
                ]
            ),
            fork_query=words.fork_query if words.is_fork else "",
            zoom_query=(
                replace(self.view, root=self.name(node)).query if shown.branch.children else ""
            ),
            follow_query=self.follow(node) if is_lone else "",
            hues=(self.hue(first),) if self.key(parent.branch.end) == self.chosen_key else (None,),
        )

    def plain(self, node: StoryNode, kind: Kind) -> BoxWords:
        """The box of a node without words."""
        name = self.name(node)
        fork = name if node.depth else None
        return BoxWords(
            kind=kind,
            key=self.key(node),
            lines=("",),
            caption="",
            num_members=node.num_members,
            stroke=self.stroke(node.num_members),
            fork_query=replace(self.view, fork=fork).query if fork or not node.depth else "",
            is_fork=node.num_members != 1 or not node.depth,
            is_chosen=self.key(node) == self.chosen_key,
            is_followed=self.view.follow in node.member_ids,
        )

    def leaves(self, shown: ShownBranch, fork: BoxWords) -> list[BoxWords]:
        """The stubs after a fork."""
        node = shown.branch.end
        leaf = BoxWords(Kind.ALONE, fork.key, ("",), "", 0, 0.0)
        zoom = replace(self.view, root=self.name(node))
        leaves = []
        if shown.branch.stub:
            leaves.append(
                replace(
                    leaf,
                    lines=(
                        alone_words(shown.num_alone),
                        *self.first_tokens(shown.branch.stub.nodes, MAX_STUB_LINES),
                    ),
                    num_members=shown.num_alone,
                    hues=self.strand_hues(shown.branch.stub, is_chosen=fork.is_chosen),
                    zoom_query=replace(zoom, is_unfolded=True).query,
                )
            )
        if shown.num_hidden:
            leaves.append(
                replace(
                    leaf,
                    kind=Kind.HIDDEN,
                    lines=(hidden_words(shown.num_hidden),),
                    num_members=shown.num_hidden,
                )
            )
        if shown.cut:
            is_root = zoom == self.view
            leaves.append(
                replace(
                    leaf,
                    kind=Kind.MORE,
                    lines=(
                        more_words(len(shown.cut), shown.num_cut_members),
                        *self.first_tokens([branch.first for branch in shown.cut], 1),
                    ),
                    num_members=shown.num_cut_members,
                    hues=(None,) * min(shown.num_cut_members, MAX_STRANDS),
                    zoom_query="" if is_root else zoom.query,
                )
            )
        return [
            replace(leaf, key=f"{leaf.key}-{leaf.kind}", stroke=self.stroke(leaf.num_members))
            for leaf in leaves
        ]

    def who(self, node: StoryNode, parent: ShownBranch) -> str:
        """The members of a branch: their share, or the name of a single one."""
        end = parent.branch.end
        num_going_on = end.num_members - len(end.ended_ids) + parent.num_hidden
        share = share_words(node.num_members, num_going_on)
        if node.num_members > 1 or self.classroom.hides_names:
            return share
        return joined([self.pseudonyms[node.stories[0].member_id], share])

    def here(self, shown: ShownBranch) -> str:
        """The members that stand at the end of a branch, if others go on from there."""
        num_here = len(shown.branch.end.ended_ids) - shown.num_hidden
        goes_on = shown.branch.children or shown.num_leaves
        return here_words(num_here) if num_here and goes_on else ""

    def first_tokens(self, nodes: Sequence[StoryNode], max_lines: int) -> list[str]:
        """Those of stories that are not drawn, in lines; none in a class whose stories are
        blurred."""
        if self.classroom.blurs_stories:
            return []
        first = [self.token(node) for node in nodes]
        return in_lines(first, STUB_WIDTH_EM, max_lines, STUB_GAP)[0]

    def strand_hues(self, stub: Stub, *, is_chosen: bool) -> tuple[int | None, ...]:
        """One for each story; if there are too many, for some at equal distances."""
        num = min(stub.num_members, MAX_STRANDS)
        drawn = [stub.nodes[idx * stub.num_members // num] for idx in range(num)]
        return tuple(self.hue(node) if is_chosen else None for node in drawn)

    def hue(self, node: StoryNode) -> int | None:
        return self.hues.get(self.token(node).token_id)

    def tokens(self, shown: ShownBranch) -> list[Token]:
        return [self.prompt.tokenizer.tokens[step.token_id] for step in shown.branch.steps]

    def token(self, node: StoryNode) -> Token:
        assert node.token_id is not None
        return self.prompt.tokenizer.tokens[node.token_id]

    def stroke(self, num_members: int) -> float:
        return stroke_width(num_members, self.num_all, widest=WIDEST, narrowest=NARROWEST)

    def follow(self, node: StoryNode) -> str:
        return replace(self.view, follow=node.stories[0].member_id).query

    def key(self, node: StoryNode) -> str:
        if not node.stories:
            return key_of(self.prompt.token_ids)
        name = node.name
        if name not in self.known_keys:
            chosen = node.stories[0].token_ids[: node.depth]
            self.known_keys[name] = key_of((*self.prompt.token_ids, *chosen))
        return self.known_keys[name]

    def name(self, node: StoryNode) -> NodeName | None:
        """By a visible member, since a hidden one names no node; None without one."""
        visible = (one for one in node.member_ids if one not in self.hidden_member_ids)
        member_id = next(visible, None)
        return None if member_id is None else NodeName(member_id, node.depth)

    @cached_property
    def pseudonyms(self) -> Mapping[int, str]:
        return {story.member.pk: story.member.pseudonym for story in self.prompt.stories}

    @cached_property
    def hidden_member_ids(self) -> frozenset[int]:
        return frozenset(story.member.pk for story in self.prompt.stories if story.member.is_hidden)
