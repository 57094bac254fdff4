"""Weights and tokenizers of different sizes: spare rows are left out, missing ones are refused."""

import numpy as np
import pytest
import torch

from tests.checkpoints import random_gpt2, train_tokenizer
from wheel.engine.naive_engine import full_forward
from wheel.language_models.runners import UnusableWeightsError, load_runner

NUM_TOKENS = train_tokenizer().get_vocab_size()


def save(folder, num_outputs):
    model = random_gpt2(num_outputs)
    model.save_pretrained(folder)
    train_tokenizer().save(str(folder / "tokenizer.json"))
    return model


def test_rows_of_the_weights_that_belong_to_no_token_are_left_out(tmp_path):
    model = save(tmp_path, NUM_TOKENS + 7)
    logits = full_forward(load_runner(tmp_path), (1, 2, 3))
    with torch.inference_mode():
        expected = model(torch.tensor([[1, 2, 3]])).logits[0, -1, :NUM_TOKENS]
    np.testing.assert_allclose(logits, expected.numpy(), atol=1e-4)


def test_weights_with_fewer_outputs_than_the_tokenizer_has_tokens_are_refused(tmp_path):
    save(tmp_path, NUM_TOKENS - 1)
    with pytest.raises(UnusableWeightsError, match=f"tokenizer has {NUM_TOKENS} tokens"):
        load_runner(tmp_path)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    model = save(tmp_path, NUM_TOKENS)
    model.transformer.h[1].mlp.c_fc.weight.data[3, 5] = float("nan")
    model.save_pretrained(tmp_path)
    with pytest.raises(UnusableWeightsError, match="not all finite"):
        load_runner(tmp_path)
