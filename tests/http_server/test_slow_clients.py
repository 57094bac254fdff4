"""Slow and idle clients: what they are given, and what they take from others."""

import errno
import socket
import time
from contextlib import ExitStack

import pytest

from tests.http_server.world import GET, GET_WAIT, TIMEOUT_S, answer_of, is_closed
from tests.waiting import wait_until
from tokenwheel import http_connection
from tokenwheel.http_limits import Limits

UNFINISHED = [GET[:20], b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nab"]


def test_many_requests_are_answered_on_one_connection(start):
    with start().connected() as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200


@pytest.mark.parametrize("beginning", [b"", *UNFINISHED])
def test_connections_without_a_whole_request_occupy_no_thread(start, beginning):
    server = start()
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(server.connected()).sendall(beginning)
        with server.connected() as connection:
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200


@pytest.mark.parametrize("beginning", UNFINISHED)
def test_a_request_that_arrives_too_slowly_is_dropped(start, beginning):
    with start(request_s=0.2).connected() as connection:
        connection.sendall(beginning)
        assert is_closed(connection)


def test_a_byte_now_and_then_does_not_extend_the_time_for_a_request(start):
    with start(request_s=0.3).connected() as connection:

        def is_dropped():
            try:
                connection.sendall(b"GET / HTTP/1.1\r\nX: a"[:1])
            except OSError:
                return True
            return False

        wait_until(is_dropped, poll_s=0.05)


def test_a_request_that_waits_for_its_answer_is_not_late(start, application):
    with start(request_s=0.1).connected() as connection:
        connection.sendall(GET_WAIT)
        assert application.entered.wait(TIMEOUT_S)
        time.sleep(0.3)
        application.gate.set()
        assert answer_of(connection)[0] == 200


def test_a_pause_between_two_requests_is_no_reason_to_close(start):
    with start(request_s=0.1).connected() as connection:
        connection.sendall(GET)
        answer_of(connection)
        time.sleep(0.3)
        connection.sendall(GET)
        assert answer_of(connection)[0] == 200


def test_a_body_in_parts_is_put_together(start):
    with start().connected() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nab")
        time.sleep(0.05)
        connection.sendall(b"cd")
        assert answer_of(connection)[2] == b"abcd"


def test_a_pipelined_request_does_not_cut_off_the_answer_before_it(start, application):
    with start(request_s=0.1).connected() as connection:
        connection.sendall(GET_WAIT + GET[:20])
        assert application.entered.wait(TIMEOUT_S)
        time.sleep(0.3)
        application.gate.set()
        assert answer_of(connection)[0] == 200


def test_a_blank_line_after_a_request_is_not_the_beginning_of_another(start):
    with start(request_s=0.1).connected() as connection:
        connection.sendall(GET)
        answer_of(connection)
        connection.sendall(b"\r\n")
        time.sleep(0.3)
        connection.sendall(GET)
        assert answer_of(connection)[0] == 200


def test_a_connection_without_a_byte_for_too_long_is_closed(start, monkeypatch):
    monkeypatch.setattr(http_connection, "KEEP_ALIVE_S", 0.2)
    with start().connected() as connection:
        connection.sendall(GET)
        answer_of(connection)
        assert is_closed(connection)


def test_a_jump_of_the_system_clock_closes_no_connection(start, monkeypatch):
    with start().connected() as connection:
        connection.sendall(GET)
        answer_of(connection)
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 7200)
        time.sleep(0.1)
        connection.sendall(GET)
        assert answer_of(connection)[0] == 200


def test_above_nine_tenths_of_the_connections_the_longest_idle_are_closed(start):
    server = start(Limits(num_threads=2, max_connections=20))
    with ExitStack() as stack:
        idle = [stack.enter_context(server.connected()) for _ in range(30)]
        assert is_closed(idle[0])
        with server.connected() as connection:
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200


def test_a_connection_with_a_request_in_progress_is_not_closed_to_make_room(start, application):
    server = start(Limits(num_threads=2, max_connections=20))
    with server.connected() as first, ExitStack() as stack:
        first.sendall(GET_WAIT)
        assert application.entered.wait(TIMEOUT_S)
        idle = [stack.enter_context(server.connected()) for _ in range(30)]
        assert is_closed(idle[0])
        application.gate.set()
        assert answer_of(first)[0] == 200


def test_without_a_file_descriptor_for_a_new_client_idle_connections_are_closed(start, monkeypatch):
    server = start()
    accept = socket.socket.accept
    refusals = [OSError(errno.EMFILE, "Too many open files") for _ in range(20)]

    def accept_after_some_attempts(listener):
        if refusals:
            raise refusals.pop()
        return accept(listener)

    with server.connected() as idle:
        idle.sendall(GET)
        answer_of(idle)
        monkeypatch.setattr(socket.socket, "accept", accept_after_some_attempts)
        with server.connected() as connection:
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200
        assert is_closed(idle)


def test_a_client_that_does_not_read_its_answers_stops_no_other(start):
    server = start(Limits(num_threads=1))
    body = b"a" * 500_000
    post = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 500000\r\n\r\n" + body
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(server.connected()).sendall(post)
        with server.connected() as connection:
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200
