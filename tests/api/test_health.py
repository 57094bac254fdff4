"""GET /health: 200 as long as the process lives."""

from tests.api.fakes import changed_runtime
from tests.api.helpers import is_timestamp
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2


def test_a_process_with_its_model_is_healthy(api):
    answer = api.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) >= {"status", "model_loaded", "timestamp"}
    assert (body["status"], body["model_loaded"]) == ("healthy", True)
    assert is_timestamp(body["timestamp"])


def test_a_process_without_any_model_is_healthy_too(api, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        answer = api.get("/health")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["model_loaded"]) == ("healthy", False)


def test_a_model_that_is_not_loaded_yet_is_reported(api, models_dir):
    with changed_runtime(catalog=ModelCatalog([GPT2], models_dir)):
        assert api.get("/health").json()["model_loaded"] is False
