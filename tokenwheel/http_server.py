"""The HTTP server: waitress, with limits on the time of a request and on the number of connections.

One thread receives requests and sends answers without blocking; the others run the application. So
an idle or slow connection takes memory and a file descriptor, but no thread.
"""

import select
import socket
import sys
import time
from collections.abc import Callable, Sequence, Sized
from functools import partial
from typing import Any

from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from tokenwheel.http_connection import Connection
from tokenwheel.http_limits import (
    Limits,
    is_for_lack_of_descriptors,
    limits_of_this_process,
)

GRACE_S = 30  # for requests in progress when the server stops
LINGER_S = 2  # when the server stops: for the next requests of open connections
POLL_S = 1.0
MIN_EVICTED = 4  # idle connections, when no file descriptor is left
FULL_S = 0.05  # between two attempts to accept a connection when no file descriptor is left
HAS_POLL = hasattr(select, "poll")  # Windows has none

WSGIApplication = Callable[..., Any]


class HTTPServer:
    """Serves one application on sockets that listen already."""

    def __init__(
        self,
        application: WSGIApplication,
        sockets: Sequence[socket.socket],
        *,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or limits_of_this_process()
        self._dispatchers: dict[int, wasyncore.dispatcher] = {}
        server = create_server(
            application,
            map=self._dispatchers,
            sockets=list(sockets),
            **waitress_options(self._limits),
        )
        self._threads = server.task_dispatcher
        self._listeners = self._all(BaseWSGIServer)
        for listener in self._listeners:
            listener.channel_class = Connection
            listener.is_stopping = False
            listener.accept = partial(self._accept, listener)
        self._next_check_at = 0.0
        self._has_descriptors = True

    def handle_events(self, timeout_s: float = POLL_S) -> None:
        """Wait for events, at most `timeout_s` seconds, and handle them."""
        wasyncore.loop(timeout=timeout_s, count=1, use_poll=HAS_POLL, map=self._dispatchers)
        now = time.monotonic()
        if now >= self._next_check_at:
            self._next_check_at = now + POLL_S
            self._close_slow_connections(now)
        if len(self._dispatchers) > self._limits.evict_above:
            self._evict_idle_connections(len(self._dispatchers) - self._limits.evict_to)
        if not self._has_descriptors:
            self._has_descriptors = True
            self._make_room()

    def wake_up(self) -> None:
        """Let `handle_events` return at once. Can be called in a signal handler."""
        self._listeners[0].pull_trigger()

    def stop(self) -> None:
        """Close the listening sockets, answer the requests in progress, and close the connections.

        A request that arrives on an open connection soon after is answered too, with
        `Connection: close` (RFC 9112, section 9.6).
        """
        for listener in self._listeners:
            listener.is_stopping = True
            accept_waiting_clients(listener, self._dispatchers)
            listener.del_channel()
            listener.socket.close()
        started = time.monotonic()
        while self._must_wait(time.monotonic() - started):
            self.handle_events(timeout_s=0.1)
        self._threads.shutdown(timeout=1)
        for connection in self._all(Connection):
            connection.handle_close()

    def _must_wait(self, elapsed_s: float) -> bool:
        connections = self._all(Connection)
        if elapsed_s < LINGER_S:
            return bool(connections)
        return elapsed_s < GRACE_S and any(connection.is_busy for connection in connections)

    def _close_slow_connections(self, now: float) -> None:
        for connection in self._all(Connection):
            if connection.is_late(now) or connection.is_silent(now):
                connection.handle_close()

    def _evict_idle_connections(self, num_connections: int) -> int:
        """Make room for new clients: close the connections that have been silent for longest.
        Returns how many were closed."""
        idle = [item for item in self._all(Connection) if item.is_evictable]
        idle.sort(key=lambda connection: connection.last_activity)
        for connection in idle[:num_connections]:
            connection.handle_close()
        return min(len(idle), num_connections)

    def _accept(self, listener: BaseWSGIServer) -> Any:
        """A new connection. Notes if it cannot be accepted for lack of file descriptors."""
        try:
            return type(listener).accept(listener)
        except OSError as error:
            self._has_descriptors = not is_for_lack_of_descriptors(error)
            raise  # ignored by waitress

    def _make_room(self) -> None:
        """The new client is reported again and again until it can be accepted."""
        if not self._evict_idle_connections(MIN_EVICTED):
            time.sleep(FULL_S)

    def _all(self, kind: type[Any]) -> list[Any]:
        return [item for item in self._dispatchers.values() if isinstance(item, kind)]


def accept_waiting_clients(listener: BaseWSGIServer, dispatchers: Sized) -> None:
    """Closing a listening socket resets the connections that wait in its queue."""
    num_before = -1
    while len(dispatchers) != num_before:
        num_before = len(dispatchers)
        listener.handle_accept()  # does not block


def waitress_options(limits: Limits) -> dict[str, Any]:
    return {
        "threads": limits.num_threads,
        "connection_limit": limits.max_connections,
        "channel_timeout": sys.maxsize,  # HTTPServer closes them, by a clock that does not jump
        "asyncore_use_poll": HAS_POLL,
        "max_request_header_size": limits.max_header_bytes,
        "max_request_body_size": limits.max_body_bytes,
        # A thread never waits for a client to read: larger answers go to temporary files.
        "outbuf_high_watermark": 1024 * 1024 * 1024,
        "clear_untrusted_proxy_headers": False,  # tokenwheel/middleware/client_address.py does it
        "log_socket_errors": False,  # a client that goes away is no fault
        "ident": None,
    }
