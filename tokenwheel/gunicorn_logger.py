"""gunicorn's logger. A module of its own, since gunicorn does not import on Windows."""

import logging
import os
from typing import Any

from gunicorn.glogging import Logger

from tokenwheel.logs import formatter_named


class GunicornLogger(Logger):  # type: ignore[misc] # has no types
    """Formats gunicorn's own log lines with the project's formatter."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
        from django.conf import settings  # noqa: PLC0415 - read when the server starts

        logging.captureWarnings(capture=True)
        formatter = formatter_named(settings.LOG_FORMAT)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)
