"""GET /health: 200 as long as the process lives."""

from concurrent.futures import ThreadPoolExecutor

from tests.api.fakes import changed_runtime
from tests.api.helpers import is_timestamp
from tests.language_models.fakes import BOUND_S, GatedLoad, RecordingLoad, SwitchableDisk
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM


def test_a_process_whose_model_is_loaded_is_healthy(api):
    answer = api.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) >= {"status", "model_loaded", "timestamp"}
    assert (body["status"], body["model_loaded"]) == ("healthy", True)
    assert is_timestamp(body["timestamp"])


def test_a_process_without_any_model_is_healthy(api, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        answer = api.get("/health")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["model_loaded"]) == ("healthy", False)


def test_a_model_that_is_not_loaded_yet_is_reported_as_not_loaded(api, models_dir):
    with changed_runtime(catalog=ModelCatalog([GPT2], models_dir)):
        assert api.get("/health").json()["model_loaded"] is False


def test_health_touches_no_file_and_waits_for_no_load(api, models_dir):
    disk, load = SwitchableDisk(), GatedLoad()
    catalog = ModelCatalog([GPT2], models_dir, load_runner=load, locate=disk)
    with changed_runtime(catalog=catalog), ThreadPoolExecutor(2) as pool:
        loading = pool.submit(catalog.runner, "gpt2")
        assert load.entered.wait(BOUND_S)
        disk.is_off = True
        try:
            answer = api.get("/health")
            assert (answer.status_code, answer.json()["model_loaded"]) == (200, False)
        finally:
            load.gate.set()
        loading.result(BOUND_S)
        answer = api.get("/health")
    assert (answer.status_code, answer.json()["model_loaded"]) == (200, True)


def test_health_touches_no_file_when_the_default_model_is_not_the_first(api, models_dir):
    disk = SwitchableDisk()
    catalog = ModelCatalog(
        [GPT2_MEDIUM, GPT2], models_dir, load_runner=RecordingLoad(), locate=disk
    )
    catalog.runner("gpt2")
    disk.is_off = True
    with changed_runtime(catalog=catalog):
        answer = api.get("/health")
    assert (answer.status_code, answer.json()["model_loaded"]) == (200, True)
