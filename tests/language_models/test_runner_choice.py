"""Choice between torch and OpenVINO: by measuring, or by name."""

import logging

import numpy as np
import pytest

from bench.plain_models import decoder_from
from tests.checkpoints import random_gpt2, random_llama
from wheel.engine.batch import Batch, Chunk
from wheel.engine.openvino_runner import OpenVinoRunner
from wheel.engine.torch_runner import TorchRunner
from wheel.language_models import runner_choice
from wheel.language_models.runner_choice import MAKERS, make_runner, num_bytes, slice_of

SMALL = 20_000  # bytes: less than the models here have


@pytest.fixture(scope="module")
def decoder():
    return decoder_from(random_gpt2(50))


class WrongRunner(TorchRunner):
    def run(self, batch):
        return super().run(batch) * np.float32(1.001)


class SlowRunner:
    """Computes every step many times."""

    def __init__(self, runner):
        self._runner = runner
        self.allocate = runner.allocate

    def run(self, batch):
        for _ in range(100):
            logits = self._runner.run(batch)
        return logits


def make_slow(name):
    return lambda decoder: SlowRunner(MAKERS[name](decoder))


def failing(error):
    def make(decoder):
        raise error

    return make


def made_by(make):
    """The makers with another one for OpenVINO, and the decoders that it was asked for."""
    asked = []

    def make_other(decoder):
        asked.append(decoder)
        return make(decoder)

    return {"torch": TorchRunner, "openvino": make_other}, asked


def test_a_library_that_is_named_is_used_without_measuring(decoder):
    makers, asked = made_by(TorchRunner)
    make_runner(decoder, "torch", makers=makers, slice_bytes=SMALL)
    assert asked == []
    assert isinstance(make_runner(decoder, "openvino"), OpenVinoRunner)


def test_a_model_that_fits_into_the_processor_s_cache_is_computed_by_torch(decoder):
    makers, asked = made_by(TorchRunner)
    assert make_runner(decoder, makers=makers, slice_bytes=num_bytes(decoder) + 1).name == "torch"
    assert asked == []


@pytest.mark.parametrize(("is_slow", "chosen"), [("openvino", "torch"), ("torch", "openvino")])
def test_the_faster_library_computes_the_whole_model_and_the_log_has_both_times(
    decoder, caplog, is_slow, chosen
):
    caplog.set_level(logging.INFO)
    makers = {**MAKERS, is_slow: make_slow(is_slow)}
    runner = make_runner(decoder, makers=makers, slice_bytes=SMALL)
    assert runner.name == chosen
    assert f"{chosen} computes the model: torch " in caplog.text
    assert "; openvino " in caplog.text
    logits = runner.run(Batch([Chunk(runner.allocate(1), (7,), 0, is_last=True)]))
    assert logits.shape == (1, 50)


@pytest.mark.parametrize(
    "make",
    [
        failing(ModuleNotFoundError("No module named 'openvino'")),
        failing(OSError("a library is missing")),
        failing(RuntimeError("this processor is not supported")),
        WrongRunner,
    ],
)
def test_torch_computes_what_openvino_cannot_or_computes_otherwise(decoder, caplog, make):
    makers, asked = made_by(make)
    assert isinstance(make_runner(decoder, makers=makers, slice_bytes=SMALL), TorchRunner)
    assert len(asked) == 1
    assert "since OpenVINO cannot: " in caplog.text


def test_a_library_that_is_named_and_missing_is_an_error(decoder):
    makers, _ = made_by(failing(ModuleNotFoundError("No module named 'openvino'")))
    with pytest.raises(ModuleNotFoundError):
        make_runner(decoder, "openvino", makers=makers)


@pytest.mark.parametrize("make_model", [random_gpt2, random_llama])
def test_a_slice_has_the_same_share_of_layers_and_outputs(make_model):
    decoder = decoder_from(make_model(50))
    half = slice_of(decoder, num_bytes(decoder) // 2)
    assert (len(half.layers), half.shape.num_layers) == (1, 1)
    assert half.head.weight.shape[0] == half.shape.vocabulary_size == 25
    assert half.token_embedding is decoder.token_embedding
    whole = slice_of(decoder, 10**9)
    assert len(whole.layers) == len(decoder.layers)
    assert np.array_equal(whole.head.weight, decoder.head.weight)


def test_probabilities_of_logits_sum_to_one():
    probs = runner_choice.probabilities(np.array([[1000.0, 1000.0], [0.0, -90.0]], np.float32))
    assert probs[0].tolist() == [0.5, 0.5]
    assert probs.sum(axis=1) == pytest.approx([1, 1])
