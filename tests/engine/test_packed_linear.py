"""Packed linear layers compute the same as the model's own layers."""

import copy

import pytest
import torch
from torch import nn
from transformers.activations import NewGELUActivation
from transformers.pytorch_utils import Conv1D

from tests.checkpoints import random_gpt2, random_llama
from wheel.engine import packed_linear
from wheel.engine.packed_linear import PackedLinear

pytestmark = pytest.mark.skipif(not packed_linear.is_available(), reason="torch without oneDNN")


@pytest.mark.parametrize("num_rows", [0, 1, 3, 4, 5, 17, 64, 200])
@pytest.mark.parametrize("has_bias", [True, False])
def test_any_number_of_rows_is_multiplied_as_by_a_linear_layer(num_rows, has_bias):
    torch.manual_seed(0)
    layer = nn.Linear(48, 70, bias=has_bias)
    packed = PackedLinear(layer.weight.detach(), layer.bias.detach() if has_bias else None)
    x = torch.randn(1, num_rows, 48)
    with torch.inference_mode():
        torch.testing.assert_close(packed(x), layer(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("make_model", [random_gpt2, random_llama])
def test_every_layer_of_a_model_is_replaced_and_the_model_is_the_same(make_model):
    model = make_model(50)
    packed = copy.deepcopy(model)
    packed_linear.pack(packed)
    left = [m for m in packed.modules() if isinstance(m, nn.Linear | Conv1D | NewGELUActivation)]
    assert left == []
    assert any(isinstance(m, PackedLinear) for m in packed.modules())
    input_ids = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6]])
    with torch.inference_mode():
        expected = torch.softmax(model(input_ids).logits, dim=-1)
        actual = torch.softmax(packed(input_ids).logits, dim=-1)
    torch.testing.assert_close(actual, expected, atol=1e-5, rtol=0)
