"""The tree of stories: what is drawn, folded, left out and hidden, as a picture and as a list."""

from dataclasses import replace

import pytest
from django.template.loader import render_to_string

from tests.pages.markup import find_all, find_one
from tests.pages.wall.classes import choose, draw, hide, make_class, member_of
from wheel import services
from wheel.domain.story_tree import NodeName
from wheel.domain.token import Token
from wheel.pages.drawing.tree_boxes import Kind
from wheel.pages.drawing.tree_lines import in_lines, in_words
from wheel.pages.wall.pooled_wheel import build_pooled_wheel
from wheel.pages.wall.shown_tree import MAX_ROWS
from wheel.pages.wall.tree import build_tree
from wheel.pages.wall.view_state import ViewState
from wheel.services import classrooms
from wheel.services.classrooms import Story

pytestmark = pytest.mark.django_db

MAT, DOG, LOG, ROME = 280, 290, 300, 310


@pytest.fixture(autouse=True)
def runtime(wheel_runtime):
    """All tests here have a runtime."""


def tree_of(classroom, view=None, stories=None):
    if stories is None:
        stories = classrooms.load_stories(classroom)
    view = view or ViewState()
    pooled = build_pooled_wheel(classroom, stories, view.fork)
    return build_tree(classroom, stories, view, pooled)


def html_of(tree):
    return render_to_string("wall/_tree.html", {"tree": tree})


def display_text(classroom, token_id):
    return classrooms.load_stories(classroom)[0].state.token(token_id).display_text


def words_of(tree, kind):
    return [shape.words for shape in tree.shapes if shape.words.kind == kind]


@pytest.fixture
def classroom():
    """Six members: three on one way, of whom two go on together; two on ways of their own; one who
    has not begun."""
    classroom = make_class(6)
    for idx, token_ids in enumerate([(MAT, DOG), (MAT, DOG, LOG), (MAT, ROME), (DOG,), (LOG, MAT)]):
        choose(classroom, idx, *token_ids)
    return classroom


def test_common_tokens_are_one_branch_and_single_stories_are_folded(classroom):
    tree = tree_of(classroom)
    (root,) = words_of(tree, Kind.ROOT)
    assert "".join(root.lines) == "The cat sat on the"
    assert root.caption == "6 stories · 1 is here"
    first, second = words_of(tree, Kind.BRANCH)
    assert (first.num_members, second.num_members) == (3, 2)
    assert first.caption.startswith("3 of 5 · model ")
    assert second.caption.startswith("2 of 3 · model ")
    assert second.caption.endswith("1 is here")
    assert [words.num_members for words in words_of(tree, Kind.ALONE)] == [2, 1, 1]
    assert words_of(tree, Kind.ALONE)[0].lines[0] == "2 stories go on alone"


def test_at_every_fork_the_numbers_of_stories_add_up(classroom):
    tree = tree_of(classroom)
    boxes = tree.layout.boxes
    for idx, placed in enumerate(boxes):
        following = [box.box.item.num_members for box in boxes if box.parent_idx == idx]
        words = placed.box.item
        num_here = int(words.caption.split(" · ")[-1].split()[0]) if "here" in words.caption else 0
        if following:
            assert sum(following) + num_here == words.num_members


def test_a_branch_is_as_wide_as_its_number_of_members(classroom):
    tree = tree_of(classroom)
    (root,), (first, second) = words_of(tree, Kind.ROOT), words_of(tree, Kind.BRANCH)
    assert first.stroke == pytest.approx(root.stroke / 2)
    assert second.stroke == pytest.approx(root.stroke / 3)


def test_everything_is_drawn_when_nothing_is_folded(classroom):
    tree = tree_of(classroom, ViewState(is_unfolded=True))
    assert not words_of(tree, Kind.ALONE)
    lone = [words for words in words_of(tree, Kind.BRANCH) if words.num_members == 1]
    names = {member_of(classroom, idx).pseudonym for idx in range(1, 5)}
    assert {words.caption.split(" · ")[0] for words in lone} == names


