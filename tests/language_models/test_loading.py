"""Loading of models: in the background, by several threads at once, and stopped."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.language_models.fakes import (
    ALPHA,
    BETA,
    BOUND_S,
    GAMMA,
    GatedLoad,
    RecordingLoad,
    put_in_hub_cache,
)
from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog

SPECS = [ALPHA, BETA, GAMMA]


@pytest.fixture
def models_dir(tmp_path, trained_json):
    """Alpha and Beta are here, Gamma is not."""
    put_in_hub_cache(tmp_path, ALPHA, trained_json)
    put_in_hub_cache(tmp_path, BETA, trained_json)
    return tmp_path


def start_and_wait(catalog):
    thread = catalog.start()
    thread.join(BOUND_S)
    assert not thread.is_alive()


def test_starting_loads_every_model_that_is_here_in_order(models_dir):
    load = RecordingLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    start_and_wait(catalog)
    assert load.order == ["alpha", "beta"]
    assert [status.is_loaded for status in catalog.statuses()] == [True, True, False]


def test_each_loaded_model_is_reported_and_one_that_fails_is_not(models_dir):
    loaded: list[str] = []
    load = RecordingLoad(failing=("alpha",))
    thread = ModelCatalog(SPECS, models_dir, load_weights=load).start(on_loaded=loaded.append)
    thread.join(BOUND_S)
    assert loaded == ["beta"]


def test_the_default_is_loaded_first(models_dir):
    load = RecordingLoad()
    start_and_wait(ModelCatalog(SPECS, models_dir, default_model_id="beta", load_weights=load))
    assert load.order == ["beta", "alpha"]


def test_a_load_that_fails_is_reported_and_does_not_stop_the_others(models_dir, caplog):
    load = RecordingLoad(failing=("alpha",))
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    start_and_wait(catalog)
    assert load.order == ["alpha", "beta"]
    assert [status.is_loaded for status in catalog.statuses()] == [False, True, False]
    assert "could not be loaded" in str(catalog.statuses()[0].detail)
    assert "loading alpha failed" in caplog.text


def test_background_loading_without_any_model_ends_without_an_error(tmp_path):
    start_and_wait(ModelCatalog(SPECS, tmp_path))


def test_threads_that_need_a_model_while_it_is_loading_wait_for_that_load(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(catalog.weights, "alpha") for _ in range(4)]
        assert load.entered.wait(BOUND_S)
        assert not any(future.done() for future in asking)
        load.gate.set()
        answers = {id(future.result(BOUND_S)) for future in asking}
    assert len(answers) == 1
    assert load.order == ["alpha"]


def test_waiting_for_a_load_ends_with_an_error_after_the_timeout(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_timeout_s=0.01, load_weights=load)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(catalog.weights, "alpha")
        assert load.entered.wait(BOUND_S)
        with pytest.raises(ModelUnavailableError, match="still being loaded"):
            catalog.weights("alpha")
        load.gate.set()
        loading.result(BOUND_S)
    assert catalog.statuses()[0].is_available


def test_listing_the_models_never_waits_for_a_load(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(catalog.weights, "alpha")
        assert load.entered.wait(BOUND_S)
        status = catalog.statuses()[0]
        assert (status.is_available, status.is_loaded) == (True, False)
        assert not catalog.is_default_loaded()
        load.gate.set()
        loading.result(BOUND_S)


def test_a_load_does_not_block_other_models_or_tokenizers(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(catalog.weights, "alpha")
        assert load.entered.wait(BOUND_S)
        assert catalog.tokenizer("beta").vocabulary_size
        assert catalog.tokenizer("alpha").vocabulary_size
        load.gate.set()
        loading.result(BOUND_S)


def test_threads_that_waited_for_a_failed_load_do_not_try_it_again(models_dir):
    load = GatedLoad(failing=("alpha",))
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(catalog.weights, "alpha") for _ in range(4)]
        assert load.entered.wait(BOUND_S)
        load.gate.set()
        for future in asking:
            with pytest.raises(ModelUnavailableError, match="could not be loaded"):
                future.result(BOUND_S)
    assert load.order == ["alpha"]


def test_stopping_waits_for_the_load_under_way_and_begins_no_other(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    thread = catalog.start()
    assert load.entered.wait(BOUND_S)
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(catalog.stop)
        with pytest.raises(TimeoutError):
            stopping.result(0.1)
        load.gate.set()
        stopping.result(BOUND_S)
    assert not thread.is_alive()
    assert load.order == ["alpha"]


def test_a_catalog_that_was_never_started_can_be_stopped(models_dir):
    ModelCatalog(SPECS, models_dir).stop()
