"""Serving without gunicorn, which does not run on Windows."""

import logging
import signal
from types import FrameType

from django.conf import settings

from tokenwheel.engine_process import supervisor
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
        start_engine_process()
    from tokenwheel.wsgi import application  # noqa: PLC0415 - starts loading the models

    protect_log()
    try:
        server = HTTPServer(application, [listener])
        logger.info("Token Wheel is at %s", page_url(settings.URL_PREFIX))
        run(server)
    finally:
        runtime.stop()  # Python cannot end a thread that is inside torch without a crash
        supervisor.stop()


def start_engine_process() -> None:
    """Before Django is set up, so the settings are read without it."""
    from tokenwheel import settings  # noqa: PLC0415 - wrong settings end the process here

    supervisor.start(settings, logger)


def run(server: HTTPServer) -> None:
    """Handle requests until a signal. A second Ctrl-C ends the process without a grace time."""
    is_stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal is_stopping
        is_stopping = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        server.wake_up()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    while not is_stopping:
        server.handle_events()
    logger.info("Shutting down")
    server.stop()
