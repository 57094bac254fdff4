"""Reading of a model's tokenizer from its files, with the library tokenizers alone."""

import json
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, pre_tokenizers

from wheel.decoders.refusals import RefusedModelError

CANONICAL = ("NFC",)  # texts look the same; pages show the normalised one
GPT2_END_OF_TEXT = "<|endoftext|>"


class UnsupportedTokenizerError(RefusedModelError):
    """The files do not say how the tokenizer splits a text, or it changes texts, or its tokens are
    not bytes."""


def read_backend(folder: Path) -> tokenizers.Tokenizer:
    """From `tokenizer.json`, or from the older `vocab.json` and `merges.txt`. Raises
    `UnsupportedTokenizerError`, and the exceptions of tokenizers for files that are damaged."""
    path = folder / "tokenizer.json"
    if path.is_file():
        backend = tokenizers.Tokenizer.from_file(str(path))
        require_byte_level(backend)
        return backend
    require_gpt2(folder)
    return gpt2_backend(folder / "vocab.json", folder / "merges.txt")


def require_gpt2(folder: Path) -> None:
    """The older files hold no rule for splitting a text into words, and the families differ."""
    config = json.loads((folder / "config.json").read_bytes())
    if config.get("model_type") != "gpt2":
        raise UnsupportedTokenizerError("it has no tokenizer.json, and is no GPT-2")


def require_byte_level(backend: tokenizers.Tokenizer) -> None:
    """Raises `UnsupportedTokenizerError` unless it is byte-pair encoding on bytes, of the text as
    it was typed. That texts are really kept, `Tokenizer` tries out."""
    model = backend.model
    if not isinstance(model, models.BPE):
        raise UnsupportedTokenizerError(
            f"its tokenizer is {type(model).__name__}, not byte-level BPE"
        )
    if model.dropout or model.continuing_subword_prefix or model.end_of_word_suffix:
        raise UnsupportedTokenizerError("its BPE has a dropout, or marks parts of words")
    require_splits_on_bytes(backend)
    added = backend.get_added_tokens_decoder().values()
    if any((token.lstrip or token.rstrip) and not token.special for token in added):
        raise UnsupportedTokenizerError("its tokenizer drops spaces beside some tokens")
    kind = type(backend.normalizer).__name__
    if backend.normalizer is not None and kind not in CANONICAL:
        raise UnsupportedTokenizerError(f"its tokenizer has a normaliser that changes text: {kind}")


def require_splits_on_bytes(backend: tokenizers.Tokenizer) -> None:
    state = json.loads(backend.pre_tokenizer.__getstate__()) if backend.pre_tokenizer else {}
    steps = state.get("pretokenizers", [state])
    byte_level = [step for step in steps if step.get("type") == "ByteLevel"]
    if not byte_level:
        raise UnsupportedTokenizerError("its tokenizer does not split text into bytes")
    if any(step["add_prefix_space"] for step in byte_level):
        raise UnsupportedTokenizerError("its tokenizer puts a space before every text")


def gpt2_backend(vocabulary: Path, merges: Path) -> tokenizers.Tokenizer:
    """Source: the encoder released with Radford et al., "Language Models are Unsupervised Multitask
    Learners", 2019."""
    backend = tokenizers.Tokenizer(models.BPE.from_file(str(vocabulary), str(merges)))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([GPT2_END_OF_TEXT])
    return backend
