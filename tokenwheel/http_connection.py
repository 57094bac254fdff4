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

from tokenwheel.http_limits import is_for_lack_of_descriptors
from wheel.errors import OverloadedError

REQUEST_S = 20  # from the first byte of a request to the last one of its body
ANSWERS_TO_BROKEN_REQUESTS = {
    400: ("invalid", "The request is not valid HTTP."),
    413: ("payload_too_large", "The request body is too large."),
    431: ("headers_too_large", "The headers of the request are too large."),
    501: ("not_implemented", "The server does not know this transfer encoding."),
}
ANSWER_TO_FAULTS = ("server_error", "Something went wrong on the server. It has been logged.")
PATH = re.compile(r"(?<= while serving ).*", re.DOTALL)


class TimedRequest(HTTPRequestParser):  # type: ignore[misc] # waitress has no types
    """A request that is being received."""

    def __init__(self, adj: Adjustments) -> None:
        super().__init__(adj)
        self.started_at = time.monotonic()


class Task(WSGITask):  # type: ignore[misc]
    """One call of the application. A stopping server announces the end of the connection."""

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
    """`last_activity` is a `time.time()`."""

    task_class = Task
    error_task_class = JSONErrorTask
    parser_class = TimedRequest

    def __init__(
        self, server: BaseWSGIServer, sock: socket.socket, addr: Any, *rest: Any, **options: Any
    ) -> None:
        super().__init__(server, sock, addr, *rest, **options)
        if sock.family not in (socket.AF_INET, socket.AF_INET6):
            self.addr = ("", "")  # a Unix socket's client has no address (client_address.py)

    @property
    def is_busy(self) -> bool:
        """Whether a request is being received or answered, or an answer is being sent."""
        return not self.is_evictable or self.request is not None

    @property
    def is_evictable(self) -> bool:
        """Whether no complete request would be lost if the connection was closed now."""
        return not self.requests and not self.total_outbufs_len

    def is_late(self, now: float) -> bool:
        """Whether a request has been arriving for too long; `now` is a `time.monotonic()`."""
        request = self.request
        return request is not None and now - request.started_at > REQUEST_S


def protect_log() -> None:
    """Remove paths, which may hold a text, from waitress's log lines, and drop its line about each
    request that waits for a thread."""
    logging.getLogger("waitress").addFilter(remove_path)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def remove_path(record: logging.LogRecord) -> bool:
    record.msg = PATH.sub("a request", str(record.msg))
    return True
