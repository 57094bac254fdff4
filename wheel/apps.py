"""The app's start-up: a process that serves requests loads models and prunes sessions."""

import atexit
import os
import sys

from django.apps import AppConfig


class WheelConfig(AppConfig):
    name = "wheel"
    verbose_name = "Token Wheel"

    def ready(self) -> None:
        from wheel import checks, runtime  # noqa: F401, PLC0415 - need the apps
        from wheel.sessions import index as session_index  # noqa: PLC0415

        if is_serving():
            current = runtime.current()
            current.start()
            pruner = session_index.Pruner(current.store)
            pruner.start()
            atexit.register(pruner.stop)


def is_serving() -> bool:
    """Whether this process answers requests: under a server such as gunicorn, or as the worker
    process of `runserver`, whose reloader is a second process."""
    if os.environ.get("WHEEL_SERVING"):
        return True
    is_worker = os.environ.get("RUN_MAIN") == "true" or "--noreload" in sys.argv
    return "runserver" in sys.argv[1:2] and is_worker
