"""The branches of a story: the panel on the wheel page, and the page with the tree."""

import math

import pytest

from tests.pages.classes import freeze, join, make_classroom
from tests.pages.conftest import history, start_session
from tests.pages.markup import find_all, find_one
from wheel import services

MAT, DOG, LOG, ROME = 280, 290, 300, 310


def choose(session_id, *token_ids):
    for token_id in token_ids:
        services.append_token(session_id=session_id, token_id=token_id)


def rewind(session_id, num_kept):
    services.rewind(session_id=session_id, num_kept=num_kept)


@pytest.fixture
def parted(session_id):
    """A story that took three ways: MAT DOG LOG, MAT ROME, and LOG, on which it is now."""
    choose(session_id, MAT, DOG, LOG)
    rewind(session_id, 1)
    choose(session_id, ROME)
    rewind(session_id, 0)
    choose(session_id, LOG)
    return session_id


def ids(session_id):
    return [step.token_id for step in history(session_id)]


def html_of(response):
    assert response.status_code == 200
    return response.content.decode()


def panel(html):
    return find_all(html, "details", id="branches-panel")


def test_a_story_that_never_parted_has_no_panel(visitor, session_id):
    choose(session_id, MAT, DOG)
    rewind(session_id, 0)
    html = html_of(visitor.get(f"/wheel/{session_id}"))
    assert panel(html) == []
    assert find_one(html, "div", id="branches").text == ""


def test_the_panel_lists_the_branches_that_were_left(visitor, parted):
    html = html_of(visitor.get(f"/wheel/{parted}"))
    (found,) = panel(html)
    assert "Branches of this story" in found.text
    rows = find_all(html, "li", with_class="branch-row")
    state = services.get_session(session_id=parted)
    texts = [
        "".join(state.token(i).token_text for i in way) for way in ([MAT, DOG, LOG], [MAT, ROME])
    ]
    for row, text, facts in zip(
        rows, texts, ["Branch 1 · 3 tokens", "Branch 2 · 2 tokens"], strict=True
    ):
        assert "The cat sat on the" in row.text
        assert " ".join(text.split()) in row.text
        assert facts in row.text
        assert "Go back to this branch" in row.text


def test_a_branch_of_the_panel_is_gone_back_to_without_javascript(visitor, parted):
    page = visitor.get(f"/wheel/{parted}")
    answer = visitor.send(page, "/branches/restore", branch="1")
    assert answer.redirect_chain == [(f"/wheel/{parted}#dial", 302)]
    assert ids(parted) == [MAT, DOG, LOG]
    names = [row.text for row in find_all(html_of(answer), "p", with_class="branch-facts")]
    assert names == ["Branch 2 · 2 tokens", "Branch 3 · 1 token"]


def test_with_htmx_the_whole_text_and_the_panel_are_new_and_it_is_announced(visitor, parted):
    page = visitor.get(f"/wheel/{parted}")
    rev = services.get_session(session_id=parted).session.rev
    answer = visitor.ask(page, "/branches/restore", branch="1", headers={"Shown-Rev": str(rev)})
    html = html_of(answer)
    chips = find_all(find_html(html, "story"), "button", with_class="chip")
    assert [chip.attributes["data-token-id"] for chip in chips] == [str(i) for i in ids(parted)]
    assert find_one(html, "div", id="branches").attributes["hx-swap-oob"] == "true"
    assert "Back on Branch 1." in answer["HX-Trigger-After-Swap"]


def find_html(html, element_id):
    assert f'id="{element_id}"' in html
    return html


def test_the_next_wheel_after_a_spin_brings_the_panel(visitor, parted):
    """The page shows the text of this revision already: the answer to the spin had its token."""
    rev = services.get_session(session_id=parted).session.rev
    headers = {"HX-Request": "true", "Shown-Rev": str(rev)}
    html = html_of(visitor.get(f"/wheel/{parted}", headers=headers))
    assert panel(html)
    assert f'name="rev" value="{rev}"' in " ".join(html.split())


def test_the_wheel_of_a_knob_does_not_repeat_the_panel(visitor, parted):
    rev = services.get_session(session_id=parted).session.rev
    headers = {"HX-Request": "true", "Shown-Rev": str(rev), "HX-Trigger": "knobs-form"}
    html = html_of(visitor.get(f"/wheel/{parted}?top_k=3", headers=headers))
    assert find_all(html, "div", id="branches") == []


def test_the_choice_that_makes_a_branch_brings_the_panel(visitor, session_id):
    choose(session_id, MAT, DOG)
    rewind(session_id, 1)
    page = visitor.get(f"/wheel/{session_id}")
    rev = services.get_session(session_id=session_id).session.rev
    answer = visitor.ask(page, "/choose", token_id=str(ROME), headers={"Shown-Rev": str(rev)})
    assert panel(html_of(answer))


def test_a_stale_page_goes_back_to_nothing(visitor, parted):
    page = visitor.get(f"/wheel/{parted}")
    choose(parted, DOG)
    answer = visitor.send(page, "/branches/restore", branch="1")
    assert answer.status_code == 409
    assert "The text has moved on" in answer.content.decode()
    assert ids(parted) == [LOG, DOG]


