"""Explanations of tokens that are no text by themselves: pieces of characters, control tokens."""

from dataclasses import replace

import pytest

from tests.pages.conftest import start_session
from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.domain.token import Token
from wheel.pages.panels.story import build_chips, chosen_chips
from wheel.pages.words.tokens import token_note

END_OF_TEXT_ID = 0
STOP = "the model wants to stop here"


def state_of(session_id):
    return services.get_session(session_id=session_id)


def append_text(session_id, text):
    """Append the tokens of a text, picked by hand."""
    for token_id in state_of(session_id).tokenizer.encode(text):
        services.append_token(session_id=session_id, token_id=token_id)


@pytest.mark.parametrize(
    ("token", "note"),
    [
        (Token.from_bytes(1, b" cat"), ""),
        (Token.from_bytes(1, b"\xf0\x9f"), "a piece of a character"),
        (Token.from_bytes(1, b"<|im_end|>", is_special=True), STOP),
        (Token.from_bytes(1, b"<|im_end|>"), ""),
        (
            Token.from_bytes(1, b"<|im_start|>", is_special=True),
            "a control sign of the model, not text",
        ),
    ],
)
def test_a_token_that_is_no_text_is_explained(token, note):
    assert token_note(token) == note


def test_the_end_of_a_text_is_explained_in_the_list_the_chip_and_the_result(visitor, session_id):
    distribution = services.next_wheel(session_id=session_id).wheel.distribution
    rank = distribution.rank_of(END_OF_TEXT_ID) + 1
    html = visitor.get(f"/wheel/{session_id}?rank={rank}").content.decode()
    cells = [cell.text for cell in find_all(html, "th", with_class="col-token")]
    assert [cell for cell in cells if STOP in cell] == [f"<|endoftext|> {STOP}"]
    services.append_token(session_id=session_id, token_id=END_OF_TEXT_ID)
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    assert STOP in find_one(html, "button", id="chip-0").attributes["title"].splitlines()[0]
    assert STOP in find_one(html, "div", id="result").text


def test_the_last_piece_of_a_character_is_followed_by_the_character(visitor, session_id):
    append_text(session_id, "a🎡é")
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    assert [whole.text for whole in find_all(html, "span", with_class="chip-whole")] == [
        "= 🎡",
        "= é",
    ]
    pieces = ["chip-piece" in chip.classes for chip in find_all(html, "button", with_class="chip")]
    assert pieces == [False] + [True] * 4 + [True] * 2


def test_a_chosen_token_completes_a_character_that_the_prompt_began(visitor):
    session_id = start_session(prompt="x🎡")
    *prompt, last = state_of(session_id).session.token_ids
    begun = state_of(session_id)
    session = replace(begun.session, prompt_token_ids=tuple(prompt))
    begun = replace(begun, stored=replace(begun.stored, session=session))
    assert [chip.completed for chip in build_chips(begun)] == [""] * len(prompt)
    chosen = services.append_token(session_id=session_id, token_id=last).chosen
    session = replace(session, history=(chosen,))
    whole = replace(begun, stored=replace(begun.stored, session=session))
    assert [chip.completed for chip in chosen_chips(whole)] == ["🎡"]


@pytest.mark.parametrize("text", ["🎡", "é", "שלום", "a🎡b🎢", "\u200d"])
def test_a_change_completes_the_same_characters_as_the_whole_page(session_id, text):
    append_text(session_id, text)
    state = state_of(session_id)
    num_prompt = len(state.session.prompt_token_ids)
    whole = [chip.completed for chip in build_chips(state)][num_prompt:]
    assert any(whole)
    for first_idx in range(len(state.session.history)):
        changed = [chip.completed for chip in chosen_chips(state, first_idx)]
        assert changed == whole[first_idx:]
