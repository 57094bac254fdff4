"""SIGTERM while thirty clients spin as fast as they can: each request that was sent is answered."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.e2e.server import Server, WaitressServer
from tests.e2e.test_deploy import assert_ended_cleanly
from tests.waiting import HANGING_S, wait_until

pytestmark = pytest.mark.slow
NUM_CLIENTS = 30
HEADERS = {"Content-Type": "application/json"}


class Client:
    """Keeps its connection open, or opens one for each request. `statuses` are those of its spins."""

    def __init__(self, server, number):
        self.port = server.port
        self.keeps_alive = number % 2 == 0
        self.path = f"/api/sessions/{server.post('/api/sessions').json()['session_id']}"
        self.statuses = []
        server.post(f"{self.path}/set-prompt", {"prompt": "The cat sat on the"})

    def spin_until_refused(self):
        """An answer that does not come is an error; a refused connection is the end."""
        while True:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=HANGING_S)) as connection:
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return
                while self.spin(connection):
                    pass

    def spin(self, connection):
        """Returns whether the connection can be used again."""
        headers = HEADERS if self.keeps_alive else HEADERS | {"Connection": "close"}
        connection.request("POST", f"{self.path}/spin", json.dumps({}), headers)
        response = connection.getresponse()
        response.read()
        self.statuses.append(response.status)
        return not response.will_close


@pytest.mark.parametrize("server_class", [Server, WaitressServer])
def test_every_request_is_answered_and_stored(prepared_folder, tiny_model, tmp_path, server_class):
    unlimited = {"LIMIT_SESSION": "", "LIMIT_ADDRESS": ""}
    with prepared_folder.running_server(
        tmp_path, server_class, **tiny_model, **unlimited
    ) as server:
        clients = [Client(server, number) for number in range(NUM_CLIENTS)]
        with ThreadPoolExecutor(NUM_CLIENTS) as pool:
            spinning = [pool.submit(client.spin_until_refused) for client in clients]
            wait_until(lambda: all(len(client.statuses) >= 3 for client in clients))
            server.terminate()
            for future in spinning:
                future.result()
        assert_ended_cleanly(server)
        assert {status for client in clients for status in client.statuses} == {200}
        server.start()
        for client in clients:
            assert server.get(client.path).json()["generation_count"] == len(client.statuses)
