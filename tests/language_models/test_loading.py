"""Loading of models: in the background, by several threads at once, and stopped."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest

from tests.language_models.fakes import (
    ALPHA,
    BETA,
    BOUND_S,
    GAMMA,
    GatedLoad,
    RecordingLoad,
    SwitchableDisk,
    fake_runner,
    put_in_hub_cache,
)
from tests.waiting import wait_until
from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog

SPECS = [ALPHA, BETA, GAMMA]


@pytest.fixture
def models_dir(tmp_path, trained_json):
    """Alpha and Beta are here, Gamma is not."""
    put_in_hub_cache(tmp_path, ALPHA, trained_json)
    put_in_hub_cache(tmp_path, BETA, trained_json)
    return tmp_path


@pytest.fixture
def start():
    """Make and start a catalog of `SPECS`, and stop it after the test."""
    with ExitStack() as stack:

        def make_and_start(models_dir, *, on_loaded=str, **options):
            catalog = ModelCatalog(SPECS, models_dir, **options)
            catalog.start(on_loaded)
            stack.callback(catalog.stop)
            return catalog

        yield make_and_start


def stop_amid_the_load(catalog, load):
    """The stop waits until the load under way has ended."""
    assert load.entered.wait(BOUND_S)
    with ThreadPoolExecutor(1) as pool:
        stopping = pool.submit(catalog.stop)
        with pytest.raises(TimeoutError):
            stopping.result(0.1)
        load.gate.set()
        stopping.result(BOUND_S)


def are_loaded(catalog):
    return [status.is_loaded for status in catalog.statuses()]


def test_starting_loads_every_model_that_is_here_in_order(models_dir, start):
    load = RecordingLoad()
    catalog = start(models_dir, load_runner=load)
    wait_until(lambda: are_loaded(catalog) == [True, True, False])
    assert load.order == ["alpha", "beta"]


def test_each_loaded_model_is_reported_and_one_that_fails_is_not(models_dir, start):
    loaded: list[str] = []
    start(models_dir, on_loaded=loaded.append, load_runner=RecordingLoad(failing=("alpha",)))
    wait_until(lambda: loaded)
    assert loaded == ["beta"]


def test_the_default_is_loaded_first(models_dir, start):
    load = RecordingLoad()
    catalog = start(models_dir, default_model_id="beta", load_runner=load)
    wait_until(lambda: are_loaded(catalog) == [True, True, False])
    assert load.order == ["beta", "alpha"]


def test_a_load_that_fails_is_reported_and_does_not_stop_the_others(models_dir, start, caplog):
    load = RecordingLoad(failing=("alpha",))
    catalog = start(models_dir, load_runner=load)
    wait_until(lambda: are_loaded(catalog) == [False, True, False])
    assert load.order[:2] == ["alpha", "beta"]
    assert "could not be loaded" in str(catalog.statuses()[0].detail)
    assert "loading alpha failed" in caplog.text


def test_a_load_that_failed_in_the_background_is_tried_again(models_dir, start):
    """As when the process had no file descriptor left for the model's files."""
    load = RecordingLoad(failing=("alpha",))
    catalog = start(models_dir, load_runner=load)
    wait_until(lambda: catalog.statuses()[0].detail)
    load.failing = ()
    wait_until(lambda: are_loaded(catalog) == [True, True, False])
    assert catalog.statuses()[0].detail is None
    assert catalog.default_model_id() == "alpha"


def test_a_load_that_failed_for_a_request_is_tried_again_in_the_background(
    tmp_path, start, trained_json
):
    """A model that was downloaded after the start is loaded at its first use."""
    load = RecordingLoad(failing=("alpha",))
    catalog = start(tmp_path, load_runner=load)
    put_in_hub_cache(tmp_path, ALPHA, trained_json)
    with pytest.raises(ModelUnavailableError, match="could not be loaded"):
        catalog.runner("alpha")
    load.failing = ()
    wait_until(lambda: are_loaded(catalog) == [True, False, False])


def test_models_are_loaded_once_their_files_can_be_found_again(models_dir, start):
    """As when the process had no file descriptor left to list a folder."""
    disk = SwitchableDisk(is_off=True)
    catalog = start(models_dir, load_runner=RecordingLoad(), locate=disk)
    wait_until(lambda: disk.num_calls)
    disk.is_off = False
    wait_until(lambda: are_loaded(catalog) == [True, True, False])


