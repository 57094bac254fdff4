"""The catalog of a server without weights: what it has itself, and what the service says."""

import pytest

from tests.clock import MonotonicClock
from tests.language_models.conftest import tokenizer, trained_json  # noqa: F401 - fixtures
from tests.language_models.fakes import ALPHA, BETA, put_in_hub_cache
from tests.remote_engine.plain_service import TOKEN, PlainService
from tests.serving import serving
from tests.waiting import wait_until
from wheel.errors import ModelUnavailableError
from wheel.remote_engine.catalog import RemoteCatalog
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import ModelReport
from wheel.remote_engine.watch import MAX_AGE_S, POLL_S, ServiceWatch

SPECS = [ALPHA, BETA]


@pytest.fixture
def service(tokenizer):  # noqa: F811
    """Beta, with a shorter context window than in the registry."""
    service = PlainService(None, ModelReport("beta", 96, 329, tokenizer.digest))
    with serving(service):
        yield service


@pytest.fixture
def clock():
    return MonotonicClock()


@pytest.fixture
def watch(service, clock):
    return ServiceWatch(
        lambda: EngineClient(service.url, TOKEN, max_connections=2), ["alpha", "beta"], clock=clock
    )


@pytest.fixture
def catalog(tmp_path, trained_json, watch):  # noqa: F811
    """The tokenizer of Beta is here, no weights are."""
    put_in_hub_cache(tmp_path, BETA, trained_json, leave_out=["model.safetensors"])
    return RemoteCatalog(SPECS, tmp_path, watch)


def status_of(catalog, model_id):
    (status,) = (s for s in catalog.statuses() if s.spec.model_id == model_id)
    return status


def test_a_model_that_the_service_offers_is_loaded(catalog):
    status = status_of(catalog, "beta")
    assert (status.is_available, status.is_loaded, status.detail) == (True, True, None)
    assert (status.context_length, status.vocabulary_size) == (96, 329)
    assert catalog.default_model_id() == "beta"
    assert catalog.is_default_loaded()
    catalog.require_available("beta")


def test_a_model_without_its_tokenizer_is_listed_with_what_to_run(catalog):
    status = status_of(catalog, "alpha")
    assert not status.is_available
    assert not status.is_loaded
    assert status.detail.endswith("download_models alpha --tokenizers-only")


def test_a_service_that_does_not_answer_makes_its_models_unavailable(catalog, service):
    """Its tokenizer is here, so it stays the default."""
    service.shutdown()
    service.server_close()
    with pytest.raises(ModelUnavailableError, match="not ready on the engine service: it does not"):
        catalog.require_available("beta")
    assert not status_of(catalog, "beta").is_loaded
    assert catalog.default_model_id() == "beta"


def test_one_answer_that_fails_says_nothing_and_a_busy_service_is_there(catalog, service, clock):
    catalog.statuses()
    for status in (500, 503, 503, 503, 503, 503, 503):
        service.status = status
        clock.time += POLL_S + 1
        catalog.statuses()
        assert catalog.is_default_loaded()


def test_the_window_of_the_service_is_kept_during_an_outage(catalog, service, clock):
    catalog.statuses()
    service.status = 500
    clock.time += MAX_AGE_S + 1
    status = status_of(catalog, "beta")
    assert not status.is_available
    assert status.context_length == 96


def test_a_model_of_another_vocabulary_is_not_used(catalog, service):
    service.report = ModelReport("beta", 96, 329, "another")
    status = status_of(catalog, "beta")
    assert (status.is_available, status.is_loaded) == (False, False)
    assert status.detail.startswith("The engine service has another vocabulary of")


def test_another_model_under_the_same_address_is_not_used(catalog, service, tokenizer):  # noqa: F811
    service.report = ModelReport("gamma", 96, 329, tokenizer.digest)
    assert status_of(catalog, "beta").detail == "The engine service offers gamma as beta."


def test_without_the_thread_the_service_is_asked_at_most_once_in_a_while(catalog, service, clock):
    for _ in range(5):
        catalog.statuses()
    assert service.num_asked("status") == len(SPECS)
    clock.time += POLL_S + 1
    catalog.statuses()
    assert service.num_asked("status") == 2 * len(SPECS)


def test_an_old_answer_says_nothing_of_now(catalog, clock):
    catalog.statuses()
    assert catalog.is_default_loaded()
    clock.time += MAX_AGE_S + 1
    assert not catalog.is_default_loaded()


def test_a_started_catalog_reads_the_tokenizers_and_watches(catalog, service):
    loaded: list[str] = []
    catalog.start(loaded.append)
    try:
        wait_until(catalog.is_default_loaded)
        wait_until(lambda: loaded == ["beta"])
        assert service.num_asked("status") >= 1
    finally:
        catalog.stop()