def test_hidden_names_are_not_in_the_tree(classroom):
    classroom.hides_names = True
    html = html_of(tree_of(classroom, ViewState(is_unfolded=True, follow=1)))
    for idx in range(6):
        assert member_of(classroom, idx).pseudonym not in html


def test_a_followed_story_is_unfolded_and_marked(classroom):
    followed = member_of(classroom, 4)
    tree = tree_of(classroom, ViewState(follow=followed.pk))
    marked = [words for words in words_of(tree, Kind.BRANCH) if words.is_followed]
    assert [words.caption.split(" · ")[0] for words in marked] == [followed.pseudonym]
    html = html_of(tree)
    assert f"Following {followed.pseudonym}" in html
    assert len(find_all(html, "path", with_class="branch-followed")) == 2  # with the root


def test_a_zoomed_tree_begins_at_the_chosen_place(classroom):
    tree = tree_of(classroom, ViewState(root=NodeName(member_of(classroom, 0).pk, 1)))
    (root,) = words_of(tree, Kind.ROOT)
    assert root.num_members == 3
    assert [words.num_members for words in words_of(tree, Kind.BRANCH)] == [2]
    assert "The whole tree" in html_of(tree)


def test_each_fork_leads_to_its_wheel_and_the_chosen_one_is_marked(classroom):
    fork = NodeName(member_of(classroom, 0).pk, 1)
    tree = tree_of(classroom, ViewState(fork=fork))
    (root,), (first, _) = words_of(tree, Kind.ROOT), words_of(tree, Kind.BRANCH)
    assert root.fork_query == "?"
    assert first.fork_query == ViewState(fork=fork).query
    assert [words.is_chosen for words in (root, first)] == [False, True]
    assert len(find_all(html_of(tree), "g", with_class="tree-box-chosen")) == 1


def test_the_branches_after_the_chosen_fork_have_the_hues_of_the_wheel():
    classroom = make_class(4)
    (likeliest,) = draw(classroom, 0, 0)
    draw(classroom, 1, 0)
    draw(classroom, 2, 1)
    draw(classroom, 3, 60)
    stories = classrooms.load_stories(classroom)
    pooled = build_pooled_wheel(classroom, stories, None)
    assert pooled is not None
    tree = build_tree(classroom, stories, ViewState(), pooled)
    (branch,), (stub,) = words_of(tree, Kind.BRANCH), words_of(tree, Kind.ALONE)
    assert branch.hues == (pooled.hue_by_token_id[likeliest],)
    assert stub.hues == (pooled.rows[1].hue_index, None)


def test_the_prompt_has_a_box_of_its_own_if_all_go_on_with_the_same_tokens():
    classroom = make_class(3)
    for idx in range(3):
        choose(classroom, idx, MAT, DOG)
    root, branch = tree_of(classroom).shapes
    assert (root.words.kind, branch.words.kind) == (Kind.ROOT, Kind.BRANCH)
    assert branch.words.caption.startswith("3 of 3 · model ")
    assert root.words.is_chosen


def test_the_probability_is_a_range_if_the_knobs_differed():
    classroom = make_class(2)
    draw(classroom, 0, 0)
    draw(classroom, 1, 0, temperature=3.0)
    (branch,) = words_of(tree_of(classroom), Kind.BRANCH)
    probs = [s.state.session.history[0].prob for s in classrooms.load_stories(classroom)]
    low, high = (f"{prob * 100:.1f}%" for prob in sorted(probs))
    assert f"model {low}–{high}" in branch.caption


def test_a_hidden_story_counts_where_it_is_shared_and_is_unread_where_it_is_not(classroom):
    choose(classroom, 2, 320, 321)
    words = [display_text(classroom, token_id) for token_id in (ROME, 320, 321)]
    assert words[0] in html_of(tree_of(classroom, ViewState(is_unfolded=True)))
    hide(classroom, 2)
    view = ViewState(is_unfolded=True, follow=member_of(classroom, 2).pk)
    tree = tree_of(classroom, view)
    html = html_of(tree)
    assert not any(f"{word}<" in html for word in words)
    (first, *_), (hidden,) = words_of(tree, Kind.BRANCH), words_of(tree, Kind.HIDDEN)
    assert first.num_members == 3
    assert hidden.lines == ("1 hidden story goes on",)
    assert first.caption.startswith("3 of 5")


