"""Serving without gunicorn, which does not run on Windows."""

import logging
import signal
import sys
from types import FrameType

from django.conf import settings

from tokenwheel.environment import exit_on_setting_error, listen_host, listen_port
from tokenwheel.http_connection import protect_log
from tokenwheel.http_server import HTTPServer
from tokenwheel.listening import listen, page_url
from wheel import runtime

logger = logging.getLogger(__name__)


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C. Requests in progress are answered, then the engine stops."""
    with exit_on_setting_error():
        listener = listen(listen_host(), listen_port())
    from tokenwheel.wsgi import application  # noqa: PLC0415 - starts loading the models

    protect_log()
    try:
        server = HTTPServer(application, [listener])
        signal.signal(signal.SIGTERM, exit_on_signal)
        logger.info("Token Wheel is at %s", page_url(settings.URL_PREFIX))
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
