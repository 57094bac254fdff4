"""Reading of a model's tokenizer from its files, with the library tokenizers alone."""

import json
from pathlib import Path

import tokenizers
from tokenizers import decoders, models, pre_tokenizers

GPT2_END_OF_TEXT = "<|endoftext|>"


class UnsupportedTokenizerError(Exception):
    """The files do not say how the tokenizer splits a text. The log shows the message."""


def read_backend(folder: Path) -> tokenizers.Tokenizer:
    """From `tokenizer.json`, or from the older `vocab.json` and `merges.txt`. Raises
    `UnsupportedTokenizerError`, and the exceptions of tokenizers for files that are damaged."""
    path = folder / "tokenizer.json"
    if path.is_file():
        return tokenizers.Tokenizer.from_file(str(path))
    require_gpt2(folder)
    return gpt2_backend(folder / "vocab.json", folder / "merges.txt")


def require_gpt2(folder: Path) -> None:
    """The older files hold no rule for splitting a text into words, and the families differ."""
    config = json.loads((folder / "config.json").read_bytes())
    if config.get("model_type") != "gpt2":
        raise UnsupportedTokenizerError(f"{folder} needs a tokenizer.json: it is no GPT-2")


def gpt2_backend(vocabulary: Path, merges: Path) -> tokenizers.Tokenizer:
    """Source: the encoder released with Radford et al., "Language Models are Unsupervised Multitask
    Learners", 2019."""
    backend = tokenizers.Tokenizer(models.BPE.from_file(str(vocabulary), str(merges)))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens([GPT2_END_OF_TEXT])
    return backend
