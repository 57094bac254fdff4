"""The layout of trees of boxes, without stories."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.pages.drawing.tidy_tree import PlacedBox, TreeBox, tidy_layout

GAP_X, GAP_Y = 7.0, 3.0
TOLERANCE = 1e-6

sizes = st.integers(1, 40).map(float) | st.floats(0.1, 60)


@st.composite
def trees(draw, max_boxes=60):
    """Trees in which each box may hang under any earlier one."""
    num_boxes = draw(st.integers(1, max_boxes))
    children: list[list[int]] = [[] for _ in range(num_boxes)]
    for idx in range(1, num_boxes):
        children[draw(st.integers(0, idx - 1))].append(idx)
    boxes: dict[int, TreeBox[int]] = {}
    for idx in reversed(range(num_boxes)):
        boxes[idx] = TreeBox(
            idx, draw(sizes), draw(sizes), tuple(boxes[child] for child in children[idx])
        )
    return boxes[0]


def layout_of(tree):
    return tidy_layout(tree, gap_x=GAP_X, gap_y=GAP_Y)


def placed_children(layout):
    """[(placed box, its placed children)]"""
    by_parent: dict[int | None, list[PlacedBox[int]]] = {}
    for placed in layout.boxes:
        by_parent.setdefault(placed.parent_idx, []).append(placed)
    return [(placed, by_parent.get(idx, [])) for idx, placed in enumerate(layout.boxes)]


def mirrored(tree):
    return TreeBox(
        tree.item, tree.width, tree.height, tuple(map(mirrored, reversed(tree.children)))
    )


def naively_packed(tree, x=0.0):
    """[(item, left with the gap, right, middle, half height)] of all boxes, with the root's middle
    at 0: each subtree as high as it can be below all boxes of those before it."""
    right = x + tree.width
    forest: list[tuple[int, float, float, float, float]] = []
    middles = []
    for child in tree.children:
        subtree = naively_packed(child, right + GAP_X)
        offset = max(
            (
                above[3] + above[4] + GAP_Y + below[4] - below[3]
                for above in forest
                for below in subtree
                if above[1] < below[2] and below[1] < above[2]
            ),
            default=0.0,
        )
        middles.append(offset)
        forest += [(*box[:3], box[3] + offset, box[4]) for box in subtree]
    middle = (middles[0] + middles[-1]) / 2 if middles else 0.0
    return [
        (tree.item, x - GAP_X, right, 0.0, tree.height / 2),
        *((*box[:3], box[3] - middle, box[4]) for box in forest),
    ]


def leaf(width, height=10.0):
    return TreeBox(None, width, height)


@given(trees())
def test_boxes_that_are_beside_each_other_are_at_least_the_gap_apart(tree):
    """Each box with the gap before it, so that no curve from a parent crosses another box."""
    boxes = layout_of(tree).boxes
    for idx, one in enumerate(boxes):
        for other in boxes[:idx]:
            if one.x - GAP_X < other.right - TOLERANCE and other.x - GAP_X < one.right - TOLERANCE:
                assert max(one.top, other.top) - min(one.bottom, other.bottom) >= GAP_Y - TOLERANCE


@given(trees())
def test_each_box_begins_a_gap_after_its_parent_and_lies_in_the_middle_of_its_children(tree):
    for placed, children in placed_children(layout_of(tree)):
        for child in children:
            assert child.x == pytest.approx(placed.right + GAP_X)
        if children:
            assert placed.y == pytest.approx((children[0].y + children[-1].y) / 2)


@given(trees())
def test_children_keep_their_order(tree):
    layout = layout_of(tree)
    for placed, children in placed_children(layout):
        assert [child.box for child in children] == list(placed.box.children)
        assert all(above.y < below.y for above, below in pairwise(children))
    assert layout.boxes[0].box is tree


@given(trees())
def test_the_layout_fills_its_width_and_height_from_zero(tree):
    layout = layout_of(tree)
    assert min(placed.x for placed in layout.boxes) == 0
    assert min(placed.top for placed in layout.boxes) == pytest.approx(0, abs=TOLERANCE)
    assert max(placed.right for placed in layout.boxes) == layout.width
    assert max(placed.bottom for placed in layout.boxes) == layout.height


@given(trees())
def test_a_mirrored_tree_has_a_mirrored_layout(tree):
    layout, reflection = layout_of(tree), layout_of(mirrored(tree))
    assert reflection.height == pytest.approx(layout.height)
    ys = {placed.box.item: placed.y for placed in layout.boxes}
    for placed in reflection.boxes:
        assert placed.y == pytest.approx(layout.height - ys[placed.box.item], abs=TOLERANCE)


@given(trees(max_boxes=20))
def test_a_subtree_has_the_same_shape_wherever_it_hangs(tree):
    alone = layout_of(tree).boxes
    whole = layout_of(TreeBox(None, 5.0, 5.0, (leaf(90.0), tree, leaf(3.0))))
    ys = {placed.box.item: placed.y for placed in whole.boxes if placed.box.item is not None}
    for placed in alone:
        shift = ys[placed.box.item] - placed.y
        assert shift == pytest.approx(ys[tree.item] - alone[0].y, abs=TOLERANCE)


@given(trees(max_boxes=40))
def test_the_layout_is_the_mean_of_the_closest_packings_from_both_ends(tree):
    layout = layout_of(tree)
    down = {box[0]: box[3] for box in naively_packed(tree)}
    up = {box[0]: box[3] for box in naively_packed(mirrored(tree))}
    for placed in layout.boxes:
        item = placed.box.item
        mean = (down[item] - up[item]) / 2
        assert placed.y - layout.boxes[0].y == pytest.approx(mean, abs=TOLERANCE)


@given(trees())
def test_the_layout_is_no_higher_than_all_boxes_one_below_the_other(tree):
    layout = layout_of(tree)
    assert layout.height <= sum(placed.box.height + GAP_Y for placed in layout.boxes)


@given(trees())
def test_the_same_tree_has_the_same_layout_each_time(tree):
    assert layout_of(tree).boxes == layout_of(tree).boxes


def test_a_subtree_reaches_under_a_shorter_neighbour():
    """The children of the second box fill more than its height, and the first box ends before
    them."""
    fan = TreeBox(None, 100.0, 10.0, (leaf(10.0), leaf(10.0), leaf(10.0)))
    layout = layout_of(TreeBox(None, 10.0, 10.0, (leaf(50.0), fan)))
    _, short, parent, *fan_children = layout.boxes
    assert parent.top - short.bottom == pytest.approx(GAP_Y)
    assert fan_children[0].top < short.bottom


def test_a_subtree_goes_round_a_neighbour_that_is_as_long():
    fan = TreeBox(None, 100.0, 10.0, (leaf(10.0), leaf(10.0), leaf(10.0)))
    layout = layout_of(TreeBox(None, 10.0, 10.0, (leaf(120.0), fan)))
    _, long, _, *fan_children = layout.boxes
    assert fan_children[0].top - long.bottom == pytest.approx(GAP_Y)


def test_a_small_child_between_two_large_ones_lies_midway():
    large = TreeBox(None, 10.0, 10.0, tuple(leaf(10.0) for _ in range(5)))
    layout = layout_of(TreeBox(None, 10.0, 10.0, (large, leaf(4.0), large)))
    _, above, small, below, *_ = layout.boxes
    assert small.y == pytest.approx((above.y + below.y) / 2)


def test_a_single_box_is_its_own_layout():
    layout = layout_of(leaf(30.0, 12.0))
    assert (layout.width, layout.height) == (30, 12)
    assert [(placed.x, placed.y, placed.parent_idx) for placed in layout.boxes] == [(0, 6, None)]


def test_a_tree_may_be_deeper_than_the_interpreter_s_stack():
    tree = leaf(1.0)
    for _ in range(20_000):
        tree = TreeBox(None, 1.0, 10.0, (tree,))
    layout = layout_of(tree)
    assert layout.width == 20_001 + 20_000 * GAP_X
    assert layout.height == 10
