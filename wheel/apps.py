"""App configuration: loads models and prunes sessions in processes that serve, and only there."""

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
            session_index.keep_pruning(current.store)


def is_serving() -> bool:
    """Whether this process answers requests: under gunicorn and the like, or as the worker process
    of `runserver` (its reloader runs in a second one)."""
    if os.environ.get("WHEEL_SERVING"):
        return True
    is_worker = os.environ.get("RUN_MAIN") == "true" or "--noreload" in sys.argv
    return "runserver" in sys.argv[1:2] and is_worker
