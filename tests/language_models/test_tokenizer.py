"""The tokenizer: exact round trips, control tokens, vocabularies with gaps."""

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import decoders, models, pre_tokenizers, processors
from transformers.convert_slow_tokenizer import bytes_to_unicode

from tests.checkpoints import train_tokenizer
from wheel.errors import (
    AmbiguousTokenTextError,
    InvalidFieldsError,
    InvalidTokenIdError,
    NotOneTokenError,
)
from wheel.language_models.tokenizer import Tokenizer, byte_alphabet
from wheel.language_models.tokenizer_files import UnsupportedTokenizerError

RARE_CHARACTERS = "naïve  café\r\n\t 🎡👩‍👩‍👧 日本 \u200b\x00 ? ?! \ufffd"


@given(text=st.text())
def test_the_bytes_of_the_tokens_are_the_bytes_of_the_text(tokenizer, text):
    token_ids = tokenizer.encode(text)
    joined = b"".join(tokenizer.token(token_id).token_bytes for token_id in token_ids)
    assert joined == text.encode()
    assert tokenizer.decode(token_ids) == text


def test_a_text_of_rare_characters_survives_the_round_trip(tokenizer):
    assert tokenizer.decode(tokenizer.encode(RARE_CHARACTERS)) == RARE_CHARACTERS


def test_the_empty_text_has_no_tokens(tokenizer):
    assert tokenizer.encode("") == ()
    assert tokenizer.decode(()) == ""


def test_token_ids_are_those_of_the_tokenizers_library(tokenizer):
    expected = train_tokenizer().encode(RARE_CHARACTERS, add_special_tokens=False).ids
    assert list(tokenizer.encode(RARE_CHARACTERS)) == expected


def test_only_an_unfinished_character_at_the_end_shows_as_a_replacement(tokenizer):
    token_ids = tokenizer.encode("a🎡")
    assert len(token_ids) > 2
    assert tokenizer.decode(token_ids[:-1]) == "a\ufffd"
    assert tokenizer.decode(token_ids) == "a🎡"


def test_a_control_token_that_is_typed_is_plain_text(tokenizer):
    token_ids = tokenizer.encode("<|endoftext|>")
    assert len(token_ids) > 1
    assert not any(tokenizer.token(token_id).is_special for token_id in token_ids)
    assert tokenizer.decode(token_ids) == "<|endoftext|>"


def test_no_token_is_put_before_a_text_although_the_file_asks_for_one():
    """The tokenizer files of some models prepend a begin-of-sequence token."""
    backend = train_tokenizer()
    plain = Tokenizer(train_tokenizer()).encode("The cat")
    begin = "<|endoftext|>"
    backend.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", special_tokens=[(begin, backend.token_to_id(begin))]
    )
    assert backend.encode("The cat").ids == [backend.token_to_id(begin), *plain]
    assert Tokenizer(backend).encode("The cat") == plain


def test_the_end_of_text_token_is_known_and_special(tokenizer):
    assert tokenizer.end_of_text_ids == {0}
    assert tokenizer.token(0).is_special
    assert tokenizer.token(0).token_text == "<|endoftext|>"
    assert [token.token_id for token in tokenizer.tokens if token.is_special] == [0]


def test_the_token_that_ends_a_turn_of_a_chat_ends_a_text_too():
    backend = train_tokenizer()
    backend.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    tokenizer = Tokenizer(backend)
    assert tokenizer.end_of_text_ids == {0, backend.token_to_id("<|im_end|>")}


def test_every_id_of_the_vocabulary_has_its_token(tokenizer):
    assert [token.token_id for token in tokenizer.tokens] == list(range(tokenizer.vocabulary_size))
    assert all(token.token_bytes for token in tokenizer.tokens)


@pytest.mark.parametrize("token_id", [-1, 10**9])
def test_an_id_outside_the_vocabulary_is_refused_with_the_range(tokenizer, token_id):
    with pytest.raises(InvalidTokenIdError, match=f"0 to {tokenizer.vocabulary_size - 1}"):
        tokenizer.token(token_id)


def test_the_last_id_is_valid_and_the_next_is_not(tokenizer):
    last = tokenizer.vocabulary_size - 1
    assert tokenizer.token(last).token_id == last
    with pytest.raises(InvalidTokenIdError):
        tokenizer.token(last + 1)


def test_a_token_is_found_by_its_exact_text(tokenizer):
    for text in (" the", "t", " t", "\n", " "):
        assert tokenizer.find_token(text).token_text == text
    assert tokenizer.find_token(" t").token_id != tokenizer.find_token("t").token_id


