"""Counting models on a server without weights: the counting happens here, and the engine service is
not asked."""

import pytest

from tests.api.fakes import FailingEngine, changed_runtime
from tests.checkpoints import CORPUS
from tests.language_models.conftest import tokenizer, trained_json  # noqa: F401 - fixtures
from tests.language_models.fakes import BETA, put_in_hub_cache
from wheel import services
from wheel.errors import EngineBusyError
from wheel.remote_engine.catalog import RemoteCatalog
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.watch import ServiceWatch

pytestmark = pytest.mark.django_db


@pytest.fixture
def without_service(tmp_path, trained_json, wheel_runtime):  # noqa: F811
    """The runtime of a server whose engine service does not answer."""
    put_in_hub_cache(tmp_path, BETA, trained_json, leave_out=["model.safetensors"])
    watch = ServiceWatch(
        lambda: EngineClient("http://127.0.0.1:9", "token", max_connections=1), ["beta"]
    )
    catalog = RemoteCatalog([BETA], tmp_path, watch)
    with changed_runtime(catalog=catalog, engine=FailingEngine(EngineBusyError())):
        yield


def test_a_story_is_spun_while_the_engine_service_is_away(without_service):
    session = services.start_counting(text=" ".join(CORPUS), prompt="The cat", order=2)
    assert session.tokenizer_model_id == "beta"
    for _ in range(3):
        services.spin(session_id=session.session_id)
    state = services.get_session(session_id=session.session_id)
    assert state.current_text.startswith("The cat")
    assert len(state.session.history) == 3
