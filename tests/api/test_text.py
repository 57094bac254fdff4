"""The text is the concatenated bytes of the tokens: never re-tokenised or cleaned up."""

import pytest

from tests.api.helpers import append, new_session, ranked_tokens, spin, state, token_ids

EMOJI = ["🎉", "👩‍👩‍👧", "🏳️‍🌈", "é漢🎉"]


@pytest.mark.parametrize("emoji", EMOJI)
def test_a_character_split_over_tokens_comes_together_byte_by_byte(
    api, tokenizer, reference_probs, emoji
):
    url = new_session(api, "Party ")
    ids = list(tokenizer.encode("Party "))
    written = b"Party "
    for byte in emoji.encode():
        token_id = byte_id(tokenizer, byte)
        change = append(api, url, token_id=token_id)
        ids.append(token_id)
        written += bytes([byte])
        assert change["current_text"] == written.decode(errors="replace")
        assert token_ids(api, url) == ids
    assert change["current_text"] == "Party " + emoji
    wheel = {t["token_id"]: t["probability"] for t in ranked_tokens(api, url)}
    assert [wheel[i] for i in range(len(wheel))] == pytest.approx(reference_probs(ids), abs=1e-5)


def byte_id(tokenizer, byte):
    return next(t.token_id for t in tokenizer.tokens if t.token_bytes == bytes([byte]))


def test_a_piece_of_a_character_shows_its_byte(api, session_url, tokenizer):
    token = append(api, session_url, token_id=byte_id(tokenizer, 0xF0))["appended_token"]
    assert token["token_text"] == "\ufffd"
    assert token["display_text"] == r"\xf0"


def test_undoing_a_piece_of_a_character_leaves_its_other_pieces(api, tokenizer):
    url = new_session(api, "Party ")
    for byte in "🎉".encode():
        append(api, url, token_id=byte_id(tokenizer, byte))
    api.post_json(f"{url}/undo")
    append(api, url, token_id=byte_id(tokenizer, "🎊".encode()[-1]))
    assert state(api, url)["current_text"] == "Party 🎊"


@pytest.mark.parametrize(
    ("text", "shown"), [(" mat", "␣mat"), ("\n", "↵"), ("\t", "⇥"), (" ", "␣")]
)
def test_white_space_is_made_visible(api, session_url, text, shown):
    token = append(api, session_url, token_text=text)["appended_token"]
    assert (token["token_text"], token["display_text"]) == (text, shown)


def test_spaces_before_punctuation_stay(api, tokenizer):
    url = new_session(api, "Why ?")
    append(api, url, token_text=" ")
    change = append(api, url, token_text="?")
    assert change["current_text"] == "Why ? ?"
    assert state(api, url)["initial_prompt"] == "Why ?"


def test_chosen_tokens_are_never_tokenised_again(api, tokenizer):
    url = new_session(api, "The")
    for character in " cat":
        append(api, url, token_text=character)
    assert state(api, url)["current_text"] == "The cat"
    assert tuple(token_ids(api, url)) != tokenizer.encode("The cat")
    assert len(token_ids(api, url)) == 5


def test_the_text_of_a_story_is_the_bytes_of_its_tokens(api, tokenizer):
    url = new_session(api, "Ein Märchen: ", seed=11)
    for _ in range(30):
        spin(api, url, temperature=5)
    expected = b"".join(tokenizer.tokens[i].token_bytes for i in token_ids(api, url))
    assert state(api, url)["current_text"] == expected.decode(errors="replace")


def test_a_drawn_end_of_text_ends_the_text_and_the_wheel_goes_on(api, session_url):
    tokens = ranked_tokens(api, session_url)
    rank = next(rank for rank, token in enumerate(tokens) if token["token_id"] == 0)
    u = sum(token["probability"] for token in tokens[:rank]) + tokens[rank]["probability"] / 2
    change = spin(api, session_url, u=u)
    assert change["appended_token"]["token_id"] == 0
    assert change["appended_token"]["is_special"] is True
    assert change["ended"] is True
    assert change["token_history"][0]["token_text"] == "<|endoftext|>"
    assert state(api, session_url)["ended"] is True
    change = spin(api, session_url, u=0.5)
    assert change["ended"] is True
    assert len(change["token_history"]) == 2


def test_the_name_of_a_control_token_is_not_the_token(api):
    url = new_session(api, "<|endoftext|>")
    assert 0 not in token_ids(api, url)
    assert state(api, url)["ended"] is False
