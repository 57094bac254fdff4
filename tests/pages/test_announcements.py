"""Sentences for screen readers with the answers to changes and links."""

import json

import pytest

from tests.pages.conftest import start_session
from wheel import services
from wheel.pages.words.endings import spoken_ending

HTMX = {"HX-Request": "true"}
HEADER = "HX-Trigger-After-Swap"


@pytest.fixture
def session_id(visitor):
    """Three tokens after a prompt: " a", ".", "b"."""
    session_id = start_session(prompt="The cat sat on the mat and looked at it")
    tokenizer = services.get_session(session_id=session_id).tokenizer
    for text in (" a", ".", "b"):
        services.append_token(session_id=session_id, token_id=tokenizer.encode(text)[0])
    return session_id


def announced(response):
    return json.loads(response[HEADER])["announcement"]


def test_an_undo_names_the_removed_token_and_the_end_of_the_text(visitor, wheel_page):
    answer = visitor.ask(wheel_page, "/undo")
    assert announced(answer).startswith("Removed “b”. The text ends in “…")
    assert announced(answer).endswith(" looked at it a.”.")


def test_a_redo_names_the_token_that_is_back(visitor, session_id, wheel_page):
    visitor.ask(wheel_page, "/undo")
    answer = visitor.ask(visitor.get(f"/wheel/{session_id}"), "/redo")
    assert announced(answer).startswith("Brought back “b”. The text ends in “")


def test_a_rewind_names_the_token_after_the_end(visitor, wheel_page):
    answer = visitor.ask(wheel_page, "/rewind", num_kept="1")
    assert announced(answer).startswith("Back to just before “full stop”. The text ends in “")


def test_a_choice_is_announced_like_a_result(visitor, session_id, wheel_page):
    (token_id,) = services.get_session(session_id=session_id).tokenizer.encode("?")
    sentence = announced(visitor.ask(wheel_page, "/choose", token_id=str(token_id)))
    assert sentence.startswith("You chose question mark, ")
    assert " bits of surprise" in sentence
    assert sentence.endswith("b?”.")


def test_a_new_prompt_is_announced_with_its_end(visitor, wheel_page):
    answer = visitor.ask(wheel_page, "/prompt", prompt="Once upon a time")
    assert announced(answer) == "New text. The text ends in “Once upon a time”."


def test_a_spin_is_announced_with_its_landing(visitor, wheel_page):
    answer = visitor.ask(wheel_page, "/spin")
    assert HEADER not in answer
    assert "data-announcement" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "beginning"),
    [
        ("", "The whole wheel is on show."),
        ("?rank=70&depth=1", "Other is open: "),
        ("?rank=300&depth=2", "ranks "),
        ("?rank=1", "“"),
    ],
)
def test_a_link_announces_the_part_of_the_wheel_that_it_shows(
    visitor, session_id, query, beginning
):
    answer = visitor.get(f"/wheel/{session_id}{query}", headers=HTMX)
    assert announced(answer).startswith(beginning)


def test_knobs_and_whole_pages_announce_no_part_of_the_wheel(visitor, session_id):
    assert HEADER not in visitor.get(f"/wheel/{session_id}?top_k=3", headers=HTMX)
    assert HEADER not in visitor.get(f"/wheel/{session_id}?rank=70&depth=1")


def test_a_refused_change_announces_nothing(visitor, wheel_page):
    assert HEADER not in visitor.ask(wheel_page, "/rewind", num_kept="9")


def test_an_announcement_is_ascii_in_the_header_whatever_the_text(visitor, wheel_page):
    answer = visitor.ask(wheel_page, "/prompt", prompt="שלום\n日本語 😀")
    assert answer[HEADER].isascii()
    assert "\n" not in answer[HEADER]
    assert announced(answer).endswith("“שלום 日本語 😀”.")


def test_an_ending_is_announced_on_one_line(visitor, wheel_page):
    answer = visitor.ask(wheel_page, "/prompt", prompt="Once\n\n upon\ta  time")
    assert announced(answer) == "New text. The text ends in “Once upon a time”."


@pytest.mark.parametrize(("text", "ending"), [("?", "question mark"), (" \n", "")])
def test_signs_are_named_and_a_blank_text_has_no_ending(text, ending):
    assert spoken_ending(text, 40) == ending
