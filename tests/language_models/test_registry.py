"""The registry of models."""

import pytest

from wheel.errors import UnknownModelError
from wheel.language_models.registry import (
    GPT2,
    REGISTRY,
    SMOLLM2_135M,
    find_spec,
    find_specs,
    in_millions,
)


def test_the_registry_lists_models_in_the_order_of_preference():
    assert list(REGISTRY) == ["gpt2", "gpt2-medium", "smollm2-135m"]


@pytest.mark.parametrize(
    ("model_id", "parameters"),
    [("gpt2", "124M"), ("gpt2-medium", "355M"), ("smollm2-135m", "135M")],
)
def test_the_number_of_parameters_is_shown_in_millions(model_id, parameters):
    assert in_millions(REGISTRY[model_id].num_parameters) == parameters


def test_specs_come_in_the_order_asked_for():
    assert find_specs(["smollm2-135m", "gpt2"]) == [SMOLLM2_135M, GPT2]


def test_an_unknown_model_is_refused_with_the_list_of_known_ones():
    with pytest.raises(UnknownModelError) as caught:
        find_spec("gpt5", REGISTRY)
    sentence = "Invalid model name. Available models: [gpt2, gpt2-medium, smollm2-135m]"
    assert caught.value.detail == sentence
