"""Fixtures that run the model with transformers alone, as a reference."""

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.checkpoints import COMMIT


@pytest.fixture(scope="session")
def checkpoint(models_dir):
    return models_dir / "models--openai-community--gpt2" / "snapshots" / COMMIT


@pytest.fixture(scope="session")
def reference_probs(checkpoint):
    """ids -> float64 probabilities by token id, straight from transformers."""
    model = AutoModelForCausalLM.from_pretrained(checkpoint, local_files_only=True).eval()

    def probs(token_ids):
        with torch.inference_mode():
            logits = model(torch.tensor([list(token_ids)])).logits[0, -1]  # (vocabulary_size,)
        return torch.softmax(logits.double(), dim=-1).numpy()

    return probs


@pytest.fixture
def tokenizer(catalog):
    return catalog.tokenizer("gpt2")


@pytest.fixture
def vocabulary_size(tokenizer):
    return tokenizer.vocabulary_size
