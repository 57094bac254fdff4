"""Answers of the HTTP server itself, and its log."""

import errno
import json
import socket

import pytest

from tests.http_server.world import GET, answer_of, is_closed, read
from tokenwheel import http_connection, logs

CANARY = "canarybird"


@pytest.mark.parametrize("path", [b"/", b"/chunks"])
def test_the_answer_to_head_has_no_body(start, path):
    """A body would be taken for the beginning of the next answer."""
    with start().connected() as connection:
        connection.sendall(GET.replace(b"GET /", b"HEAD " + path, 1))
        head = head_of(connection)
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        if path == b"/chunks":
            assert is_closed(connection)
        else:
            assert b"Content-Length: 5\r\n" in head
            connection.sendall(GET)
            assert answer_of(connection)[2] == b"hello"


def head_of(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read(connection)
    return head


@pytest.mark.parametrize("status", [b"204", b"304"])
def test_an_answer_that_can_have_no_body_keeps_the_connection(start, status):
    with start().connected() as connection:
        for _ in range(2):
            connection.sendall(GET.replace(b"/", b"/" + status, 1))
            head = head_of(connection)
            assert head.startswith(b"HTTP/1.1 " + status)
            assert b"Connection: close" not in head
        connection.sendall(GET)
        assert answer_of(connection)[2] == b"hello"


@pytest.mark.parametrize("status", [b"204", b"304"])
def test_a_client_that_wants_the_end_of_the_connection_gets_it(start, status):
    with start().connected() as connection:
        request = GET.replace(b"/", b"/" + status, 1)
        connection.sendall(request.replace(b"Host", b"Connection: close\r\nHost"))
        assert b"Connection: close" in head_of(connection)
        assert is_closed(connection)


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


def test_a_client_of_a_unix_socket_has_no_address(start, tmp_path):
    server = start(family=socket.AF_UNIX, address=str(tmp_path / "socket"))
    with server.connected() as connection:
        connection.sendall(GET.replace(b"/", b"/address", 1))
        assert answer_of(connection)[2] == b""
