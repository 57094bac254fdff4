"""The branches of one story as a tree: the drawing of the wall, with one story for each branch."""

from collections import deque
from dataclasses import dataclass

from django.utils.translation import gettext as _

from wheel.domain.folded_tree import Branch, folded_tree
from wheel.domain.story_tree import MemberStory, StoryNode, story_tree
from wheel.pages.branches.words import (
    bits_words,
    branch_name,
    branches_words,
    ending_of,
    tokens_words,
    total_bits,
)
from wheel.pages.drawing.branch_paths import stroke_width
from wheel.pages.drawing.tidy_tree import TreeBox, tidy_layout
from wheel.pages.drawing.tree_boxes import BoxWords, Kind, box_of
from wheel.pages.drawing.tree_lines import in_lines, in_words, spoken_run
from wheel.pages.drawing.tree_picture import GAP_X, GAP_Y, TreeDrawing
from wheel.services import BranchList

LINE_WIDTH_EM, CURRENT_LINE_WIDTH_EM, PROMPT_WIDTH_EM = 15.0, 24.0, 12.0
MAX_LINES, MAX_CURRENT_LINES, MAX_PROMPT_LINES = 3, 8, 4
WIDEST, NARROWEST = 10.0, 2.5


@dataclass(frozen=True)
class BranchBox(BoxWords):
    """A box at the end of a branch. number: None for a box that several branches go through."""

    number: int | None = None

    @property
    def name(self) -> str:
        return "" if self.number is None else branch_name(self.number)


def branch_tree(branches: BranchList) -> TreeDrawing:
    """The tree of a story that has parted. The way that the text is on is marked."""
    root = story_tree(MemberStory(view.number, view.branch.steps) for view in branches.branches)
    folded = folded_tree(root, is_unfolded=True)
    if folded.num_tokens:  # all branches begin with the same tokens: the root has a box of its own
        folded = Branch(0, root, (folded,), None)
    boxes = BoxMaker(branches).boxes(folded)
    return TreeDrawing(tidy_layout(boxes, gap_x=GAP_X, gap_y=GAP_Y))


@dataclass(frozen=True)
class BoxMaker:
    branches: BranchList

    @property
    def current_number(self) -> int:
        return self.branches.state.session.branches.current_number

    def boxes(self, root: Branch) -> TreeBox[BoxWords]:
        ordered = level_order(root)
        boxes: dict[Branch, TreeBox[BoxWords]] = {}
        for branch in reversed(ordered):  # children before their parents
            words = self.root(branch) if branch is root else self.branch(branch)
            boxes[branch] = box_of(words, [boxes[child] for child in branch.children])
        return boxes[root]

    def root(self, branch: Branch) -> BranchBox:
        state = self.branches.state
        prompt = [state.token(token_id) for token_id in state.session.prompt_token_ids]
        return self.box(
            branch.end,
            Kind.ROOT,
            lines=in_words(ending_of(prompt), PROMPT_WIDTH_EM, MAX_PROMPT_LINES),
            caption=branches_words(branch.num_members),
        )

    def branch(self, branch: Branch) -> BranchBox:
        tokens = [self.branches.state.token(step.token_id) for step in branch.steps]
        is_current = self.is_current(branch.end)
        lines, num_left_out = in_lines(
            tokens,
            CURRENT_LINE_WIDTH_EM if is_current else LINE_WIDTH_EM,
            MAX_CURRENT_LINES if is_current else MAX_LINES,
        )
        return self.box(
            branch.end,
            Kind.BRANCH,
            lines=lines,
            caption=self.caption(branch),
            spoken=spoken_run(tokens[: len(tokens) - num_left_out]),
        )

    def box(
        self, node: StoryNode, kind: Kind, *, lines: list[str], caption: str, spoken: str = ""
    ) -> BranchBox:
        (number, *others) = node.member_ids
        return BranchBox(
            kind=kind,
            key=f"{number}.{node.depth}",
            lines=tuple(lines),
            caption=caption,
            num_members=node.num_members,
            stroke=self.stroke(node),
            spoken=spoken,
            is_followed=self.is_current(node),
            number=None if others or kind == Kind.ROOT else number,
        )

    def caption(self, branch: Branch) -> str:
        """Branch 2 · 5 tokens, 12.3 bits"""
        figures = f"{tokens_words(branch.num_tokens)}, {bits_words(total_bits(branch.steps))}"
        is_lone = branch.num_members == 1
        name = (
            branch_name(branch.end.member_ids[0]) if is_lone else branches_words(branch.num_members)
        )
        is_end = self.current_number in branch.end.ended_ids
        return " · ".join([name, figures, *([_("your text")] if is_end else [])])

    def is_current(self, node: StoryNode) -> bool:
        return self.current_number in node.member_ids

    def stroke(self, node: StoryNode) -> float:
        num_all = len(self.branches.branches)
        return stroke_width(node.num_members, num_all, widest=WIDEST, narrowest=NARROWEST)


def level_order(root: Branch) -> list[Branch]:
    found, waiting = [], deque([root])
    while waiting:
        branch = waiting.popleft()
        found.append(branch)
        waiting.extend(branch.children)
    return found
