"""GET /ready: 200 once the default model can answer."""

from tests.api.fakes import changed_runtime, engine_that_raises, store_down
from tests.api.helpers import assert_error
from wheel.engine.library import ModelLibrary
from wheel.engine.naive_engine import NaiveEngine
from wheel.engine.registry import GPT2, GPT2_MEDIUM
from wheel.errors import EngineFailedError


def test_a_server_whose_model_is_loaded_is_ready(api, engine):
    engine.start()
    answer = api.get("/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready"}


def test_a_server_that_is_still_loading_is_not_ready(api, models_dir):
    with changed_runtime(library=ModelLibrary([GPT2], models_dir)):
        assert_error(api.get("/ready"), 503, "model_unavailable")


def test_a_server_without_any_model_says_what_to_run(api, tmp_path):
    with changed_runtime(library=ModelLibrary([GPT2, GPT2_MEDIUM], tmp_path)):
        error = assert_error(api.get("/ready"), 503, "model_unavailable")
    assert "download_models gpt2" in error["detail"]


def test_a_server_whose_chosen_default_is_not_here_is_not_ready(api, models_dir):
    library = ModelLibrary([GPT2, GPT2_MEDIUM], models_dir, default_model_id="gpt2-medium")
    with changed_runtime(library=library):
        assert_error(api.get("/ready"), 503, "model_unavailable")


def test_a_server_whose_engine_has_stopped_is_not_ready(api, library):
    with changed_runtime(engine=NaiveEngine(library.weights)):
        assert_error(api.get("/ready"), 503, "model_unavailable")
    with engine_that_raises(EngineFailedError()):
        assert_error(api.get("/ready"), 503, "model_unavailable")


def test_a_server_that_can_keep_no_session_is_not_ready(api, engine):
    engine.start()
    with store_down():
        assert_error(api.get("/ready"), 503, "store_unavailable")
    assert api.get("/ready").status_code == 200