@pytest.mark.parametrize("branch", ["9", "0", "-1"])
def test_a_branch_that_is_no_longer_there_leaves_the_text_as_it_is(visitor, parted, branch):
    page = visitor.get(f"/wheel/{parted}")
    answer = visitor.send(page, "/branches/restore", branch=branch)
    assert answer.status_code == 404
    assert "This branch is no longer there" in answer.content.decode()
    assert find_all(answer.content.decode(), "form", id="spin-form")
    assert ids(parted) == [LOG]


@pytest.mark.parametrize("branch", ["", "x", "1.5", "99999999999"])
def test_a_form_without_a_branch_is_refused(visitor, parted, branch):
    page = visitor.get(f"/wheel/{parted}")
    assert visitor.send(page, "/branches/restore", branch=branch).status_code == 400
    assert ids(parted) == [LOG]


def tree_page(visitor, session_id, query=""):
    return visitor.get(f"/wheel/{session_id}/branches{query}")


def test_the_tree_has_a_box_for_every_run_of_tokens(visitor, parted):
    html = html_of(tree_page(visitor, parted))
    boxes = find_all(html, "g", with_class="tree-box")
    captions = [text.text for text in find_all(html, "text", with_class="tree-caption")]
    assert len(boxes) == len(captions) == 5  # the prompt, LOG, MAT, and after MAT two ways
    assert captions[0] == "3 branches"
    starts = [caption.rpartition(",")[0] for caption in captions[1:]]
    assert sorted(starts) == [
        "2 branches · 1 token",
        "Branch 1 · 2 tokens",
        "Branch 2 · 1 token",
        "Branch 3 · 1 token",
    ]
    assert [caption for caption in captions if caption.endswith("your text")] == [
        caption for caption in captions if caption.startswith("Branch 3")
    ]


def test_the_way_of_the_text_is_marked_from_the_prompt_to_its_end(visitor, parted):
    html = html_of(tree_page(visitor, parted))
    marked = find_all(html, "g", with_class="tree-box-followed")
    assert [box.text.partition(" bits")[0] != "" for box in marked] == [True, True]
    assert len(find_all(html, "path", with_class="branch-followed")) == 2


def test_the_list_says_the_same_as_the_picture_and_has_a_button_for_each_other_branch(
    visitor, parted
):
    html = html_of(tree_page(visitor, parted))
    assert find_one(html, "svg", with_class="tree-picture").attributes["aria-hidden"] == "true"
    captions = {text.text for text in find_all(html, "text", with_class="tree-caption")}
    assert {
        span.text for span in find_all(html, "span", with_class="tree-item-caption")
    } == captions
    buttons = find_all(html, "button", name="branch")
    assert sorted(button.attributes["value"] for button in buttons) == ["1", "2"]
    assert all(button.text.startswith("Go back to this branch Branch") for button in buttons)
    items = find_all(html.split('<form class="tree-list"')[1].split("</form>")[0], "li")
    assert len(items) == 5
    assert "3 branches" in items[0].text
    assert all(caption in items[0].text for caption in captions), "the list is nested"


def test_a_branch_of_the_list_is_gone_back_to_without_javascript(visitor, parted):
    answer = visitor.send(tree_page(visitor, parted), "/branches/restore", branch="2")
    assert answer.redirect_chain == [(f"/wheel/{parted}#dial", 302)]
    assert ids(parted) == [MAT, ROME]


def test_a_tree_whose_branches_all_begin_alike_has_the_prompt_alone_in_its_first_box(
    visitor, session_id
):
    choose(session_id, MAT, DOG)
    rewind(session_id, 1)
    choose(session_id, ROME)
    html = html_of(tree_page(visitor, session_id))
    first, second, *_ = find_all(html, "g", with_class="tree-box")
    assert "tree-root" in first.classes
    assert "2 branches · 1 token" in second.text


def test_a_text_that_is_the_beginning_of_a_branch_has_its_place_in_the_tree(visitor, session_id):
    choose(session_id, MAT, DOG)
    rewind(session_id, 0)
    choose(session_id, MAT)  # the same token again
    html = html_of(tree_page(visitor, session_id))
    captions = [text.text for text in find_all(html, "text", with_class="tree-caption")]
    (own,) = [caption for caption in captions if caption.endswith("your text")]
    assert own.startswith("2 branches · 1 token")
    html = html_of(tree_page(visitor, session_id, "?first=1&second=2"))
    assert "Branch 2 ends here" in html


def test_a_story_with_one_branch_has_no_tree_and_says_how_to_get_one(visitor, session_id):
    html = html_of(tree_page(visitor, session_id))
    assert find_all(html, "svg", with_class="tree-picture") == []
    assert "only one branch so far" in html


def test_a_session_without_a_prompt_has_no_tree(visitor):
    assert "only one branch so far" in html_of(tree_page(visitor, start_session(prompt=None)))


