"""Spoken names of tokens, and their use in accessible names."""

import re

import pytest
from django.utils import translation

from tests.pages.conftest import start_session
from tests.pages.markup import ElementCollector, find_all
from wheel import services
from wheel.domain.token import Token
from wheel.pages.words.spoken import spoken, spoken_text

RAW_SIGNS = re.compile(r"[␣↵⇥]|\\x|\\u")


@pytest.mark.parametrize(
    ("token_bytes", "name"),
    [
        (b" Paris", "space, Paris"),
        (b"mat", "mat"),
        (b" 7", "space, 7"),
        (b".", "full stop"),
        (b",", "comma"),
        (b"\n", "line break"),
        (b"\n\n", "line break, line break"),
        (b"        ", "8 times space"),
        (b".\n", "full stop, line break"),
        (b' "', "space, quotation mark"),
        (b"'s", "apostrophe, s"),
        (b"snake_case", "snake, underscore, case"),
        (b"__________", "10 times underscore"),
        (b"\xd8", "byte d8"),
        (b" \xe2\x80", "space, bytes e2 80"),
        ("“é".encode(), "opening quotation mark, é"),
        ("नमस्ते".encode(), "नमस्ते"),
        (" שלום".encode(), "space, שלום"),
        ("😀".encode(), "😀"),
        ("\u200b".encode(), "zero width space"),
        (b"\x00", "U+0000"),
        ("␣".encode(), "sign for a space"),
        (b"", ""),
    ],
)
def test_a_token_has_a_name_that_can_be_read_aloud(token_bytes, name):
    assert spoken(Token.from_bytes(5, token_bytes)) == name


def test_a_special_token_is_called_special():
    token = Token.from_bytes(0, b"<|endoftext|>", is_special=True)
    assert spoken(token) == "special token endoftext"


def test_a_text_has_the_names_of_its_signs():
    assert spoken_text("Paris, yes") == "Paris, comma, space, yes"


def test_names_follow_the_language_of_the_page():
    with translation.override("de"):
        assert isinstance(spoken(Token.from_bytes(5, b" .")), str)


@pytest.mark.parametrize("query", ["", "?rank=70&depth=1", "?rank=300&depth=2", "?top_k=5"])
def test_no_accessible_name_on_the_wheel_page_has_a_raw_sign(visitor, query):
    session_id = start_session(
        prompt=" A cat\n\n sat\ton \ud83d".encode("utf-8", "replace").decode()
    )
    services.spin(session_id=session_id, u=0.3)
    html = visitor.get(f"/wheel/{session_id}{query}").content.decode()
    names = accessible_names(html)
    assert any("space, " in name for name in names)
    assert [name for name in names if RAW_SIGNS.search(name)] == []


def test_chips_are_named_by_what_is_read_aloud(visitor):
    session_id = start_session(prompt="A cat\n")
    services.spin(session_id=session_id, u=0.3)
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    chips = [
        *find_all(html, "span", with_class="chip"),
        *find_all(html, "button", with_class="chip"),
    ]
    names = [chip.attributes.get("aria-label", chip.text) for chip in chips]
    assert names[:3] == ["A", "space, cat", "line break"]
    assert len(names) == 4
    assert not RAW_SIGNS.search(names[3])


def test_no_accessible_name_of_found_tokens_has_a_raw_sign(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}")
    names = accessible_names(visitor.ask(page, "/find", text="dog").content.decode())
    assert "Show space, dog on the wheel" in names
    assert [name for name in names if RAW_SIGNS.search(name)] == []


def accessible_names(html):
    elements = ElementCollector(html).elements
    return [
        element.attributes[attribute]
        for element in elements
        for attribute in ("aria-label", "data-announcement")
        if attribute in element.attributes
    ]