def test_every_text_finds_its_token_or_is_refused_as_shared(tokenizer):
    """A text that was taken from a token object leads back to that token, or nowhere."""
    for token in tokenizer.tokens:
        if token.is_special:
            continue
        sharing = [t.token_id for t in tokenizer.tokens if t.token_text == token.token_text]
        if sharing == [token.token_id]:
            assert tokenizer.find_token(token.token_text) is token
        else:
            with pytest.raises(AmbiguousTokenTextError, match=f"{len(sharing)} tokens have"):
                tokenizer.find_token(token.token_text)


def test_a_text_that_a_control_token_shares_with_a_plain_one_is_ambiguous():
    backend = train_tokenizer()
    plain_id = backend.encode(" the").ids[0]
    backend.add_special_tokens([" the"])
    tokenizer = Tokenizer(backend)
    with pytest.raises(AmbiguousTokenTextError) as caught:
        tokenizer.find_token(" the")
    control_id = tokenizer.vocabulary_size - 1
    assert tokenizer.token(control_id).is_special
    assert caught.value.errors["token_text"][1] == f"Their ids are {plain_id}, {control_id}."


def test_a_single_token_whose_text_has_a_replacement_character_is_found_by_it():
    """Only one byte is left that is no character by itself."""
    tokenizer = without_bytes(*range(0x80, 0xFF))
    assert tokenizer.find_token("\ufffd").token_bytes == b"\xff"


def test_of_very_many_candidates_the_first_are_named_and_the_rest_counted():
    error = AmbiguousTokenTextError("\ufffd", range(100_000, 103_000))
    assert error.errors["token_text"][1].endswith("100999, and 2000 more.")
    assert len(str(error.errors)) < 9_000


@pytest.mark.parametrize("text", ["", "the cat sat", "🎡", "<|endoftext|>", "\ufffd\ufffd"])
def test_a_text_that_is_not_one_token_is_refused_with_its_number_of_tokens(tokenizer, text):
    number = len(tokenizer.encode(text))
    with pytest.raises(NotOneTokenError, match=f"is {number} tokens"):
        tokenizer.find_token(text)


def test_the_byte_alphabet_is_that_of_transformers():
    assert byte_alphabet() == bytes_to_unicode()


def without_bytes(*missing):
    """A vocabulary of single bytes in which some are not there, as in a few real ones."""
    symbols = [symbol for byte, symbol in byte_alphabet().items() if byte not in missing]
    vocabulary = {symbol: token_id for token_id, symbol in enumerate(symbols)}
    backend = tokenizers.Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return Tokenizer(backend)


def test_characters_that_cannot_be_spelled_are_named_and_not_left_out():
    tokenizer = without_bytes(0x04, 0xF1)
    with pytest.raises(InvalidFieldsError, match=r"U\+0004, U\+40000$") as caught:
        tokenizer.encode("fine\x04 \U00040000 fine")
    assert list(caught.value.errors) == ["prompt"]


def test_a_vocabulary_with_gaps_still_spells_what_it_can():
    tokenizer = without_bytes(0x04, 0xF1)
    assert tokenizer.decode(tokenizer.encode("🎡 fine")) == "🎡 fine"


def test_truncation_and_padding_asked_for_by_the_file_are_switched_off():
    backend = train_tokenizer()
    backend.enable_truncation(max_length=2)
    backend.enable_padding(length=50, pad_id=0, pad_token="<|endoftext|>")
    tokenizer = Tokenizer(backend)
    for text in ("a", RARE_CHARACTERS):
        assert tokenizer.encode(text) == Tokenizer(train_tokenizer()).encode(text)


def test_a_folder_with_only_the_older_files_loads_the_same_tokenizer(tmp_path, tokenizer):
    train_tokenizer().model.save(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "vocab.json", "merges.txt"}
    older = Tokenizer.from_folder(tmp_path)
    assert older.tokens == tokenizer.tokens
    assert older.end_of_text_ids == {0}
    assert older.encode(RARE_CHARACTERS) == tokenizer.encode(RARE_CHARACTERS)
    assert older.encode("<|endoftext|>") == tokenizer.encode("<|endoftext|>")


def test_older_files_of_another_family_than_gpt2_are_refused(tmp_path):
    """They split a text in another way, of which these files do not know."""
    train_tokenizer().model.save(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "qwen2"}')
    with pytest.raises(UnsupportedTokenizerError, match=r"has no tokenizer\.json"):
        Tokenizer.from_folder(tmp_path)
