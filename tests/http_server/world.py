"""A small application on the HTTP server, in a thread of the test, and raw sockets to it."""

import socket
import threading
from contextlib import closing, contextmanager

from tokenwheel.http_server import HTTPServer

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
GET_WAIT = GET.replace(b"/", b"/wait", 1)
TIMEOUT_S = 60
WITHOUT_BODY = {"/204": "204 No Content", "/304": "304 Not Modified"}


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
        if environ["PATH_INFO"] in WITHOUT_BODY:
            start_response(WITHOUT_BODY[environ["PATH_INFO"]], [])
            return [b""]
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


def is_refused(server):
    try:
        with server.connected():
            return False
    except ConnectionRefusedError:
        return True
