"""Changes of the text on a page that shows an earlier revision: only the chips that it lacks."""

import pytest

from tests.pages.conftest import start_session
from tests.pages.markup import find_all, find_one
from wheel import services


def rev_of(session_id):
    return services.get_session(session_id=session_id).session.rev


def spin_times(session_id, num_spins):
    for _ in range(num_spins):
        services.spin(session_id=session_id)


def ask(visitor, session_id, action, *, shown_rev=None, **fields):
    """The answer to an action on a page that shows the newest text, or that of `shown_rev`."""
    page = visitor.get(f"/wheel/{session_id}")
    rev = rev_of(session_id) if shown_rev is None else shown_rev
    return visitor.ask(page, action, headers={"Shown-Rev": str(rev)}, **fields).content.decode()


def get_wheel(visitor, session_id, shown_rev):
    headers = {"HX-Request": "true", "Shown-Rev": str(shown_rev)}
    return visitor.get(f"/wheel/{session_id}", headers=headers).content.decode()


def new_chips(html):
    return [chip.attributes["id"] for chip in find_all(html, "button", name="num_kept")]


@pytest.fixture
def told(session_id):
    """A session with four chosen tokens."""
    spin_times(session_id, 4)
    return session_id


@pytest.mark.parametrize(
    ("action", "fields", "num_kept", "chips"),
    [
        ("/choose", {"token_id": "5"}, 4, ["chip-4"]),
        ("/undo", {}, 3, []),
        ("/rewind", {"num_kept": "1"}, 1, []),
    ],
)
def test_a_change_sends_the_number_of_tokens_kept_and_the_new_chips(
    visitor, told, action, fields, num_kept, chips
):
    html = ask(visitor, told, action, **fields)
    change = find_one(html, "div", id="story-change")
    assert change.attributes["data-num-kept"] == str(num_kept)
    assert change.attributes["data-rev"] == str(rev_of(told))
    assert new_chips(html) == chips
    assert not find_all(html, "div", id="story")


def test_a_redo_sends_the_chip_of_the_token_that_is_back(visitor, told):
    services.undo(session_id=told)
    html = ask(visitor, told, "/redo")
    assert find_one(html, "div", id="story-change").attributes["data-num-kept"] == "3"
    assert new_chips(html) == ["chip-3"]


def test_a_new_prompt_sends_the_whole_text(visitor, told):
    html = ask(visitor, told, "/prompt", prompt="The dog")
    assert find_one(html, "div", id="story")
    assert "data-num-kept" not in find_one(html, "div", id="story-change").attributes


def test_a_spin_sends_the_chip_and_the_revision_of_the_text_with_it(visitor, told):
    html = ask(visitor, told, "/spin")
    assert new_chips(html) == ["chip-4"]
    assert f'data-rev="{rev_of(told)}"' in html


def test_the_next_wheel_comes_without_the_text_that_the_page_has(visitor, told):
    html = get_wheel(visitor, told, rev_of(told))
    assert new_chips(html) == []
    assert find_one(html, "div", id="wheel-area")
    assert not find_all(html, "div", id="story")
    assert not find_all(html, "div", id="result")


@pytest.mark.parametrize("shown_rev", ["0", "1", "99", "-1", "x", ""])
def test_a_page_with_an_older_or_an_unknown_text_gets_the_whole_text(visitor, told, shown_rev):
    html = get_wheel(visitor, told, shown_rev)
    assert find_one(html, "div", id="story")
    assert find_one(html, "div", id="result")
    assert new_chips(html) == [f"chip-{idx}" for idx in range(4)]


def test_a_refused_change_of_a_page_behind_sends_the_whole_text(visitor, told):
    page = visitor.get(f"/wheel/{told}")
    shown_rev = rev_of(told)
    services.undo(session_id=told)
    response = visitor.ask(page, "/undo", headers={"Shown-Rev": str(shown_rev)})
    assert response.status_code == 409
    assert new_chips(response.content.decode()) == ["chip-0", "chip-1", "chip-2"]


def test_the_size_of_an_answer_does_not_depend_on_the_length_of_the_text(visitor):
    """After 1 and after 40 chosen tokens. The wheels are all Other, so that they are alike."""
    sizes = {}
    for num_tokens in (1, 40):
        session_id = start_session()
        spin_times(session_id, num_tokens)
        visitor.get(f"/wheel/{session_id}?threshold=1")
        sizes[num_tokens] = [
            len(ask(visitor, session_id, "/choose", token_id="5")),
            len(get_wheel(visitor, session_id, rev_of(session_id))),
            len(ask(visitor, session_id, "/undo")),
        ]
    for short, long in zip(sizes[1], sizes[40], strict=True):
        assert long == pytest.approx(short, rel=0.05)


def test_the_exports_come_into_the_menu_with_the_first_prompt(visitor, wheel_runtime):
    session_id = start_session(prompt="")
    page = visitor.get(f"/wheel/{session_id}")
    assert "/export" not in page.content.decode()
    html = ask(visitor, session_id, "/prompt", prompt="The dog")
    assert find_one(html, "div", id="menu-exports").attributes["hx-swap-oob"] == "true"
    assert len(find_all(html, "a", with_class="menu-item")) == 4
