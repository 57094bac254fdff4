"""Two servers on one data folder, set up and started at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.e2e.server import Server

pytestmark = pytest.mark.slow
NUM_SPINS = 24


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    servers = [Server(folder, folder / "static") for _ in range(2)]
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        for _ in pool.map(Server.prepare, servers):
            pass
        for server in servers:
            stack.callback(server.stop)
        for _ in pool.map(Server.start, servers):
            pass
        yield servers


def test_both_servers_get_ready(servers):
    for server in servers:
        assert server.get("/ready").status_code == 200


def test_a_session_of_one_server_goes_on_at_the_other(servers):
    first, second = servers
    url = f"/api/sessions/{first.post('/api/sessions').json()['session_id']}"
    second.post(f"{url}/set-prompt", {"prompt": "The capital of France is"})
    spin = first.post(f"{url}/spin", {"u": 0.1}).json()
    assert spin["appended_token"]["token_text"] == " Paris"
    assert second.get(url).json()["current_text"].endswith(" Paris")


def test_no_spin_is_lost_when_both_servers_write_one_session(servers):
    url = f"/api/sessions/{servers[0].post('/api/sessions').json()['session_id']}"
    servers[0].post(f"{url}/set-prompt", {"prompt": "Once upon a time"})
    with ThreadPoolExecutor(8) as pool:
        spins = [pool.submit(servers[i % 2].post, f"{url}/spin") for i in range(NUM_SPINS)]
        statuses = [spin.result().status_code for spin in spins]
    assert set(statuses) <= {200, 409, 503}
    assert statuses.count(200) > 0
    assert len(servers[1].get(url).json()["token_history"]) == statuses.count(200)


def test_no_server_logs_a_failure(servers):
    assert "Traceback" not in servers[0].log()
