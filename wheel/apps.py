"""The app's start-up: a process that serves requests loads models and prunes sessions."""

import atexit
import logging
import os
import sys
from collections.abc import Mapping, Sequence

from django.apps import AppConfig
from django.conf import settings

logger = logging.getLogger(__name__)


class WheelConfig(AppConfig):
    name = "wheel"
    verbose_name = "Token Wheel"

    def ready(self) -> None:
        from wheel import checks, runtime  # noqa: F401, PLC0415 - need the apps
        from wheel.filesystems import database_warning  # noqa: PLC0415
        from wheel.remote_engine import local_socket  # noqa: PLC0415
        from wheel.sessions import index as session_index  # noqa: PLC0415

        if is_serving(sys.argv, os.environ):
            if warning := database_warning():
                logger.warning(warning)
            if settings.WHEEL_ENGINE_PROCESS and not local_socket.path():
                logger.warning("this server ignores WHEEL_ENGINE_PROCESS: the engine is in it")
            current = runtime.current()
            current.start()
            pruner = session_index.Pruner(current.store)
            pruner.start()
            atexit.register(pruner.stop)


def is_serving(argv: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether this process answers requests: under a server such as gunicorn, or as the worker
    process of `runserver`, whose reloader is a second process."""
    if environ.get("WHEEL_SERVING"):
        return True
    is_worker = environ.get("RUN_MAIN") == "true" or "--noreload" in argv
    return "runserver" in argv[1:2] and is_worker
