"""Directions of texts and of tokens."""

import pytest

from tests.pages.markup import find_one
from wheel.domain.token import Token
from wheel.pages.drawing.wheel import token_segment
from wheel.pages.words.directions import isolated, text_direction, token_direction
from wheel.pages.words.tokens import token_name


@pytest.mark.parametrize(
    ("text", "direction"),
    [("cat", "ltr"), ("1, 2 مرحبا", "rtl"), ("שלום cat", "rtl"), ("", "ltr"), ("12 😀", "ltr")],
)
def test_the_first_letter_says_which_way_a_text_is_read(text, direction):
    assert text_direction(text) == direction


@pytest.mark.parametrize(
    ("token_bytes", "direction"),
    [
        (b" cat", "ltr"),
        (" שלום".encode(), "rtl"),
        ("مر".encode(), "rtl"),
        (b"\xd8", "ltr"),
        (b" \xd7", "ltr"),
        ("م".encode() + b"\xd8", "ltr"),
        ("\u200f".encode(), "ltr"),
        (b" (", ""),
        (b"12", ""),
        (b"\n", ""),
    ],
)
def test_a_token_is_read_as_its_first_letter_and_an_escape_from_the_left(token_bytes, direction):
    assert token_direction(Token.from_bytes(1, token_bytes)) == direction


@pytest.mark.parametrize(
    ("token_bytes", "direction"), [(" שלום".encode(), "rtl"), (b"\xd8", "ltr"), (b"<(", "auto")]
)
def test_a_token_in_a_sentence_is_isolated_and_is_not_translated(token_bytes, direction):
    token = Token.from_bytes(1, token_bytes)
    element = find_one(token_name(token), "bdi")
    assert element.text == token.display_text
    assert element.attributes["dir"] == direction
    assert element.attributes["translate"] == "no"
    assert "notranslate" in element.classes


@pytest.mark.parametrize(
    ("token_bytes", "text"),
    [
        (b" cat", "␣cat"),
        (" שלום".encode(), "\u2067␣שלום\u2069"),
        (b"\xd8", "\\xd8"),
        (b"12", "12"),
    ],
)
def test_a_token_in_a_tooltip_is_isolated_only_if_it_is_read_from_the_right(token_bytes, text):
    token = Token.from_bytes(1, token_bytes)
    assert isolated(token) == text
    assert token_segment(token, 0.18, 0, 0.18).title == f"{text} 18.0%"