def test_the_branches_of_a_missing_session_are_a_404(visitor):
    assert visitor.get("/wheel/nonsense/branches").status_code == 404


def sides(html):
    return find_all(html, "section", with_class="branch-side")


def test_two_branches_are_compared_from_where_they_part(visitor, parted):
    html = html_of(tree_page(visitor, parted, "?first=1&second=2"))
    state = services.get_session(session_id=parted)
    shared = "The cat sat on the" + state.token(MAT).token_text
    assert find_one(html, "p", with_class="branch-common").text == " ".join(shared.split())
    assert "They share the prompt and 1 token after it." in html
    first, second = sides(html)
    for side, name, token_ids in [(first, "Branch 1", [DOG, LOG]), (second, "Branch 2", [ROME])]:
        assert side.text.startswith(name)
        assert all(state.token(token_id).display_text in side.text for token_id in token_ids)
    chips = find_all(html, "span", with_class="chip")
    assert [chip.text for chip in chips] == [
        state.token(token_id).display_text for token_id in (DOG, LOG, ROME)
    ]


def test_the_totals_are_the_sums_of_the_recorded_probabilities(visitor, parted):
    html = html_of(tree_page(visitor, parted, "?first=1&second=2"))
    branches = services.list_branches(session_id=parted).branches
    for side, view in zip(sides(html), branches, strict=False):
        own = [-math.log2(step.prob) for step in view.branch.steps[1:]]
        total, per_token = sum(own), sum(own) / len(own)
        assert f"Surprise in all{total:.1f} bits" in side.text.replace("all ", "all")
        assert f"Surprise per token{per_token:.1f} bits" in side.text.replace("token ", "token")


def test_the_comparison_is_a_table_too(visitor, parted):
    html = html_of(tree_page(visitor, parted, "?first=1&second=2"))
    state = services.get_session(session_id=parted)
    rows = [row.text for row in find_all(html, "tr")]
    assert rows[0] == "Token number Branch 1Branch 2"
    assert rows[1].startswith(f"2 {state.token(DOG).display_text}")
    assert state.token(ROME).display_text in rows[1]
    assert rows[2].startswith(f"3 {state.token(LOG).display_text}")
    assert len(rows) == 3


def test_the_form_chooses_the_branches_on_show(visitor, parted):
    html = html_of(tree_page(visitor, parted, "?first=2&second=1"))
    chosen = [option for option in find_all(html, "option") if "selected" in option.attributes]
    assert [option.attributes["value"] for option in chosen] == ["2", "1"]
    assert all(option.attributes["translate"] == "no" for option in find_all(html, "option"))


@pytest.mark.parametrize(
    "query", ["?first=1&second=1", "?first=1&second=9", "?first=1", "?first=x&second=2", "?second="]
)
def test_branches_that_cannot_be_compared_are_refused_and_the_tree_stays(visitor, parted, query):
    answer = tree_page(visitor, parted, query)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Choose two different branches" in html
    assert find_all(html, "svg", with_class="tree-picture")


def test_a_member_of_a_frozen_class_looks_at_the_tree_and_cannot_go_back(visitor):
    classroom = make_classroom()
    session_id = join(classroom)
    choose(session_id, MAT)
    rewind(session_id, 0)
    choose(session_id, DOG)
    freeze(classroom)
    page = tree_page(visitor, session_id)
    html = html_of(page)
    assert "Your teacher has paused the class" in html
    assert "disabled" in find_one(html, "button", name="branch").attributes
    answer = visitor.send(page, "/branches/restore", branch="1")
    assert answer.status_code == 409
    assert ids(session_id) == [DOG]


def test_tokens_and_prompts_of_markup_are_escaped(visitor):
    session_id = start_session(prompt="<script>alert(1)</script>")
    state = services.get_session(session_id=session_id)
    less, quote = (state.tokenizer.find_token(sign).token_id for sign in ("<", '"'))
    choose(session_id, less, less)
    rewind(session_id, 0)
    choose(session_id, quote)
    for path in ("", "/branches", "/branches?first=1&second=2"):
        html = html_of(visitor.get(f"/wheel/{session_id}{path}"))
        assert "<script>alert" not in html
        find_all(html, "main")  # well-formed


def test_the_page_of_a_long_story_with_thirty_branches_is_drawn(visitor, session_id):
    choose(session_id, *[DOG] * 35)
    for num_kept in range(34, 2, -1):
        rewind(session_id, num_kept)
        choose(session_id, MAT)
    html = html_of(tree_page(visitor, session_id))
    assert len(find_all(html, "button", name="branch")) == 30


def test_a_downloaded_session_has_its_branches(visitor, parted):
    document = visitor.get(f"/wheel/{parted}/export.json").json()
    branches = document["branches"]
    assert [branch["branch"] for branch in branches] == [1, 2]
    assert [[step["token_id"] for step in branch["steps"]] for branch in branches] == [
        [MAT, DOG, LOG],
        [MAT, ROME],
    ]
    assert branches[0]["steps"][0].keys() == document["steps"][0].keys()
    assert b"Branch" not in visitor.get(f"/wheel/{parted}/export.csv").content
