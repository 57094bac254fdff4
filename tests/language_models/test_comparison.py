"""Comparison with transformers: once for each state of the files, with a record beside them."""

import json
from dataclasses import replace

import pytest

from tests.checkpoints import random_gpt2, train_tokenizer
from wheel.decoders.decoder import Activation
from wheel.decoders.files import read_decoder
from wheel.engine.torch_runner import TorchRunner
from wheel.language_models import comparison, reference
from wheel.language_models.checksums import RECORD_NAME, damaged_files, record_checksums
from wheel.language_models.comparison import ComparisonError, require_as_transformers


class RecordingComputation:
    """Computes nothing, and records the lengths of the texts."""

    def __init__(self, difference=1e-7):
        self.difference = difference
        self.lengths = []

    def __call__(self, folder, num_tokens):
        assert folder.is_absolute()
        self.lengths.append(num_tokens)
        return self.difference


@pytest.fixture
def folder(tmp_path):
    random_gpt2(train_tokenizer().get_vocab_size()).save_pretrained(tmp_path)
    train_tokenizer().save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_files_are_compared_once_in_a_text_as_long_as_the_context(folder):
    compute = RecordingComputation()
    first = require_as_transformers(folder, None, compute)
    assert first.difference == 1e-7
    assert require_as_transformers(folder, None, compute) == first
    assert compute.lengths == [64]


def test_the_text_is_as_long_as_the_longest_that_is_served(folder):
    compute = RecordingComputation()
    for max_context_length in (40, 30, 50, 5000, 64):
        require_as_transformers(folder, max_context_length, compute)
    assert compute.lengths == [40, 50, 64]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_files_that_have_changed_are_compared_again(folder, name):
    compute = RecordingComputation()
    require_as_transformers(folder, None, compute)
    with (folder / name).open("ab") as file:
        file.write(b" ")
    require_as_transformers(folder, None, compute)
    assert compute.lengths == [64, 64]


def test_files_that_are_not_read_do_not_matter(folder):
    compute = RecordingComputation()
    require_as_transformers(folder, None, compute)
    (folder / "README.md").write_text("new")
    require_as_transformers(folder, None, compute)
    assert compute.lengths == [64]


@pytest.mark.parametrize("difference", [3e-2, float("nan")])
def test_a_model_that_differs_is_refused_without_comparing_it_again(folder, difference):
    compute = RecordingComputation(difference)
    for _ in range(2):
        with pytest.raises(ComparisonError, match="differ from those of transformers"):
            require_as_transformers(folder, None, compute)
    assert compute.lengths == [64]


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"version": "x"}'])
def test_a_record_that_is_damaged_counts_as_none(folder, record):
    (folder / RECORD_NAME).write_text(record)
    compute = RecordingComputation()
    require_as_transformers(folder, None, compute)
    assert compute.lengths == [64]
    assert json.loads((folder / RECORD_NAME).read_text())["num_tokens"] == 64


def test_a_comparison_by_an_earlier_version_counts_as_none(folder, monkeypatch):
    compute = RecordingComputation()
    require_as_transformers(folder, None, compute)
    monkeypatch.setattr(comparison, "VERSION", comparison.VERSION + 1)
    require_as_transformers(folder, None, compute)
    assert compute.lengths == [64, 64]


def test_a_folder_that_cannot_be_written_is_compared_each_time(folder, caplog):
    (folder / f".{RECORD_NAME}").mkdir()  # so that no record can be written, even by root
    compute = RecordingComputation()
    for _ in range(2):
        require_as_transformers(folder, None, compute)
    assert compute.lengths == [64, 64]
    assert f"the comparison of {folder} could not be recorded" in caplog.text


def test_the_record_is_no_file_of_the_model(folder):
    require_as_transformers(folder, None, RecordingComputation())
    record_checksums(folder)
    (folder / RECORD_NAME).write_text("other")
    assert damaged_files(folder) == []


def test_equal_computations_differ_by_rounding_only(folder):
    assert reference.largest_difference(folder, 64) < 1e-5


def test_another_computation_is_found(folder, monkeypatch):
    """With an activation that is nearly the same."""

    def load_with_another_activation(path):
        decoder = read_decoder(path)
        assert decoder.shape.activation == Activation.GELU_TANH
        return TorchRunner(
            replace(decoder, shape=replace(decoder.shape, activation=Activation.GELU))
        )

    monkeypatch.setattr(reference, "load_runner", load_with_another_activation)
    assert reference.largest_difference(folder, 64) > comparison.MAX_DIFFERENCE


@pytest.mark.slow
def test_a_server_computes_it_in_a_process_of_its_own(folder):
    result = require_as_transformers(folder, 48)
    assert result.num_tokens == 48
    assert 0 <= result.difference < 1e-5


@pytest.mark.slow
def test_a_model_that_transformers_cannot_load_is_refused_and_not_recorded(folder, caplog):
    (folder / "model.safetensors").write_bytes(b"damaged")
    with pytest.raises(ComparisonError, match="could not be compared with transformers"):
        require_as_transformers(folder, None)
    assert not (folder / RECORD_NAME).exists()
    assert "comparing with transformers failed" in caplog.text
