"""Connections that send nothing, or not all of a request, beside a class that spins."""

import socket
from contextlib import ExitStack

import pytest

from tests.e2e.server import Server, WaitressServer
from tests.e2e.students import start_class
from tests.thorough import variants

pytestmark = pytest.mark.slow

NUM_IDLE = 500
NUM_UNFINISHED = 200
UNFINISHED = [
    b"GET /health HTTP/1.1\r\nHost: 127",
    b"POST /api/sessions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20\r\n\r\n{",
]


@pytest.mark.parametrize("server_class", variants([Server], [WaitressServer]))
def test_a_class_spins_beside_hundreds_of_idle_and_unfinished_connections(
    prepared_folder, remote_model, tmp_path, server_class
):
    with prepared_folder.running_server(tmp_path, server_class, **remote_model) as server:
        school_class = start_class(server)
        with ExitStack() as connections:
            for number in range(NUM_IDLE + NUM_UNFINISHED):
                connection = socket.create_connection(("127.0.0.1", server.port))
                connections.enter_context(connection)
                if number < NUM_UNFINISHED:
                    connection.sendall(UNFINISHED[number % 2])
            with school_class.at_work():
                assert server.get("/health").status_code == 200
                school_class.wait_for_spins(3)
                assert server.get("/").status_code == 200
    assert not school_class.answers().keys() - {200, 503}
