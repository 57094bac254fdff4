"""GET /metrics: figures for Prometheus, without anything that a client has made up."""

import uuid

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.api.fakes import changed_runtime, engine_that_raises
from wheel.engine.naive_engine import NaiveEngine
from wheel.errors import EngineBusyError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2


@pytest.fixture
def read(api, settings):
    """All samples: (name, labels) -> value."""
    settings.WHEEL_METRICS = True

    def read():
        text = api.get("/metrics").content.decode()
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    return read


@pytest.fixture
def growth(read):
    """The growth of all samples during a call."""

    def growth(call):
        before = read()
        call()
        after = read()
        return {
            key: value - before.get(key, 0)
            for key, value in after.items()
            if value != before.get(key, 0)
        }

    return growth


def sample(name, **labels):
    return name, tuple(sorted(labels.items()))


def test_metrics_are_off_by_default(api):
    assert api.get("/metrics").status_code == 404


def test_requests_are_counted_and_timed_by_endpoint(api, growth, session_url):
    grown = growth(lambda: [api.post_json(f"{session_url}/spin") for _ in range(3)])
    endpoint = "/api/sessions/<session_id>/spin"
    labels = {"method": "POST", "status": "200", "endpoint": endpoint}
    assert grown[sample("tokenwheel_requests_total", **labels)] == 3
    assert grown[sample("tokenwheel_request_duration_seconds_count", endpoint=endpoint)] == 3
    assert grown[sample("tokenwheel_request_duration_seconds_sum", endpoint=endpoint)] > 0


def test_error_responses_are_counted(api, growth, session_url):
    with engine_that_raises(EngineBusyError()):
        grown = growth(lambda: api.post_json(f"{session_url}/spin"))
    assert any(dict(labels).get("status") == "503" for _, labels in grown)


def test_made_up_paths_and_methods_create_no_new_series(api, growth):
    def send_made_up_values():
        for _ in range(20):
            api.get(f"/{uuid.uuid4()}")
            api.get(f"/api/{uuid.uuid4()}")
            api.get(f"/wheel/{uuid.uuid4()}")
            api.get(f"/static/{uuid.uuid4()}")
            api.generic(f"M{uuid.uuid4().hex}", "/api/models")

    grown = growth(send_made_up_values)
    assert len([key for key in grown if key[0] == "tokenwheel_requests_total"]) <= 8


def test_cache_hits_and_computed_tokens_are_counted(api, growth, session_url):
    def look_twice():
        api.post_json(f"{session_url}/set-prompt", {"prompt": "A dog of another colour"})
        for _ in range(2):
            api.get(f"{session_url}/next-token-probs")

    grown = growth(look_twice)
    assert grown[sample("tokenwheel_cache_lookups_total", cache="logits", result="hit")] >= 1
    assert grown[sample("tokenwheel_tokens_total", source="computed")] >= 1


def test_a_reused_prefix_and_its_memory_are_counted(api, growth, read):
    url = f"/api/sessions/{api.start('A text that no other test reads')}"

    def read_two_wheels():
        api.get(f"{url}/next-token-probs")
        api.post_json(f"{url}/append-token", {"token_id": 3})
        api.get(f"{url}/next-token-probs")

    grown = growth(read_two_wheels)
    assert grown[sample("tokenwheel_cache_lookups_total", cache="prefix", result="hit")] >= 1
    assert grown[sample("tokenwheel_tokens_total", source="reused")] >= 5
    assert read()[sample("tokenwheel_cache_bytes", cache="prefix")] > 0


def test_loaded_models_are_counted(read, models_dir):
    assert read()[sample("tokenwheel_ready_models")] == 1
    with changed_runtime(catalog=ModelCatalog([GPT2], models_dir)):
        assert read()[sample("tokenwheel_ready_models")] == 0


def test_a_batch_is_counted_by_its_size(api, growth):
    session_id = api.start("No other test has this prompt, so no cache knows its logits.")

    def spin_on():
        api.post_json(f"/api/sessions/{session_id}/append-token", {"token_id": 3})
        assert api.get(f"/api/sessions/{session_id}/next-token-probs").status_code == 200

    grown = growth(spin_on)
    assert grown[sample("tokenwheel_batch_size_count")] >= 1
    assert grown[sample("tokenwheel_batch_size_sum")] >= 1
    assert (
        grown[sample("tokenwheel_batch_size_bucket", le="+Inf")]
        == grown[sample("tokenwheel_batch_size_count")]
    )


def test_waiting_requests_memory_and_live_sessions_are_reported(read, api):
    before = read()[sample("tokenwheel_sessions")]
    api.start()
    now = read()
    assert now[sample("tokenwheel_sessions")] == before + 1
    assert now[sample("tokenwheel_engine_waiting")] == 0
    assert now[sample("process_resident_memory_bytes")] > 10**7
    assert now[sample("tokenwheel_cache_bytes", cache="logits")] >= 0


def test_the_naive_engine_reports_the_same_figures(read, catalog, api, session_url):
    engine = NaiveEngine(catalog.runner)
    with changed_runtime(engine=engine):
        api.get(f"{session_url}/next-token-probs")
        now = read()
    engine.stop()
    assert now[sample("tokenwheel_tokens_total", source="computed")] == 5
    assert now[sample("tokenwheel_batch_size_bucket", le="1.0")] == 1
    assert now[sample("tokenwheel_cache_lookups_total", cache="logits", result="miss")] == 1