def test_an_exception_after_a_load_does_not_stop_the_other_loads(models_dir, start):
    def fail(model_id):
        raise RuntimeError("the collection of garbage failed")

    catalog = start(models_dir, on_loaded=fail, load_runner=RecordingLoad())
    wait_until(lambda: are_loaded(catalog) == [True, True, False])


def test_a_model_whose_first_forward_pass_fails_is_tried_again(models_dir, start):
    outcomes = iter([RuntimeError("a forward pass failed"), None, None])

    def load(folder):
        if error := next(outcomes):
            raise error
        return fake_runner(1000)

    catalog = start(models_dir, load_runner=load)
    wait_until(lambda: catalog.statuses()[0].detail)
    assert "Alpha could not be loaded (RuntimeError)" in str(catalog.statuses()[0].detail)
    wait_until(lambda: are_loaded(catalog) == [True, True, False])


def test_waiting_for_a_first_forward_pass_ends_with_an_error_after_the_timeout(models_dir):
    gate = Event()

    def load(folder):
        assert gate.wait(BOUND_S)
        return fake_runner(1000)

    catalog = ModelCatalog(SPECS, models_dir, load_runner=load, load_timeout_s=0.01)
    with pytest.raises(ModelUnavailableError, match="still being loaded"):
        catalog.runner("alpha")
    gate.set()
    wait_until(lambda: are_loaded(catalog)[0])


def test_nothing_is_loaded_where_no_model_is(tmp_path, start):
    catalog = start(tmp_path)
    catalog.stop()
    assert are_loaded(catalog) == [False, False, False]


def test_threads_that_need_a_model_while_it_is_loading_wait_for_that_load(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(catalog.runner, "alpha") for _ in range(4)]
        assert load.entered.wait(BOUND_S)
        assert not any(future.done() for future in asking)
        load.gate.set()
        answers = {id(future.result(BOUND_S)) for future in asking}
    assert len(answers) == 1
    assert load.order == ["alpha"]


def test_waiting_for_a_load_ends_with_an_error_after_the_timeout(models_dir, start):
    load = GatedLoad()
    catalog = start(models_dir, load_timeout_s=0.01, load_runner=load)
    assert load.entered.wait(BOUND_S)
    with pytest.raises(ModelUnavailableError, match="still being loaded"):
        catalog.runner("alpha")
    assert catalog.statuses()[0].is_available
    load.gate.set()
    wait_until(lambda: are_loaded(catalog) == [True, True, False])
    assert load.order == ["alpha", "beta"]


def test_listing_the_models_never_waits_for_a_load(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(catalog.runner, "alpha")
        assert load.entered.wait(BOUND_S)
        status = catalog.statuses()[0]
        assert (status.is_available, status.is_loaded) == (True, False)
        assert not catalog.is_default_loaded()
        load.gate.set()
        loading.result(BOUND_S)


def test_a_load_does_not_block_other_models_or_tokenizers(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(catalog.runner, "alpha")
        assert load.entered.wait(BOUND_S)
        assert catalog.tokenizer("beta").vocabulary_size
        assert catalog.tokenizer("alpha").vocabulary_size
        load.gate.set()
        loading.result(BOUND_S)


def test_threads_that_waited_for_a_failed_load_do_not_try_it_again(models_dir):
    load = GatedLoad(failing=("alpha",))
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(catalog.runner, "alpha") for _ in range(4)]
        assert load.entered.wait(BOUND_S)
        load.gate.set()
        for future in asking:
            with pytest.raises(ModelUnavailableError, match="could not be loaded"):
                future.result(BOUND_S)
    assert load.order == ["alpha"]


def test_stopping_waits_for_the_load_under_way_and_begins_no_other(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    catalog.start()
    stop_amid_the_load(catalog, load)
    assert load.order == ["alpha"]


def test_a_catalog_that_was_never_started_can_be_stopped(models_dir):
    ModelCatalog(SPECS, models_dir).stop()


def test_a_model_that_only_late_requests_want_is_not_loaded_during_a_stop(models_dir):
    load = GatedLoad()
    catalog = ModelCatalog(SPECS, models_dir, load_timeout_s=0.01, load_runner=load)
    for model_id in ("alpha", "beta"):
        with pytest.raises(ModelUnavailableError, match="still being loaded"):
            catalog.runner(model_id)
    stop_amid_the_load(catalog, load)
    assert load.order == ["alpha"]


def test_a_request_during_a_stop_gets_an_error(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, load_runner=RecordingLoad())
    catalog.stop()
    with pytest.raises(ModelUnavailableError):
        catalog.runner("alpha")