def test_a_hidden_story_that_a_visible_one_shares_is_as_long_as_it_is(classroom):
    hide(classroom, 0)
    tree = tree_of(classroom)
    assert not words_of(tree, Kind.HIDDEN)
    assert [words.num_members for words in words_of(tree, Kind.BRANCH)] == [3, 2]


def test_no_link_is_named_by_a_hidden_member(classroom):
    hide(classroom, 0)
    hidden_id = member_of(classroom, 0).pk
    links = find_all(html_of(tree_of(classroom, ViewState(is_unfolded=True))), "a")
    addresses = [link.attributes["href"] for link in links]
    assert not any(f"={hidden_id}." in address for address in addresses)
    assert f"fork={member_of(classroom, 1).pk}.1" in " ".join(addresses)


def test_a_class_whose_stories_are_all_hidden_has_a_tree_without_words(classroom):
    hide(classroom, *range(6))
    tree = tree_of(classroom)
    (hidden,) = words_of(tree, Kind.HIDDEN)
    assert hidden.num_members == 5
    assert not words_of(tree, Kind.BRANCH)


def test_blurred_stories_are_numbers_without_their_first_tokens(classroom):
    classroom.blurs_stories = True
    assert all(len(words.lines) == 1 for words in words_of(tree_of(classroom), Kind.ALONE))


def test_a_story_with_another_prompt_is_counted_beside_the_tree(classroom):
    session_id = str(member_of(classroom, 5).session_id)
    services.set_prompt(session_id=session_id, prompt="The dog")
    tree = tree_of(classroom)
    assert (tree.num_members, tree.num_elsewhere) == (5, 1)
    assert "1 story begins with another text" in html_of(tree)


def test_a_class_without_any_text_has_no_tree():
    assert tree_of(make_class(2, prompt="")) is None
    assert "There is no text yet" in html_of(None)


def test_a_class_without_members_has_its_prompt():
    tree = tree_of(make_class(0))
    assert [shape.words.caption for shape in tree.shapes] == ["0 stories"]
    assert html_of(tree)


def many_stories(classroom, histories):
    """A class of as many members as histories, made without spins."""
    (story,) = classrooms.load_stories(classroom)
    session = story.state.session
    step = services.spin(session_id=session.session_id).chosen
    stories = []
    for idx, token_ids in enumerate(histories):
        history = tuple(replace(step, token_id=token_id) for token_id in token_ids)
        stored = replace(story.state.stored, session=replace(session, history=history))
        member = type(story.member)(
            pk=idx + 1, classroom=classroom, pseudonym=f"n{idx}", session_id=story.member.session_id
        )
        stories.append(Story(member, replace(story.state, stored=stored)))
    return stories


@pytest.mark.parametrize("is_unfolded", [False, True])
def test_two_hundred_stories_are_drawn_in_few_rows_and_none_is_lost(is_unfolded):
    classroom = make_class(1)
    histories = [[idx % 97, (idx * 7) % 5, *range(idx % 60)] for idx in range(200)]
    stories = many_stories(classroom, histories)
    tree = tree_of(classroom, ViewState(is_unfolded=is_unfolded), stories)
    boxes = tree.layout.boxes
    parents = {placed.parent_idx for placed in boxes}
    leaves = [placed.box.item for idx, placed in enumerate(boxes) if idx not in parents]
    assert len(leaves) <= (150 if is_unfolded else MAX_ROWS)
    for idx, placed in enumerate(boxes):
        following = [box.box.item.num_members for box in boxes if box.parent_idx == idx]
        assert sum(following) <= placed.box.item.num_members
    assert words_of(tree, Kind.MORE)
    assert sum(box.box.item.num_members for box in boxes if box.parent_idx == 0) == 200


def test_a_followed_story_is_drawn_even_if_there_is_no_room():
    classroom = make_class(1)
    stories = many_stories(classroom, [[idx, idx + 1, 7] for idx in range(200)])
    tree = tree_of(classroom, ViewState(follow=200), stories)
    assert [w.caption.split(" · ")[0] for w in words_of(tree, Kind.BRANCH)] == ["n199"]


