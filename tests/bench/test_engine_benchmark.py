"""The engine's benchmark on a small model, and the suite around it."""

import pytest

from bench.engine import BATCH_SIZES, EngineBenchmark, median_s, weight_bytes
from bench.plain_models import decoder_from
from bench.runners import NUM_ROWS, RunnerBenchmark, num_products
from bench.suite import Suite, available_models
from tests.checkpoints import random_gpt2

pytestmark = pytest.mark.slow

SMALL = {"small": lambda: random_gpt2(50, context_length=1024)}


@pytest.fixture(scope="module")
def suite():
    return Suite(SMALL, with_http=False)


@pytest.fixture(scope="module")
def step_names(suite):
    """The names of the steps of a complete run."""
    return list(suite.run())


@pytest.fixture(scope="module")
def model(suite, step_names):
    (model,) = suite.results.models
    return model


def test_the_suite_announces_the_number_of_its_steps(suite, step_names):
    num_figures = EngineBenchmark.num_figures() + RunnerBenchmark.num_figures()
    assert len(step_names) == suite.num_steps == num_figures
    assert step_names[0] == "small: one token after 5"


def test_the_suite_with_http_has_more_steps():
    assert Suite({}, with_http=True).num_steps > 20
    assert Suite({}, with_http=False).num_steps == 0


def test_the_suite_keeps_the_figures_of_each_model(model, step_names):
    assert model.model_id == "small"
    names = [f"small: {figure.name}" for figure in model.figures]
    names += [f"small: runners, {figures.num_rows} rows" for figures in model.runners]
    assert names == step_names
    assert all(figure.ours_s > 0 and figure.ratio for figure in model.figures)
    assert model.bandwidth > 1e8
    assert model.weight_bytes == weight_bytes(random_gpt2(50, context_length=1024))


def test_both_libraries_are_measured_with_each_number_of_rows(model):
    assert [figures.num_rows for figures in model.runners] == list(NUM_ROWS)
    for figures in model.runners:
        assert [step.name for step in figures.steps] == ["torch", "openvino"]
        assert all(step.step_s > figures.limit_s for step in figures.steps)
    products = [figures.products_s / figures.num_rows for figures in model.runners]
    assert all(0 < seconds < 1e-4 for seconds in products)


def test_the_products_of_a_step_are_those_of_all_linear_layers():
    layer = 4 * 32 * 32 + 2 * 32 * 128  # qkv and output; up and down
    assert num_products(decoder_from(random_gpt2(50))) == 2 * layer + 50 * 32


def test_the_naive_time_of_a_batch_is_that_of_a_pass_for_each(model):
    times = [model.of(f"one token for each of {size}").naive_s for size in BATCH_SIZES]
    assert times == pytest.approx([size * times[0] for size in BATCH_SIZES])


def test_a_cached_context_takes_less_time_than_a_forward_pass(model):
    assert model.of("a known context again").ratio > 1


def test_the_median_leaves_out_a_short_warm_up():
    calls: list[None] = []
    assert median_s(lambda: calls.append(None)) >= 0
    assert len(calls) == 1 + 15


def test_models_without_files_are_named(tmp_path):
    models, notes = available_models(tmp_path)
    assert list(models) == ["gpt2", "gpt2-medium"]
    (note,) = notes
    assert "SmolLM2" in note
