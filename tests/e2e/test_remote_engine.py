"""A web server without weights, in front of an engine service in the tests' process."""

import shutil
import threading
from pathlib import Path

import pytest
import torch

from bench.plain_models import load_plain
from tests.checkpoints import train_tokenizer, write_hub_checkpoint
from tests.remote_engine.plain_service import TOKEN, running_service
from tests.waiting import wait_until
from wheel.language_models.tokenizer import Tokenizer
from wheel.remote_engine.protocol import ModelReport

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("remote-model")
    return write_hub_checkpoint(folder, "openai-community/gpt2", context_length=128)


@pytest.fixture(scope="module")
def model(checkpoint):
    return load_plain(checkpoint)


@pytest.fixture(scope="module")
def service(checkpoint):
    with running_service(checkpoint) as service:
        yield service


@pytest.fixture(scope="module")
def server(service, checkpoint, prepared_folder, tmp_path_factory):
    """Its folder of models has no weights."""
    models_dir = tmp_path_factory.mktemp("tokenizers")
    shutil.copytree(
        checkpoint.parents[2],
        models_dir,
        symlinks=False,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("blobs", "*.safetensors", "SHA256SUMS"),
    )
    environment = {
        "TRANSFORMERS_CACHE": str(models_dir),
        "WHEEL_MODELS": "gpt2",
        "WHEEL_ENGINE_URL": service.url,
        "WHEEL_ENGINE_TOKEN": TOKEN,
        "WHEEL_METRICS": "true",
    }
    folder = tmp_path_factory.mktemp("remote-engine")
    with prepared_folder.running_server(folder, **environment) as server:
        yield server


def start(server, prompt="The cat sat on the mat and"):
    session_id = server.post("/api/sessions").json()["session_id"]
    assert server.post(f"/api/sessions/{session_id}/set-prompt", {"prompt": prompt}).ok
    return f"/api/sessions/{session_id}"


def test_the_model_is_ready_and_has_the_sizes_of_the_service(server):
    assert server.get("/ready").status_code == 200
    (model,) = server.get("/api/models").json()["models"]
    assert model["available"]
    assert model["loaded"]
    assert (model["context_length"], model["vocabulary_size"]) == (128, 329)


def test_a_spin_is_the_one_of_plain_transformers(server, model, checkpoint):
    url = start(server)
    spin = server.post(f"{url}/spin", {"u": 0.25}).json()["appended_token"]
    token_ids = Tokenizer.from_folder(checkpoint).encode("The cat sat on the mat and")
    with torch.no_grad():
        logits = model(torch.tensor([token_ids])).logits[0, -1].double()
    prob = torch.softmax(logits, -1)[spin["token_id"]].item()
    assert spin["probability"] == pytest.approx(prob, abs=1e-5)


def test_no_process_of_the_server_has_mapped_torch(server):
    start(server)
    for pid in server.worker_pids():
        mapped = Path(f"/proc/{pid}/maps").read_text()
        assert "libtokenizers" in mapped or "tokenizers" in mapped
        assert "libtorch" not in mapped


def test_the_metrics_show_the_engine_of_the_service(server, service):
    server.get(f"{start(server)}/next-token-probs")
    metrics = server.get("/metrics").text
    misses = service.engine.statistics().num_logits_misses
    assert f'tokenwheel_cache_lookups_total{{cache="logits",result="miss"}} {misses}.0' in metrics
    assert "tokenwheel_ready_models 1.0" in metrics


def test_a_session_keeps_its_affinity_key_and_its_id_stays_here(server, service):
    url = start(server)
    service.requests.clear()
    for _ in range(3):
        assert server.post(f"{url}/spin").ok
    keys = {headers["x-session-id"] for _, path, headers in service.requests if "logits" in path}
    (key,) = keys
    assert key
    session_id = url.rpartition("/")[2]
    assert all(session_id not in str(headers) for _, _, headers in service.requests)


def test_an_outage_of_the_service_is_a_busy_engine_until_it_is_back(server, service):
    url = start(server)
    text = server.get(url).json()["current_text"]
    service.answers = [(503, {}, b"no replica")] * 2
    refused = server.post(f"{url}/spin")
    assert refused.status_code == 503
    assert refused.json()["code"] == "engine_busy"
    assert int(refused.headers["Retry-After"]) >= 1
    assert server.get(url).json()["current_text"] == text
    assert server.post(f"{url}/spin").ok


def test_a_class_spins_at_the_same_time(server):
    urls = [start(server) for _ in range(8)]
    failed: list[int] = []

    def spin(url):
        failed.extend(
            r.status_code for r in (server.post(f"{url}/spin") for _ in range(5)) if not r.ok
        )

    threads = [threading.Thread(target=spin, args=(url,)) for url in urls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert all(len(server.get(url).json()["token_history"]) == 5 for url in urls)


def test_the_server_is_not_ready_while_the_service_offers_another_vocabulary(server, service):
    report = service.report
    service.report = ModelReport("gpt2", 128, 329, "another")
    try:
        wait_until(lambda: server.get("/ready").status_code == 503, poll_s=0.2)
        (model,) = server.get("/api/models").json()["models"]
        assert "another vocabulary" in model["detail"]
    finally:
        service.report = report
    wait_until(lambda: server.get("/ready").status_code == 200, poll_s=0.2)


def test_a_session_gets_no_token_of_another_vocabulary(server, service):
    url, report = start(server), service.report
    service.report = ModelReport("gpt2", 128, 329, "another")
    try:
        refused = server.post(f"{url}/spin")
        assert refused.status_code == 503
        assert server.get(url).json()["token_history"] == []
    finally:
        service.report = report
    wait_until(lambda: server.post(f"{url}/spin").ok, poll_s=0.2)


def test_the_tokenizer_of_the_tests_has_the_same_digest_each_time():
    assert Tokenizer(train_tokenizer()).digest == Tokenizer(train_tokenizer()).digest
