"""The service of the engine process, and the catalog of a web process in front of it."""

import threading
from types import SimpleNamespace

import httpx2
import pytest

from tests.engine.bounds import BOUND_S
from tests.language_models.conftest import tokenizer, trained_json  # noqa: F401 - fixtures
from tests.language_models.fakes import BETA, put_in_hub_cache
from tests.remote_engine.local_service import LocalService, OneModelCatalog
from tests.waiting import wait_until
from wheel.errors import EngineFailedError, ModelUnavailableError
from wheel.remote_engine import protocol
from wheel.remote_engine.catalog import RemoteCatalog
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import ModelReport, Question
from wheel.remote_engine.watch import ServiceWatch
from wheel.sentences import Sentence

WINDOW = 96
BROKEN = Sentence("%(model)s could not be loaded.", model="Beta")


class NoEngine:
    """No test here computes anything."""

    def start(self):
        pass

    stop = start


class FailingEngine(NoEngine):
    def next_logits(self, model_id, token_ids):
        raise RuntimeError("a fault of the service")


@pytest.fixture
def load_gate():
    gate = threading.Event()
    gate.set()
    return gate


@pytest.fixture
def service(tokenizer, load_gate):  # noqa: F811
    """Of Beta, whose load waits for the gate."""

    def load(model_id):
        assert load_gate.wait(BOUND_S)
        return SimpleNamespace(context_length=WINDOW)

    catalog = OneModelCatalog("beta", load, vocabulary_size=329, digest=tokenizer.digest)
    service = LocalService(catalog, FailingEngine(), timeout_s=BOUND_S)
    yield service
    load_gate.set()
    service.close()


@pytest.fixture
def http(service):
    transport = httpx2.HTTPTransport(uds=str(service.path), verify=False)
    with httpx2.Client(transport=transport, base_url="http://engine") as http:
        yield http


@pytest.fixture
def watch(service):
    def make_client():
        return EngineClient("http://engine", "", max_connections=2, socket_path=service.path)

    return ServiceWatch(make_client, ["beta"])


@pytest.fixture
def catalog(tmp_path, trained_json, watch):  # noqa: F811
    put_in_hub_cache(tmp_path, BETA, trained_json)
    return RemoteCatalog([BETA], tmp_path, watch)


def code_of(answer):
    error = protocol.decode_error(answer.content)
    assert error is not None
    return error.code


def put_in_state(service, load_gate, *, is_loaded, detail=None):
    service.catalog.status.is_loaded, service.catalog.status.detail = is_loaded, detail
    if not is_loaded:
        load_gate.clear()


def test_a_loaded_model_is_reported(http, tokenizer):  # noqa: F811
    answer = http.get("/v1/models/beta/status")
    report = ModelReport.decode(answer.content)
    assert report == ModelReport("beta", WINDOW, 329, tokenizer.digest)


def test_the_status_of_a_model_that_is_being_loaded_is_answered_at_once(http, service, load_gate):
    put_in_state(service, load_gate, is_loaded=False)
    answer = http.get("/v1/models/beta/status")
    assert answer.status_code == 503
    assert code_of(answer) == "engine_busy"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models/gamma/status"),
        ("GET", "/v1/models/beta/next-logits"),
        ("POST", "/v1/models/beta/status"),
        ("GET", "/v1/models/beta/weights"),
        ("GET", "/"),
    ],
)
def test_what_the_service_does_not_have_is_not_found(http, method, path):
    assert http.request(method, path).status_code == 404


@pytest.mark.parametrize("endpoint", ["next-logits", "score"])
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", Question("gamma", (1,), "x").encode()])
def test_a_message_that_is_no_question_to_the_model_is_refused(http, endpoint, body):
    assert http.post(f"/v1/models/beta/{endpoint}", content=body).status_code == 400


def test_a_question_in_another_vocabulary_is_refused(http):
    question = Question("beta", (1, 2), "another")
    answer = http.post("/v1/models/beta/next-logits", content=question.encode())
    assert answer.status_code == 503
    assert "another vocabulary" in str(protocol.decode_error(answer.content))


def test_a_text_that_is_too_long_is_refused(http, tokenizer):  # noqa: F811
    question = Question("beta", tuple(range(WINDOW + 1)), tokenizer.digest)
    answer = http.post("/v1/models/beta/next-logits", content=question.encode())
    assert answer.status_code == 400
    assert code_of(answer) == "context_full"


def test_a_fault_of_the_service_is_logged_and_answered(http, tokenizer, caplog):  # noqa: F811
    question = Question("beta", (1, 2), tokenizer.digest)
    answer = http.post("/v1/models/beta/next-logits", content=question.encode())
    assert answer.status_code == 500
    assert isinstance(protocol.decode_error(answer.content), EngineFailedError)
    assert "a request failed" in caplog.text


def test_a_model_that_is_being_loaded_is_available_and_not_loaded(catalog, service, load_gate):
    """As in a process with an engine of its own: a request waits for the load."""
    put_in_state(service, load_gate, is_loaded=False)
    (status,) = catalog.statuses()
    assert (status.is_available, status.is_loaded, status.detail) == (True, False, None)
    assert not catalog.is_default_loaded()


def test_a_watching_catalog_notices_the_end_of_the_load(catalog, service, load_gate):
    put_in_state(service, load_gate, is_loaded=False)
    catalog.start()
    try:
        wait_until(lambda: catalog.statuses()[0].is_available)
        assert not catalog.is_default_loaded()
        load_gate.set()
        service.catalog.status.is_loaded = True
        wait_until(catalog.is_default_loaded)
    finally:
        catalog.stop()


def test_a_model_that_cannot_be_loaded_is_listed_with_the_service_s_sentence(
    catalog, service, load_gate
):
    put_in_state(service, load_gate, is_loaded=False, detail=BROKEN)
    (status,) = catalog.statuses()
    assert (status.is_available, status.is_loaded) == (False, False)
    assert status.detail == BROKEN
    assert isinstance(status.detail, Sentence)
    with pytest.raises(ModelUnavailableError):
        catalog.require_available("beta")
