"""Tokens: display texts, decoding of split characters, and surprisal."""

import math
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.token import Token, completed_characters, decode, surprisal_bits


@pytest.mark.parametrize(
    ("token_bytes", "display_text"),
    [
        (b"cat", "cat"),
        (b" cat", "␣cat"),
        (b"   ", "␣␣␣"),
        (b"\n", "↵"),
        (b"\r\n", r"\r↵"),
        (b"\t\tif", "⇥⇥if"),
        ("é".encode(), "é"),
        ("🎡".encode(), "🎡"),
        ("🎡".encode()[:3], r"\xf0\x9f\x8e"),
        (b"\xa1", r"\xa1"),
        (b" \xf0\x9f", r"␣\xf0\x9f"),
        (b"\x00\x1b\x7f", r"\x00\x1b\x7f"),
        ("\u200b\u200d\u2060\ufeff".encode(), r"\u200b\u200d\u2060\ufeff"),
        ("\u00ad\u061c\u202e".encode(), r"\xad\u061c\u202e"),
        ("\u00a0\u3000\u2028".encode(), r"\xa0\u3000\u2028"),
        ("\ufe0f".encode(), r"\ufe0f"),
        ("❤\ufe0f".encode(), r"❤\ufe0f"),
        ("\u034f\u115f\u1160\u3164\uffa0".encode(), r"\u034f\u115f\u1160\u3164\uffa0"),
        ("\U000e0100".encode(), r"\U000e0100"),
        ("\U000e0041".encode(), r"\U000e0041"),
        (b"<|endoftext|>", "<|endoftext|>"),
    ],
)
def test_a_display_text_shows_every_character(token_bytes, display_text):
    assert Token.from_bytes(5, token_bytes).display_text == display_text


@given(st.binary(min_size=1, max_size=12))
def test_every_display_text_has_a_visible_character(token_bytes):
    display_text = Token.from_bytes(0, token_bytes).display_text
    assert display_text.isprintable()
    assert display_text.strip()


@given(st.text())
def test_whole_characters_are_decoded_from_their_bytes(text):
    assert Token.from_bytes(0, text.encode()).token_text == text


@pytest.mark.parametrize(
    ("token_bytes", "is_piece"),
    [
        (b" cat", False),
        ("🎡".encode()[:2], True),
        (b"\xa1", True),
        (b" \xf0", True),
        ("é!".encode()[1:], True),
        ("\ufffd".encode(), False),
        ("🎡".encode(), False),
    ],
)
def test_a_piece_begins_or_ends_within_a_character(token_bytes, is_piece):
    assert Token.from_bytes(1, token_bytes).is_piece == is_piece


def test_only_control_tokens_end_a_text():
    for name in ("<|endoftext|>", "<|im_end|>"):
        assert Token.from_bytes(1, name.encode(), is_special=True).ends_text
        assert not Token.from_bytes(1, name.encode()).ends_text
    assert not Token.from_bytes(1, b"<|im_start|>", is_special=True).ends_text


@pytest.mark.parametrize(
    ("parts", "completed"),
    [
        ([b"a", b" \xf0\x9f", b"\x8e", b"\xa1", b"b"], ["", "", "", "🎡", ""]),
        ([b"\xd7", b"\xa9\xd7", b"\x9c!"], ["", "ש", "ל"]),
        ([b"\xa1", b"\xf0\x9f", b"cat", b"\x8e"], ["", "", "", ""]),
        ([b"\xf0\x9f", b"\xf0\x9f\x8e", b"\xa1"], ["", "", "🎡"]),
        (["é".encode(), b"\xc3"], ["", ""]),
    ],
)
def test_the_last_piece_completes_a_character(parts, completed):
    tokens = [Token.from_bytes(0, part) for part in parts]
    assert list(completed_characters(tokens)) == completed


@given(st.text(), st.data())
def test_every_character_that_is_split_is_completed_once(text, data):
    encoded = text.encode()
    cuts = sorted(data.draw(st.sets(st.integers(0, len(encoded)))))
    tokens = [
        Token.from_bytes(0, encoded[start:end]) for start, end in pairwise([0, *cuts, len(encoded)])
    ]
    ends = accumulate(len(character.encode()) for character in text)
    split = [
        character
        for character, end in zip(text, ends, strict=True)
        if character != "\ufffd" and any(end - len(character.encode()) < cut < end for cut in cuts)
    ]
    assert [character for character in completed_characters(tokens) if character] == split


@given(st.text(), st.integers(0, 200))
def test_a_text_split_into_two_tokens_is_decoded_whole_from_their_joined_bytes(text, position):
    encoded = text.encode()
    tokens = [Token.from_bytes(0, part) for part in (encoded[:position], encoded[position:])]
    assert decode(b"".join(token.token_bytes for token in tokens)) == text


def test_a_part_of_a_character_is_decoded_as_a_replacement_character():
    assert Token.from_bytes(0, "🎡".encode()[:2]).token_text == "\ufffd"
    assert decode("ab🎡".encode()[:-1]) == "ab\ufffd"


def test_a_token_has_its_id_its_bytes_and_whether_it_is_a_control_token():
    token = Token.from_bytes(9, b"<|endoftext|>", is_special=True)
    assert (token.token_id, token.token_bytes, token.is_special) == (9, b"<|endoftext|>", True)
    assert not Token.from_bytes(9, b"a").is_special


@pytest.mark.parametrize(
    ("prob", "bits"), [(1, 0), (0.5, 1), (0.25, 2), (0.01, 6.64), (1 / 1024, 10)]
)
def test_surprisal_is_the_number_of_halvings(prob, bits):
    assert surprisal_bits(math.log(prob)) == pytest.approx(bits, abs=0.005)


def test_surprisal_is_infinite_at_probability_zero_and_never_negative():
    assert surprisal_bits(-math.inf) == math.inf
    assert surprisal_bits(1e-17) == 0
