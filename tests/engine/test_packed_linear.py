"""Packed linear layers compute the same as the model's own layers."""

import pytest
import torch
from torch import nn

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