def test_a_class_that_leaves_one_way_one_by_one_has_a_bounded_tree():
    classroom = make_class(1)
    stories = many_stories(classroom, [[5] * (idx % 100) for idx in range(200)])
    assert len(tree_of(classroom, None, stories).shapes) <= 200


def test_boxes_do_not_overlap_and_are_inside_the_picture(classroom):
    tree = tree_of(classroom, ViewState(is_unfolded=True))
    _, _, width, height = map(float, tree.view_box.split())
    boxes = [(s.x, s.y - s.words.above, s.right, s.y + s.words.below) for s in tree.shapes]
    for idx, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert top >= 0
        assert right <= width
        assert bottom <= height
        for other in boxes[idx + 1 :]:
            is_beside = other[0] >= right or other[2] <= left
            assert is_beside or other[1] >= bottom or other[3] <= top


def test_the_list_says_the_same_as_the_picture(classroom):
    tree = tree_of(classroom)
    html = html_of(tree)
    assert find_one(html, "svg", with_class="tree-picture").attributes["aria-hidden"] == "true"
    items = find_all(html, "li")
    assert len(items) == len(tree.shapes)
    for item, listed in zip(items, tree.list_items, strict=True):
        assert listed.shape.words.caption in item.text
        assert listed.shape.words.spoken in item.text
    nested = [item for item in items if item.text.count("model") > 1]
    assert nested, "an item contains the branches after it"
    svg_links = find_all(html, "a", with_class="tree-link")
    assert {link.attributes["tabindex"] for link in svg_links} == {"-1"}
    listed = {link.attributes["href"].partition("#")[0] for link in find_all(html, "a")}
    assert {link.attributes["href"].partition("#")[0] for link in svg_links} <= listed


def test_keys_stay_when_the_class_goes_on_and_have_no_tokens(classroom):
    def keys():
        html = html_of(tree_of(classroom))
        return {
            element.attributes["data-key"]
            for tag in ("g", "path")
            for element in find_all(html, tag)
            if "data-key" in element.attributes
        }

    before = keys()
    choose(classroom, 5, MAT, ROME)
    after = keys()
    branches = {key for key in before if key.startswith("box-") and key.count("-") == 1}
    assert len(branches) == 3
    assert branches <= after
    assert after - before
    assert not any(str(token_id) in key.split("-") for key in after for token_id in (MAT, DOG))


def test_tokens_and_prompts_of_markup_are_escaped():
    classroom = make_class(2, prompt="<script>alert(1)</script>")
    state = classrooms.load_stories(classroom)[0].state
    token_ids = [state.tokenizer.find_token(sign).token_id for sign in ("<", '"', "&", "'", ">")]
    for idx in range(2):
        choose(classroom, idx, *token_ids)
    html = html_of(tree_of(classroom, ViewState(is_unfolded=True)))
    assert "<script" not in html
    assert "&lt;" in html
    assert "&quot;" in html
    find_all(html, "g")  # well-formed


def token(text):
    return Token.from_bytes(1, text.encode())


def test_tokens_of_another_direction_are_isolated_and_signs_of_direction_are_escaped():
    lines, num_left_out = in_lines([token("שלום"), token("\u202e"), token(" a")], 20, 2)
    assert lines == ["\u2067שלום\u2069\u2009\\u202e\u2009␣a"]
    assert num_left_out == 0


def test_a_run_of_tokens_is_cut_after_its_last_line():
    lines, num_left_out = in_lines([token(" word")] * 50, 10, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")
    shown = sum(line.count("␣word") for line in lines)
    assert shown + num_left_out == 50


def test_a_token_wider_than_a_line_is_shortened():
    ((line,), _) = in_lines([token("antidisestablishmentarianism")], 6, 3)
    assert line.endswith("…")


def test_of_a_long_prompt_the_last_lines_are_shown():
    lines = in_words("one two three four five six seven eight nine ten", 8, 2)
    assert len(lines) == 2
    assert lines[0].startswith("…")
    assert lines[-1].endswith("ten")
