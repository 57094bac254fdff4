"""Fixtures: a trained byte-level BPE tokenizer."""

import pytest
import tokenizers

from tests.checkpoints import train_tokenizer
from wheel.language_models.tokenizer import Tokenizer


@pytest.fixture(scope="session")
def trained_json():
    """`tokenizer.json` of a small GPT-2."""
    return train_tokenizer().to_str()


@pytest.fixture(scope="session")
def tokenizer(trained_json):
    return Tokenizer(tokenizers.Tokenizer.from_str(trained_json))
