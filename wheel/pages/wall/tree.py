"""The tree of the stories of a class, as a picture and as a nested list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from wheel.domain.folded_tree import Branch, folded_tree
from wheel.domain.story_tree import StoryNode, find_node
from wheel.errors import TokenWheelError
from wheel.models import Classroom
from wheel.pages.drawing.tidy_tree import tidy_layout
from wheel.pages.drawing.tree_picture import GAP_X, GAP_Y, TreeDrawing
from wheel.pages.wall.beginning_text import beginning_text
from wheel.pages.wall.keys import key_of
from wheel.pages.wall.pooled_wheel import PooledWheel
from wheel.pages.wall.shown_tree import MAX_ROWS, MAX_UNFOLDED_ROWS, ShownBranch, shown_tree
from wheel.pages.wall.tree_boxes import BoxMaker
from wheel.pages.wall.tree_stories import TreeStories
from wheel.pages.wall.view_state import ViewState
from wheel.services.classrooms import Beginning, Story, find_beginning

MAX_PROMPT_LEN = 60


@dataclass(frozen=True)
class TreePicture(TreeDrawing):
    """The tree of stories.

    num_elsewhere   the number of stories that begin with another text
    followed        the name of the member whose story is followed; empty without one
    """

    view: ViewState
    num_members: int
    num_elsewhere: int
    is_zoomed: bool
    followed: str

    @property
    def place(self) -> str:
        view = self.view
        return f"{super().place}-{view.follow or ''}-{view.is_unfolded:d}"

    @property
    def whole_query(self) -> str:
        return replace(self.view, root=None).query

    @property
    def unfold_query(self) -> str:
        return replace(self.view, is_unfolded=not self.view.is_unfolded).query

    @property
    def unfollow_query(self) -> str:
        return replace(self.view, follow=None).query


def build_tree(
    classroom: Classroom,
    stories: Sequence[Story],
    view: ViewState,
    pooled: PooledWheel | None = None,
) -> TreePicture | None:
    """The tree of the stories that begin with the prompt of the class, or of the half of it that
    the view shows. None if the class has no text yet, or if its model is not available. pooled: the
    wheel whose hues the branches after its place have."""
    try:
        prompt = find_beginning(classroom, stories, half=view.half)
    except TokenWheelError:
        return None
    if prompt is None:
        return None
    tree = TreeStories.of(prompt)
    zoomed = find_node(tree.root, view.root) if view.root and view.root.depth else None
    root = zoomed or tree.root
    shown = shown_branches(root, tree, view)
    has_wheel = pooled is not None and pooled.view is not None
    chosen = pooled.beginning if pooled else None
    maker = BoxMaker(
        classroom,
        prompt,
        start_text(prompt, root),
        view,
        num_all=root.num_members,
        chosen_key=key_of(chosen.token_ids) if chosen else "",
        hues=pooled.hue_by_token_id if pooled and has_wheel else {},
    )
    followed = [story.member for story in stories if story.member.pk == view.follow]
    return TreePicture(
        view=view,
        layout=tidy_layout(maker.boxes(shown), gap_x=GAP_X, gap_y=GAP_Y),
        num_members=tree.root.num_members,
        num_elsewhere=len(stories) - tree.root.num_members,
        is_zoomed=zoomed is not None,
        followed=_("one story")
        if followed and classroom.hides_names
        else "".join(map(str, followed)),
    )


def shown_branches(root: StoryNode, tree: TreeStories, view: ViewState) -> ShownBranch:
    folded = folded_tree(root, followed_id=view.follow, is_unfolded=view.is_unfolded)
    if folded.num_tokens:  # all stories go on with the same tokens: the root is a branch of its own
        folded = Branch(root.depth, root, (folded,), None)
    max_rows = MAX_UNFOLDED_ROWS if view.is_unfolded else MAX_ROWS
    return shown_tree(folded, tree.hidden_ids, followed_id=view.follow, max_rows=max_rows)


def start_text(prompt: Beginning, root: StoryNode) -> str:
    """The end of the text up to the root of the tree that is drawn."""
    chosen = root.stories[0].token_ids[: root.depth] if root.stories else ()
    return beginning_text(replace(prompt, token_ids=(*prompt.token_ids, *chosen)), MAX_PROMPT_LEN)
