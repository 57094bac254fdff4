"""Two replicas of a small model: affinity of sessions, a lost replica, and its replacement."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.plain_models import load_plain
from tests.checkpoints import write_hub_checkpoint
from tests.cluster.conftest import running_service
from tests.cluster.ray_processes import replica_pids
from tests.engine.bounds import BOUND_S
from tests.waiting import wait_until
from wheel.errors import EngineBusyError
from wheel.language_models.tokenizer import Tokenizer
from wheel.remote_engine.protocol import Vocabulary
from wheel.remote_engine.remote_engine import RemoteEngine

PROMPT = tuple(range(5, 30))
NUM_SESSIONS, NUM_SPINS = 8, 6
CONFIG = """
http_options:
  host: 127.0.0.1
applications:
  - name: gpt2
    args: {model_id: gpt2, min_replicas: 2, max_replicas: 2, look_ahead_children: 0}
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicas")
    return write_hub_checkpoint(folder, "openai-community/gpt2", context_length=128)


@pytest.fixture(scope="module")
def model(checkpoint):
    return load_plain(checkpoint)


@pytest.fixture(scope="module")
def service(checkpoint, tmp_path_factory):
    config: Path = tmp_path_factory.mktemp("config") / "serve.yaml"
    config.write_text(CONFIG)
    models_dir = str(checkpoint.parents[2])
    with running_service(
        "cluster.head",
        lambda port: ["--config", config, "--port", port, "--num-cpus", 4],
        {"TRANSFORMERS_CACHE": models_dir},
    ) as service:
        yield service


@pytest.fixture
def engine(service, checkpoint):
    tokenizer = Tokenizer.from_folder(checkpoint)
    vocabulary = Vocabulary(tokenizer.vocabulary_size, tokenizer.digest)
    engine = RemoteEngine(service.make_client, ["gpt2"], lambda _: vocabulary)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def ray_token(service):
    return service.environment["RAY_AUTH_TOKEN"]


def probabilities(row):
    return torch.softmax(torch.tensor(row).double(), -1).numpy()


def plain(model, token_ids):
    with torch.no_grad():
        return probabilities(model(torch.tensor([token_ids])).logits[0, -1].numpy())


def grow(engine, number, num_spins=NUM_SPINS):
    """A session's text that grows by the likeliest token; gives each context with its answer."""
    token_ids = (*PROMPT, number)
    for _ in range(num_spins):
        row = engine.next_logits("gpt2", token_ids, affinity_key=f"s{number}").result(BOUND_S)
        yield token_ids, row
        token_ids = (*token_ids, int(row.argmax()))


def test_requests_of_a_session_find_its_rows_on_their_replica(engine, model, service):
    before = engine.statistics()
    for number in range(NUM_SESSIONS):
        for token_ids, row in grow(engine, number):
            assert probabilities(row) == pytest.approx(plain(model, token_ids), abs=1e-5)
    after = engine.statistics()
    num_misses = after.num_prefix_misses - before.num_prefix_misses
    num_hits = after.num_prefix_hits - before.num_prefix_hits
    assert num_hits + num_misses == NUM_SESSIONS * NUM_SPINS
    assert num_misses <= 2  # the first session of each replica: the others share the prompt
    num_computed = after.num_tokens_computed - before.num_tokens_computed
    assert num_computed == num_hits + num_misses * len((*PROMPT, 0))


def test_statistics_are_those_of_both_replicas(engine):
    """Eight sessions are spread over both; one replica alone would not have all of them."""
    counts = [engine.statistics().num_sequences for _ in range(10)]
    assert len(set(counts)) == 1
    assert counts[0] >= NUM_SESSIONS * NUM_SPINS


def test_a_lost_replica_costs_one_prefill_and_nothing_else(engine, model, ray_token):
    """Sessions spin on while a replica is killed with `kill -9`; each answer stays exact."""
    before = replica_pids(ray_token)
    answers: list[tuple[tuple[int, ...], object]] = []
    is_over = threading.Event()
    failed: list[Exception] = []

    def spin(number):
        while not is_over.is_set():
            try:
                answers.extend(grow(engine, number, num_spins=20))
            except EngineBusyError:
                continue  # the page of the student asks again
            except Exception as error:  # noqa: BLE001 - raised by the assertion below
                failed.append(error)
                return

    threads = [threading.Thread(target=spin, args=(100 + number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: len(answers) > 20 or failed)
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: failed or len(replica_pids(ray_token) - before) == 1, poll_s=0.2)
        num_answers = len(answers)
        wait_until(lambda: len(answers) > num_answers + 80 or failed)
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert failed == []
    for token_ids, row in answers[:: max(1, len(answers) // 60)]:
        assert probabilities(row) == pytest.approx(plain(model, token_ids), abs=1e-5)


def test_without_any_replica_a_request_waits_until_there_is_one(engine, model, ray_token):
    for pid in replica_pids(ray_token):
        os.kill(pid, signal.SIGKILL)
    answers: list[tuple[tuple[int, ...], np.ndarray]] = []
    while not answers:
        with suppress(EngineBusyError):  # the page of the student asks again
            answers.extend(grow(engine, 200, num_spins=3))
    for token_ids, row in answers:
        assert probabilities(row) == pytest.approx(plain(model, token_ids), abs=1e-5)
