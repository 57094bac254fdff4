"""The HTTP server with a small application: slow clients, limits, and the end of the server."""

import errno
import json
import socket
import threading
import time
from contextlib import ExitStack, closing, contextmanager

import pytest

from tests.waiting import wait_until
from tokenwheel import http_connection, http_server, logs
from tokenwheel.http_limits import Limits
from tokenwheel.http_server import HTTPServer

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
TIMEOUT_S = 60
CANARY = "canarybird"


class Application:
    """Answers with the environment of its call. A path /wait stops at `gate`."""

    def __init__(self):
        self.entered, self.gate = threading.Event(), threading.Event()
        self.failure = None

    def __call__(self, environ, start_response):
        if self.failure is not None:
            raise self.failure
        if environ["PATH_INFO"] == "/wait":
            self.entered.set()
            assert self.gate.wait(TIMEOUT_S)
        body = environ["wsgi.input"].read() or b"hello"
        if environ["PATH_INFO"] == "/chunks":
            start_response("200 OK", [])
            return iter([b"a", b"b"])
        if environ["PATH_INFO"] == "/address":
            body = environ["REMOTE_ADDR"].encode()
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]


class RunningServer:
    def __init__(self, application, limits, family=socket.AF_INET, address=("127.0.0.1", 0)):
        self._socket = socket.socket(family)
        self._socket.bind(address)
        self._socket.listen(100)
        self.address, self._family = self._socket.getsockname(), family
        self.server = HTTPServer(application, [self._socket], limits=limits)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self):
        while not self._is_stopping.is_set():
            self.server.handle_events(timeout_s=0.01)
        self.server.stop()

    def begin_to_stop(self):
        self._is_stopping.set()

    def stop(self):
        self.begin_to_stop()
        self._thread.join(TIMEOUT_S)
        assert not self._thread.is_alive()

    @contextmanager
    def connected(self):
        with closing(socket.socket(self._family)) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(self.address)
            yield connection


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def start(application, monkeypatch):
    """Start a server of `application`; limits on time, in seconds, are set by name."""
    with ExitStack() as stack:

        def start_server(limits=None, request_s=None, linger_s=0.05, grace_s=None, **where):
            monkeypatch.setattr(http_server, "POLL_S", 0.01)
            monkeypatch.setattr(http_server, "LINGER_S", linger_s)
            if request_s is not None:
                monkeypatch.setattr(http_connection, "REQUEST_S", request_s)
            if grace_s is not None:
                monkeypatch.setattr(http_server, "GRACE_S", grace_s)
            server = RunningServer(application, limits or Limits(num_threads=2), **where)
            stack.callback(server.stop)
            stack.callback(application.gate.set)
            return server

        yield start_server


def answer_of(connection):
    """Status, headers in lower case, and body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += read(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    while len(body) < int(headers["content-length"]):
        body += read(connection)
    return int(first.split()[1]), headers, body


def read(connection):
    data = connection.recv(65536)
    assert data, "the server closed the connection in the middle of an answer"
    return data


def is_closed(connection):
    try:
        return connection.recv(65536) == b""
    except ConnectionResetError:
        return True


def test_many_requests_are_answered_on_one_connection(start):
    with start().connected() as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200


@pytest.mark.parametrize(
    "beginning", [b"", GET[:20], b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nab"]
)
def test_connections_without_a_whole_request_occupy_no_thread(start, beginning):
    server = start()
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(server.connected()).sendall(beginning)
        with server.connected() as connection:
            connection.sendall(GET)
            assert answer_of(connection)[0] == 200


@pytest.mark.parametrize(
    "beginning", [GET[:20], b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nab"]
)
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
        connection.sendall(GET.replace(b"/", b"/wait", 1))
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
        connection.sendall(GET.replace(b"/", b"/wait", 1) + GET[:20])
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


@pytest.mark.parametrize("path", [b"/", b"/chunks"])
def test_the_answer_to_head_has_no_body(start, path):
    """A body would be taken for the beginning of the next answer."""
    with start().connected() as connection:
        connection.sendall(GET.replace(b"GET /", b"HEAD " + path, 1))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += read(connection)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        if path == b"/chunks":
            assert is_closed(connection)
        else:
            assert b"Content-Length: 5\r\n" in head
            connection.sendall(GET)
            assert answer_of(connection)[2] == b"hello"


@pytest.mark.parametrize(
    "target", [f"http://[{CANARY}]/".encode(), f"http://{CANARY}:port/".encode()]
)
def test_an_address_that_cannot_be_parsed_is_refused_and_not_logged(start, target, caplog):
    with start().connected() as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: test\r\n\r\n")
        status, _, body = answer_of(connection)
    assert status in (200, 400)
    assert CANARY not in caplog.text + body.decode()


def test_a_fault_of_a_connection_is_logged_without_its_words_and_the_address(start, caplog):
    """As any log line, it is redacted by the formatter."""
    with start().connected() as connection:

        def fail(*_):
            raise ValueError(CANARY)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(http_connection.TimedRequest, "__init__", fail)
            connection.sendall(GET)
            assert is_closed(connection)
    (record,) = (each for each in caplog.records if each.exc_info)
    line = logs.formatter_named("line").format(record)
    assert "ValueError: …" in line
    assert CANARY not in line
    assert "127.0.0.1" not in line


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
        first.sendall(GET.replace(b"/", b"/wait", 1))
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


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "invalid"),
        (b"GET / HTTP/1.1\r\nHost : test\r\n\r\n", 400, "invalid"),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n", 431, "headers_too_large"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n", 413, "payload_too_large"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, "not_implemented"),
    ],
)
def test_a_broken_request_is_refused_in_the_format_of_the_api(start, request_bytes, status, code):
    with start().connected() as connection:
        connection.sendall(request_bytes)
        answered, headers, body = answer_of(connection)
        assert is_closed(connection)
    assert (answered, headers["content-type"]) == (status, "application/json")
    assert json.loads(body)["code"] == code
    assert json.loads(body)["detail"]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (OSError(errno.EMFILE, "Too many open files"), 503, "overloaded"),
        (ZeroDivisionError(), 500, "server_error"),
    ],
)
def test_a_fault_outside_django_is_answered_in_the_format_of_the_api(
    start, application, failure, status, code
):
    application.failure = failure
    with start().connected() as connection:
        connection.sendall(GET)
        answered, headers, body = answer_of(connection)
    assert (answered, json.loads(body)["code"]) == (status, code)
    assert ("retry-after" in headers) == (status == 503)


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


def test_a_stopping_server_answers_the_requests_in_progress_and_closes(start, application):
    server = start()
    with server.connected() as connection, server.connected() as idle:
        connection.sendall(GET.replace(b"/", b"/wait", 1))
        assert application.entered.wait(TIMEOUT_S)
        server.begin_to_stop()
        wait_until(lambda: is_refused(server))
        application.gate.set()
        assert answer_of(connection)[0] == 200
        assert is_closed(connection)
        assert is_closed(idle)
    server.stop()


def is_refused(server):
    try:
        with server.connected():
            return False
    except ConnectionRefusedError:
        return True


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
        connection.sendall(GET.replace(b"/", b"/wait", 1))
        assert application.entered.wait(TIMEOUT_S)
        server.begin_to_stop()
        assert is_closed(connection)
        application.gate.set()


def test_a_client_of_a_unix_socket_has_no_address(start, tmp_path):
    server = start(family=socket.AF_UNIX, address=str(tmp_path / "socket"))
    with server.connected() as connection:
        connection.sendall(GET.replace(b"/", b"/address", 1))
        assert answer_of(connection)[2] == b""
