"""The engine service under control: bounds, health, tokens and addresses."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.cluster.conftest import TOKEN
from tests.cluster.ray_processes import listening_addresses, replica_pids
from tests.engine.engines import MODEL_ID
from tests.waiting import HANGING_S, wait_until
from wheel.remote_engine import protocol
from wheel.remote_engine.protocol import Question

NUM_CLIENTS = 200  # more than a replica and the queue of the proxy take
QUESTION = Question(MODEL_ID, (1, 2, 3), "a digest")


@pytest.fixture
def http(contract_service, switchboard, control, model_source):
    switchboard.begin_test(control, model_source)
    with httpx2.Client(
        base_url=f"{contract_service.url}{protocol.PREFIX}/{MODEL_ID}",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=HANGING_S,
        limits=httpx2.Limits(max_connections=NUM_CLIENTS),
        trust_env=False,
    ) as client:
        yield client
    control.gate.set()


def ask(http, question=QUESTION, **options):
    return http.post(f"/{protocol.NEXT_LOGITS}", content=question.encode(), **options)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer no", f"Basic {TOKEN}"])
@pytest.mark.parametrize(
    ("method", "endpoint"),
    [
        ("POST", protocol.NEXT_LOGITS),
        ("POST", protocol.PREFETCH),
        ("GET", protocol.STATUS),
        ("GET", protocol.STATISTICS),
    ],
)
def test_nothing_is_answered_without_the_token(http, method, endpoint, header):
    response = http.request(
        method, f"/{endpoint}", content=QUESTION.encode(), headers={"Authorization": header}
    )
    assert response.status_code == 401
    assert response.content == b""


@pytest.mark.parametrize("body", [b"", b"{}", b"[1", Question("n", (1,), "a digest").encode()])
def test_what_is_no_question_to_this_model_is_refused(http, body):
    for endpoint in (protocol.NEXT_LOGITS, protocol.PREFETCH):
        assert http.post(f"/{endpoint}", content=body).status_code == 400
    assert ask(http).status_code == 200


def test_token_ids_of_another_vocabulary_are_refused(http):
    answer = ask(http, Question(MODEL_ID, (1, 2), "another"))
    assert answer.status_code == 503
    error = protocol.decode_error(answer.content)
    assert error is not None
    assert "another vocabulary" in error.detail


def test_a_context_that_is_longer_than_the_reported_window_is_refused(http):
    assert ask(http, Question(MODEL_ID, (1,) * 65, "a digest")).status_code == 400
    assert ask(http, Question(MODEL_ID, (1,) * 64, "a digest")).status_code == 200


def test_a_full_replica_answers_503_with_retry_after_and_the_others_are_answered(http, control):
    control.gate.clear()
    with ThreadPoolExecutor(NUM_CLIENTS) as pool:
        asked = [
            pool.submit(ask, http, Question(MODEL_ID, (number % 50, number // 50), "a digest"))
            for number in range(NUM_CLIENTS)
        ]
        wait_until(lambda: any(future.done() for future in asked))
        control.gate.set()
        answers = [future.result() for future in asked]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert 0 < len(refused) < NUM_CLIENTS / 2
    for answer in refused:
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
    assert ask(http).status_code == 200


def test_a_replica_whose_engine_is_dead_is_replaced(http, contract_service, switchboard):
    token = contract_service.environment["RAY_AUTH_TOKEN"]
    before = replica_pids(token)
    assert len(before) == 2
    switchboard.engine_is_alive = False
    try:
        wait_until(lambda: before - replica_pids(token), poll_s=0.2)
    finally:
        switchboard.engine_is_alive = True
    wait_until(lambda: len(replica_pids(token) - before) > 0, poll_s=0.2)
    wait_until(lambda: ask(http).status_code == 200, poll_s=0.2)


def test_everything_listens_on_loopback_addresses_only(contract_service):
    addresses = listening_addresses(contract_service.environment["RAY_AUTH_TOKEN"])
    assert addresses
    assert {address.removeprefix("::ffff:") for address in addresses} <= {"127.0.0.1", "::1"}


JOIN = """
import ray
from ray._private.services import find_gcs_addresses
(address,) = [one for one in find_gcs_addresses()]
ray.init(address=address, log_to_driver=False)
print("joined")
"""


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_process_without_rays_token_cannot_join(contract_service, token):
    environment = contract_service.environment | {"RAY_AUTH_MODE": "token"}
    environment |= {"RAY_AUTH_TOKEN": token, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    done = subprocess.run(
        [sys.executable, "-c", JOIN],
        env=environment,
        capture_output=True,
        text=True,
        timeout=HANGING_S,
        check=False,
    )
    assert "joined" not in done.stdout
    assert "uthenti" in done.stderr  # authentication, unauthenticated
