"""The end of the server: requests in progress, open connections, and new ones."""

from tests.http_server.world import GET, GET_WAIT, TIMEOUT_S, answer_of, is_closed, is_refused
from tests.waiting import wait_until


def test_a_stopping_server_answers_the_requests_in_progress_and_closes(start, application):
    server = start()
    with server.connected() as connection, server.connected() as idle:
        connection.sendall(GET_WAIT)
        assert application.entered.wait(TIMEOUT_S)
        server.begin_to_stop()
        wait_until(lambda: is_refused(server))
        application.gate.set()
        assert answer_of(connection)[0] == 200
        assert is_closed(connection)
        assert is_closed(idle)
    server.stop()


def test_a_request_on_an_open_connection_of_a_stopping_server_is_its_last(start):
    server = start(linger_s=TIMEOUT_S)
    with server.connected() as connection:
        connection.sendall(GET)
        assert "connection" not in answer_of(connection)[1]
        server.begin_to_stop()
        wait_until(lambda: is_refused(server))
        connection.sendall(GET)
        status, headers, _ = answer_of(connection)
        assert (status, headers["connection"]) == (200, "close")
        assert is_closed(connection)


def test_a_stopping_server_waits_no_longer_than_its_grace_time(start, application):
    server = start(grace_s=0.2)
    with server.connected() as connection:
        connection.sendall(GET_WAIT)
        assert application.entered.wait(TIMEOUT_S)
        server.begin_to_stop()
        assert is_closed(connection)
        application.gate.set()
