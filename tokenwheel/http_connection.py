"""One connection of the HTTP server, and its requests and answers, on waitress's classes."""

import json
import logging
import re
import socket
import sys
import time
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import BadRequest

from tokenwheel.http_limits import is_for_lack_of_descriptors
from wheel.errors import OverloadedError

KEEP_ALIVE_S = 75  # without a byte; longer than a student's pause between two spins
REQUEST_S = 20  # from the first byte of a request to the last one of its body
ANSWERS_TO_BROKEN_REQUESTS = {
    400: ("invalid", "The request is not valid HTTP."),
    413: ("payload_too_large", "The request body is too large."),
    431: ("headers_too_large", "The headers of the request are too large."),
    501: ("not_implemented", "The server does not know this transfer encoding."),
}
ANSWER_TO_FAULTS = ("server_error", "Something went wrong on the server. It has been logged.")
logger = logging.getLogger(__name__)
PATH = re.compile(r"(?<= while serving ).*", re.DOTALL)


class TimedRequest(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """A request that is being received. `started_at` is a `time.monotonic()`; None before the first
    byte, of which blank lines that some clients send after a request are none (RFC 9112, 2.2)."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.started_at: float | None = None

    def received(self, data: bytes) -> int:
        if self.started_at is None and data.strip(b"\r\n"):
            self.started_at = time.monotonic()
        try:
            return int(super().received(data))
        except ValueError:  # such as `GET http://[x]/`, which waitress does not expect
            self.error = BadRequest("")
            self.completed = True
            return len(data)


class Task(WSGITask):  # type: ignore[misc]
    """One call of the application. A stopping server announces the end of the connection."""

    _is_complete = False  # whether the headers that are being built are all of the answer

    @property
    def is_head(self) -> bool:
        return bool(self.request.command == "HEAD")

    def build_response_header(self) -> bytes:
        """waitress ends the connection after an answer without a length. That of 204 and 304 ends
        with its headers (RFC 9112, 6.3): the polls of open pages need no new connection each."""
        asked = self.request.headers.get("CONNECTION", "").lower()
        self._is_complete = not self.has_body and self.version == "1.1" and asked != "close"
        try:
            header: bytes = super().build_response_header()
        finally:
            self._is_complete = False
        return header

    def set_close_on_finish(self) -> None:
        if not self._is_complete:
            super().set_close_on_finish()

    def write(self, data: bytes) -> None:
        """An answer to HEAD has the headers of GET, and no body."""
        super().write(b"" if self.is_head else data)

    def finish(self) -> None:
        if self.is_head and self.wrote_header:
            return  # the end of a chunked body would be one
        super().finish()

    def execute(self) -> None:
        if self.channel.server.is_stopping:
            self.set_close_on_finish()
        try:
            super().execute()
        except OSError as error:  # waitress would close the connection without an answer
            if is_for_lack_of_descriptors(error):
                raise OverloadedError from error
            raise


class JSONErrorTask(ErrorTask):  # type: ignore[misc]
    """The answer to a request that cannot be parsed, in the format of the API's errors."""

    def execute(self) -> None:
        error = self.request.error
        code, detail = ANSWERS_TO_BROKEN_REQUESTS.get(error.code, ANSWER_TO_FAULTS)
        self.status = f"{error.code} {error.reason}"
        if is_for_lack_of_descriptors(sys.exception()):
            code, detail = OverloadedError.code, OverloadedError.default_detail
            self.status = "503 Service Unavailable"
            self.response_headers.append(("Retry-After", str(OverloadedError.retry_after_s)))
        body = json.dumps({"detail": detail, "code": code}).encode()
        self.response_headers.append(("Content-Type", "application/json"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Connection(HTTPChannel):  # type: ignore[misc]
    """Times are those of `time.monotonic()`, since the system clock can jump."""

    task_class = Task
    error_task_class = JSONErrorTask
    parser_class = TimedRequest

    def __init__(
        self, server: BaseWSGIServer, sock: socket.socket, addr: Any, *rest: Any, **options: Any
    ) -> None:
        super().__init__(server, sock, addr, *rest, **options)
        self.answered_at = time.monotonic()
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            self.addr = ("", "")  # a Unix socket's client has no address (client_address.py)

    def __repr__(self) -> str:
        """For waitress's log lines: without the client's address."""
        return "<Connection>"

    @property
    def last_activity(self) -> float:
        """The time of the last byte, or of the end of an answer."""
        return self._last_activity

    @last_activity.setter
    def last_activity(self, _: float) -> None:
        """waitress sets a time of the system clock."""
        self._last_activity = time.monotonic()

    def service(self) -> None:
        super().service()
        self.answered_at = time.monotonic()

    def handle_error(self) -> None:
        """waitress's own line quotes the exception, which may quote the request."""
        logger.error("a connection failed", exc_info=sys.exception())
        self.handle_close()

    @property
    def is_busy(self) -> bool:
        """Whether a request is being received or answered, or an answer is being sent."""
        return not self.is_evictable or self.request_started_at is not None

    @property
    def request_started_at(self) -> float | None:
        """None if no byte of a further request has arrived."""
        return None if self.request is None else self.request.started_at

    @property
    def is_evictable(self) -> bool:
        """Whether no complete request would be lost if the connection was closed now."""
        return not self.requests and not self.total_outbufs_len

    def is_late(self, now: float) -> bool:
        """Whether a request has been arriving for too long. While an earlier one is answered,
        nothing is received."""
        started_at = self.request_started_at
        if started_at is None or self.requests:
            return False
        return now - max(started_at, self.answered_at) > REQUEST_S

    def is_silent(self, now: float) -> bool:
        """Whether the client has neither sent nor read a byte for too long."""
        return not self.requests and now - self.last_activity > KEEP_ALIVE_S


def protect_log() -> None:
    """Remove paths, which may hold a text, from waitress's log lines, and drop its line about each
    request that waits for a thread."""
    logging.getLogger("waitress").addFilter(remove_path)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def remove_path(record: logging.LogRecord) -> bool:
    record.msg = PATH.sub("a request", str(record.msg))
    return True
