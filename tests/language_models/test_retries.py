"""Retries of failed loads, on a clock that the test advances."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clock import MonotonicClock
from tests.language_models.fakes import (
    ALPHA,
    BETA,
    BOUND_S,
    GatedLoad,
    RecordingLoad,
    put_in_hub_cache,
)
from wheel.errors import ModelUnavailableError
from wheel.language_models.loader import LoadedModel, ModelLoader, retry_delay_s


@pytest.fixture
def clock():
    return MonotonicClock()


@pytest.fixture
def load():
    return RecordingLoad(failing=("alpha",))


@pytest.fixture
def loader(tmp_path, trained_json, load, clock):
    find_folder = constant(put_in_hub_cache(tmp_path, ALPHA, trained_json))
    return ModelLoader(find_folder, load_runner=load, timeout_s=BOUND_S, clock=clock)


def constant(folder):
    def find_folder(spec):
        assert spec == ALPHA
        return folder

    return find_folder


def fail(loader, model):
    with pytest.raises(ModelUnavailableError, match="could not be loaded") as raised:
        loader.runner(model)
    return raised.value


def test_the_delay_doubles_up_to_a_minute():
    assert [retry_delay_s(num_attempts) for num_attempts in (1, 2, 3, 6, 7, 8, 1000)] == [
        1, 2, 4, 32, 60, 60, 60,
    ]  # fmt: skip


def test_between_two_attempts_requests_are_told_when_to_come_back(loader, load, clock):
    model = LoadedModel(ALPHA)
    fail(loader, model)
    clock.time += 1
    fail(loader, model)
    assert len(load.folders) == 2
    clock.time += 0.5
    assert fail(loader, model).retry_after_s == 2  # 1.5 s, in whole seconds
    assert len(load.folders) == 2


def test_a_load_that_succeeds_forgets_the_failure(loader, load, clock):
    model = LoadedModel(ALPHA)
    fail(loader, model)
    load.failing = ()
    clock.time += 1
    assert loader.runner(model)
    assert (model.failure, loader.seconds_to_retry(model)) == (None, None)


def test_an_error_while_the_files_are_located_is_a_failed_load(load, clock):
    def find_folder(spec):
        raise OSError("Too many open files")

    loader = ModelLoader(find_folder, load_runner=load, timeout_s=BOUND_S, clock=clock)
    model = LoadedModel(ALPHA)
    fail(loader, model)
    assert loader.seconds_to_retry(model) == 1
    with pytest.raises(ModelUnavailableError, match=r"Alpha could not be loaded \(OSError\)"):
        loader.tokenizer(model)


@pytest.mark.parametrize("ask", [ModelLoader.runner, ModelLoader.tokenizer])
@pytest.mark.parametrize(
    "leave_out", [[], ["tokenizer.json"]], ids=["tokenizer", "older tokenizer"]
)
def test_a_request_for_a_model_that_failed_does_not_wait_for_another_model(
    tmp_path, trained_json, clock, leave_out, ask
):
    folders = {
        ALPHA: put_in_hub_cache(tmp_path, ALPHA, trained_json, leave_out=leave_out),
        BETA: put_in_hub_cache(tmp_path, BETA, trained_json),
    }
    load = GatedLoad(failing=("alpha",))
    loader = ModelLoader(folders.__getitem__, load_runner=load, timeout_s=BOUND_S, clock=clock)
    model = LoadedModel(ALPHA)
    load.gate.set()
    fail(loader, model)
    load.gate.clear()
    load.entered.clear()
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(loader.runner, LoadedModel(BETA))
        assert load.entered.wait(BOUND_S)
        asking = pool.submit(ask, loader, model)
        with pytest.raises(ModelUnavailableError, match="could not be loaded"):
            asking.result(BOUND_S)
        load.gate.set()
        assert waiting.result(BOUND_S)


def test_more_requests_than_may_wait_are_refused_at_once(tmp_path, trained_json):
    find_folder = constant(put_in_hub_cache(tmp_path, ALPHA, trained_json))
    load = GatedLoad()
    loader = ModelLoader(find_folder, load_runner=load, timeout_s=BOUND_S, max_waiting=1)
    model = LoadedModel(ALPHA)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(loader.runner, model)
        assert load.entered.wait(BOUND_S)
        with pytest.raises(ModelUnavailableError, match="still being loaded"):
            loader.runner(model)
        load.gate.set()
        assert waiting.result(BOUND_S)
