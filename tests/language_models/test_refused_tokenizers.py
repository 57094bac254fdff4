"""Tokenizers that are refused, since their tokens would not be the bytes of the text."""

import json

import pytest
import tokenizers
from tokenizers import AddedToken, models, pre_tokenizers

from tests.checkpoints import CORPUS, train_tokenizer
from wheel.language_models.tokenizer import Tokenizer
from wheel.language_models.tokenizer_files import UnsupportedTokenizerError

BYTE_LEVEL = {
    "type": "ByteLevel",
    "add_prefix_space": False,
    "trim_offsets": True,
    "use_regex": True,
}


@pytest.fixture
def read(tmp_path):
    def read(backend, **changes):
        content = json.loads(backend.to_str()) | changes
        (tmp_path / "tokenizer.json").write_text(json.dumps(content))
        return Tokenizer.from_folder(tmp_path)

    return read


def sequence(*steps):
    return {"type": "Sequence", "pretokenizers": list(steps)}


def split(behavior):
    return {"type": "Split", "pattern": {"Regex": "s"}, "behavior": behavior, "invert": False}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"normalizer": {"type": "Lowercase"}}, "normaliser that changes text: Lowercase"),
        ({"normalizer": {"type": "NFKC"}}, "normaliser that changes text: NFKC"),
        ({"normalizer": {"type": "Prepend", "prepend": "▁"}}, "changes text: Prepend"),
        ({"pre_tokenizer": None}, "does not split text into bytes"),
        ({"pre_tokenizer": {"type": "Whitespace"}}, "does not split text into bytes"),
        ({"pre_tokenizer": BYTE_LEVEL | {"add_prefix_space": True}}, "a space before every text"),
        ({"pre_tokenizer": sequence(split("Removed"), BYTE_LEVEL)}, "changes texts"),
    ],
    ids=str,
)
def test_a_tokenizer_that_changes_texts_is_refused(read, changes, reason):
    with pytest.raises(UnsupportedTokenizerError, match=reason):
        read(train_tokenizer(), **changes)


def test_other_ways_of_splitting_a_text_are_accepted(read):
    tokenizer = read(train_tokenizer(), pre_tokenizer=sequence(split("Isolated"), BYTE_LEVEL))
    assert tokenizer.decode(tokenizer.encode("The cats sat")) == "The cats sat"


@pytest.mark.parametrize(
    "model", [models.WordPiece({"a": 0}, unk_token="a"), models.Unigram([("a", 0.0)])], ids=str
)
def test_another_kind_of_tokenizer_is_refused(read, model):
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    with pytest.raises(UnsupportedTokenizerError, match="not byte-level BPE"):
        read(backend)


def test_tokens_that_are_not_written_as_bytes_are_refused(read):
    backend = tokenizers.Tokenizer(models.BPE({"▁a": 0, "b": 1}, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    with pytest.raises(UnsupportedTokenizerError, match=r"its tokens are not bytes: .*▁"):
        read(backend)


def test_gaps_in_the_ids_are_refused(read):
    backend = train_tokenizer()
    content = json.loads(backend.to_str())
    vocabulary = content["model"]["vocab"]
    last = max(vocabulary, key=vocabulary.get)
    vocabulary[last] += 5
    with pytest.raises(UnsupportedTokenizerError, match="gaps in its ids: "):
        read(backend, model=content["model"])


@pytest.mark.parametrize("field", ["continuing_subword_prefix", "end_of_word_suffix"])
def test_a_bpe_that_marks_parts_of_words_is_refused(read, field):
    model = models.BPE({"a": 0, "b": 1}, [], **{field: "@@"})
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    with pytest.raises(UnsupportedTokenizerError, match="marks parts of words"):
        read(backend)


def test_a_tokenizer_with_dropout_is_refused(read):
    model = json.loads(train_tokenizer().to_str())["model"] | {"dropout": 0.1}
    with pytest.raises(UnsupportedTokenizerError, match="dropout"):
        read(train_tokenizer(), model=model)


def test_an_added_token_that_swallows_spaces_is_refused(read):
    backend = train_tokenizer()
    backend.add_tokens([AddedToken("<x>", lstrip=True)])
    with pytest.raises(UnsupportedTokenizerError, match="drops spaces beside some tokens"):
        read(backend)


def test_an_added_token_that_is_no_control_token_is_a_plain_text(read):
    """Pythia has runs of spaces as added tokens."""
    backend = train_tokenizer()
    backend.add_tokens(["    "])
    tokenizer = read(backend)
    token_id = backend.token_to_id("    ")
    token = tokenizer.token(token_id)
    assert (token.token_bytes, token.is_special, token.ends_text) == (b"    ", False, False)
    assert token_id in tokenizer.encode("a    b")
    assert tokenizer.decode(tokenizer.encode("a    b")) == "a    b"
    assert tokenizer.find_token("    ") is token


def test_a_text_is_brought_to_the_form_that_the_model_was_trained_on(read):
    """Qwen2 and Pythia: a letter and an accent become one character, which looks the same."""
    tokenizer = read(train_tokenizer(), normalizer={"type": "NFC"})
    assert tokenizer.encode("cafe\u0301") == tokenizer.encode("caf\u00e9")
    assert tokenizer.decode(tokenizer.encode("cafe\u0301")) == "caf\u00e9"
    for text in CORPUS:
        assert tokenizer.decode(tokenizer.encode(text)) == text
