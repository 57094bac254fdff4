"""SIGTERM while thirty clients spin as fast as they can, on old and on new connections."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, RemoteDisconnected

import pytest

from tests.e2e.server import Server, WaitressServer
from tests.e2e.test_deploy import assert_ended_cleanly
from tests.thorough import variants
from tests.waiting import HANGING_S, wait_until

pytestmark = pytest.mark.slow
NUM_CLIENTS = 30
HEADERS = {"Content-Type": "application/json"}


class Client:
    """Keeps its connection open, or opens one for each request. `statuses` are of its spins."""

    def __init__(self, server, number):
        self.port = server.port
        self.keeps_alive = number % 2 == 0
        self.path = f"/api/sessions/{server.post('/api/sessions').json()['session_id']}"
        self.statuses = []
        server.post(f"{self.path}/set-prompt", {"prompt": "The cat sat on the"})

    def spin_until_refused(self):
        """On a connection that was in use, a missing answer is an error. A new connection may be
        refused, or reset: it was still waiting to be accepted when the server closed its socket."""
        while True:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=HANGING_S)) as connection:
                try:
                    connection.connect()
                    is_reusable = self.spin(connection)
                except RemoteDisconnected:
                    raise  # it was accepted
                except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
                    return
                while is_reusable:
                    is_reusable = self.spin(connection)

    def spin(self, connection):
        """Returns whether the connection can be used again."""
        headers = HEADERS if self.keeps_alive else HEADERS | {"Connection": "close"}
        connection.request("POST", f"{self.path}/spin", json.dumps({}), headers)
        response = connection.getresponse()
        response.read()
        self.statuses.append(response.status)
        return not response.will_close


def spin_through_the_end(server, clients):
    with ThreadPoolExecutor(len(clients)) as pool:
        spinning = [pool.submit(client.spin_until_refused) for client in clients]
        wait_until(lambda: all(len(client.statuses) >= 3 for client in clients))
        server.terminate()
        for future in spinning:
            future.result()


@pytest.mark.parametrize("server_class", variants([Server], [WaitressServer]))
def test_each_spin_that_took_effect_was_answered(
    prepared_folder, tiny_model, tmp_path, server_class
):
    environment = tiny_model | {"LIMIT_SESSION": "", "LIMIT_ADDRESS": ""}
    with prepared_folder.running_server(tmp_path, server_class, **environment) as server:
        clients = [Client(server, number) for number in range(NUM_CLIENTS)]
        spin_through_the_end(server, clients)
        assert_ended_cleanly(server)
        server.start()
        for client in clients:
            assert set(client.statuses) <= {200, 503}  # 503: the store was busy for too long
            num_tokens = server.get(client.path).json()["generation_count"]
            assert num_tokens == client.statuses.count(200)
