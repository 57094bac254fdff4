"""Serving with waitress, a server in pure Python that runs on Windows too.

Like gunicorn's: one process with all the models, and a thread per request. One more thread reads
and buffers requests, so that slow and silent connections occupy no thread.
"""

import logging
import re
import select
import signal
import socket
import sys
from types import FrameType

import waitress

from tokenwheel.environment import SettingError, exit_on_setting_error, listen_address
from wheel import runtime

NUM_THREADS = 64
GRACE_S = 30  # for requests in progress when the server is told to stop
OPTIONS = {
    "threads": NUM_THREADS,
    "channel_timeout": 60,  # seconds without a byte, for idle and for unfinished requests
    "cleanup_interval": 5,
    "connection_limit": 480,  # Windows: select() takes 512 sockets
    "asyncore_use_poll": hasattr(select, "poll"),  # Windows has none
    "max_request_header_size": 32 * 1024,
    # The application refuses bodies above WHEEL_MAX_BODY_BYTES, with an error in its own format.
    "max_request_body_size": 1024 * 1024,
    "clear_untrusted_proxy_headers": False,  # tokenwheel/middleware/client_address.py does it
    "ident": None,
}
PATH = re.compile(r"(?<= while serving ).*", re.DOTALL)

logger = logging.getLogger(__name__)


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C. Requests in progress are answered, then the engine stops."""
    with exit_on_setting_error():
        address = listen_address()
    listener = listen(address)
    from tokenwheel.wsgi import application  # noqa: PLC0415 - starts loading the models

    protect_log()
    try:
        server = waitress.create_server(application, sockets=[listener], **OPTIONS)
        signal.signal(signal.SIGTERM, exit_on_signal)
        logger.info("Listening at: http://%s", address)
        server.run()  # until one of the two signals; gives requests in progress five seconds
        logger.info("Shutting down")
        server.task_dispatcher.shutdown(timeout=GRACE_S)
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


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit()


def protect_log() -> None:
    """Remove paths, which may hold a text, from waitress's lines, and its lines about each request
    that waits for a thread."""
    logging.getLogger("waitress").addFilter(remove_path)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def remove_path(record: logging.LogRecord) -> bool:
    record.msg = PATH.sub("a request", str(record.msg))
    return True
