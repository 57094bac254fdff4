"""Hints on a prompt that ends in a space, or in which the name of a control token was typed."""

import pytest

from tests.pages.conftest import start_session
from tests.pages.markup import find_one
from wheel import services

NAMES = "<|endoftext|> in your prompt is read as plain text"


def hints_of(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    return find_one(html, "div", id="prompt-hints").text


def text_of(session_id):
    return services.get_session(session_id=session_id).current_text


@pytest.mark.parametrize("end", [" ", "  ", "\t", "\u00a0", "\n "])
def test_a_prompt_that_ends_in_a_space_gets_a_hint(visitor, end):
    assert "ends in a space" in hints_of(visitor, start_session(prompt="The cat" + end))


@pytest.mark.parametrize("prompt", ["The cat", "The cat\n", " The cat"])
def test_another_prompt_gets_no_hint(visitor, prompt):
    assert hints_of(visitor, start_session(prompt=prompt)) == ""


def test_the_hint_goes_with_the_first_token(visitor):
    session_id = start_session(prompt="The cat ")
    page = visitor.get(f"/wheel/{session_id}")
    rev = services.get_session(session_id=session_id).session.rev
    html = visitor.ask(
        page, "/choose", token_id="5", headers={"Shown-Rev": str(rev)}
    ).content.decode()
    hints = find_one(html, "div", id="prompt-hints")
    assert hints.attributes["hx-swap-oob"] == "true"
    assert hints.text == ""
    assert hints_of(visitor, session_id) == ""


@pytest.mark.parametrize("prompt", ["The cat \t ", "One\r\n two  ", 'a "quoted" <b> '])
def test_one_click_removes_the_space_without_javascript(visitor, prompt):
    session_id = start_session(prompt=prompt.replace("\r\n", "\n"))
    page = visitor.get(f"/wheel/{session_id}")
    page = visitor.send(page, "/prompt")
    assert page.status_code == 200
    assert text_of(session_id) == prompt.replace("\r\n", "\n").rstrip(" \t")
    assert "ends in a space" not in page.content.decode()


def test_a_stale_page_does_not_remove_the_space_of_another_text(visitor):
    session_id = start_session(prompt="The cat ")
    page = visitor.get(f"/wheel/{session_id}")
    services.set_prompt(session_id=session_id, prompt="The dog ")
    assert visitor.ask(page, "/prompt").status_code == 409
    assert text_of(session_id) == "The dog "


@pytest.mark.parametrize(
    ("prompt", "is_hinted"),
    [("A <|endoftext|> b", True), ("A <|im_end|> b", False), ("A endoftext b", False)],
)
def test_the_name_of_a_control_token_in_a_prompt_is_said_to_be_plain_text(
    visitor, prompt, is_hinted
):
    session_id = start_session(prompt=prompt)
    assert (NAMES in hints_of(visitor, session_id)) == is_hinted
    services.spin(session_id=session_id)
    assert hints_of(visitor, session_id) == ""
