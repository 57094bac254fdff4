"""Serving without gunicorn, which does not run on Windows."""

import logging
import signal
import socket
import sys
from types import FrameType

from tokenwheel.environment import SettingError, exit_on_setting_error, listen_address
from tokenwheel.http_connection import protect_log
from tokenwheel.http_server import HTTPServer
from wheel import runtime

logger = logging.getLogger(__name__)


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C. Requests in progress are answered, then the engine stops."""
    with exit_on_setting_error():
        address = listen_address()
    listener = listen(address)
    from tokenwheel.wsgi import application  # noqa: PLC0415 - starts loading the models

    protect_log()
    try:
        server = HTTPServer(application, [listener])
        signal.signal(signal.SIGTERM, exit_on_signal)
        logger.info("Listening at: http://%s", address)
        run(server)
    finally:
        runtime.stop()  # Python cannot end a thread that is inside torch without a crash


def listen(address: str) -> socket.socket:
    """The listening socket. Ends the process with a sentence if another program has the port.

    waitress's own socket would let a second server take the port on Windows, refuse IPv4 on `::`,
    and know no empty host.
    """
    host, _, port = address.rpartition(":")
    (family, _, _, _, place), *_ = socket.getaddrinfo(
        host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    is_dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    with exit_on_setting_error():
        try:
            return socket.create_server(
                (str(place[0]), int(place[1])), family=family, dualstack_ipv6=is_dual
            )
        except OSError as error:
            raise SettingError("PORT", f"must be free, but {address} is in use") from error


def run(server: HTTPServer) -> None:
    try:
        while True:
            server.handle_events()
    except (KeyboardInterrupt, SystemExit):
        logger.info("Shutting down")
        server.stop()


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit()
