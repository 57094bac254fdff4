"""GET /ready: 200 once the default model can answer."""

import resource
from contextlib import contextmanager

from tests.api.fakes import changed_runtime, engine_that_raises, store_down
from tests.api.helpers import assert_error
from wheel.engine.naive_engine import NaiveEngine
from wheel.errors import EngineFailedError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM


def test_a_server_whose_model_is_loaded_is_ready(api, engine):
    engine.start()
    answer = api.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}


def test_a_server_whose_model_is_not_loaded_yet_is_not_ready(api, models_dir):
    with changed_runtime(catalog=ModelCatalog([GPT2], models_dir)):
        assert_error(api.get("/ready"), 503, "model_unavailable")


def test_a_server_without_any_model_says_what_to_run(api, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2, GPT2_MEDIUM], tmp_path)):
        error = assert_error(api.get("/ready"), 503, "model_unavailable")
    assert "download_models gpt2" in error["detail"]


def test_a_server_whose_chosen_default_is_not_here_is_not_ready(api, models_dir):
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], models_dir, default_model_id="gpt2-medium")
    with changed_runtime(catalog=catalog):
        assert_error(api.get("/ready"), 503, "model_unavailable")


def test_a_server_whose_engine_has_stopped_is_not_ready(api, catalog):
    with changed_runtime(engine=NaiveEngine(catalog.runner)):  # never started
        assert_error(api.get("/ready"), 503, "model_unavailable")
    with engine_that_raises(EngineFailedError()):
        assert_error(api.get("/ready"), 503, "model_unavailable")


def test_a_server_whose_session_store_is_down_is_not_ready(api, engine):
    engine.start()
    with store_down():
        assert_error(api.get("/ready"), 503, "store_unavailable")
    assert api.get("/ready").status_code == 200


def test_a_server_without_a_file_descriptor_left_says_so(api, engine):
    engine.start()
    api.raise_request_exception = False
    with no_descriptor_left():
        error = assert_error(api.get("/ready"), 503, "overloaded")
    assert "open files" in error["detail"]
    assert api.get("/ready").status_code == 200


@contextmanager
def no_descriptor_left():
    """Files that are open stay open; no other can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
