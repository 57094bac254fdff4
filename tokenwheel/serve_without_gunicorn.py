"""Serving without gunicorn, which does not run on Windows."""

import logging
import signal
import sys
from types import FrameType

from tokenwheel.environment import exit_on_setting_error, listen_address
from tokenwheel.http_connection import protect_log
from tokenwheel.http_server import HTTPServer
from wheel import runtime

logger = logging.getLogger(__name__)


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C. Requests in progress are answered, then the engine stops."""
    with exit_on_setting_error():
        address = listen_address()
    from tokenwheel.wsgi import application  # noqa: PLC0415 - starts loading the models

    protect_log()
    try:
        server = HTTPServer(application, listen=address)
        signal.signal(signal.SIGTERM, exit_on_signal)
        logger.info("Listening at: http://%s", address)
        run(server)
    finally:
        runtime.stop()  # Python cannot end a thread that is inside torch without a crash


def run(server: HTTPServer) -> None:
    try:
        while True:
            server.handle_events()
    except (KeyboardInterrupt, SystemExit):
        logger.info("Shutting down")
        server.stop()


def exit_on_signal(number: int, frame: FrameType | None) -> None:
    sys.exit()
