"""What goes into the log: one line a request, what went wrong, and nobody's text.

A session's id is the key to it, so ids are struck out wherever they appear. The message of an
exception may quote what a person wrote, so only those that speak of machines are shown.
"""

import logging
import os
import re
from contextvars import ContextVar
from http import HTTPStatus
from types import TracebackType
from typing import Any

from gunicorn.glogging import Logger
from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="-")

UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.I)
LINE = "{asctime} {levelname} {name} [{request_id}] {message}"
JSON_FIELDS = ["asctime", "levelname", "name", "request_id", "message"]
# By name, since a log must not import what it may never meet.
SPEAKS_OF_MACHINES = {"OSError", "OperationalError", "InterfaceError", "RedisError"}

ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class DiscreetMixin(logging.Formatter):
    """No ids of sessions, and no messages that may quote somebody."""

    def format(self, record: logging.LogRecord) -> str:
        ours = record.request_id = request_id.get()
        return UUID.sub(lambda id_: ours if id_[0] == ours else "<id>", super().format(record))

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        text = super().formatException(ei)
        error = ei[1]
        while error is not None:
            if not speaks_of_machines(error):
                for message in filter(None, {str(error), *map(str, error.args)}):
                    text = text.replace(message, "…")
            error = error.__cause__ or error.__context__
        return text


class LineFormatter(DiscreetMixin, logging.Formatter):
    """A line to read."""


class JsonLineFormatter(DiscreetMixin, JsonFormatter):
    """A line of JSON to collect."""


def speaks_of_machines(error: BaseException) -> bool:
    return any(kind.__name__ in SPEAKS_OF_MACHINES for kind in type(error).__mro__)


def is_news(record: logging.LogRecord) -> bool:
    """Of Django's lines about requests, only what was not foreseen: any other request has its line
    already. They name the path, which may hold a person's text, so that goes."""
    status = getattr(record, "status_code", None)
    if status is not None:
        record.msg, record.args = "a request failed", ()
    return status in (None, HTTPStatus.INTERNAL_SERVER_ERROR)


class GunicornLogger(Logger):  # type: ignore[misc] # has no types
    """gunicorn's own lines, such as those of its master, in the same shape."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
        from django.conf import settings  # noqa: PLC0415 - read when the server starts

        logging.captureWarnings(capture=True)
        formatter = formatter_named(settings.LOG_FORMAT)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter)


def formatter_named(name: str) -> logging.Formatter:
    if name == "json":
        return JsonLineFormatter(JSON_FIELDS)
    return LineFormatter(LINE, style="{")


def logging_config(log_format: str, level: int) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": {"()": "tokenwheel.logs.formatter_named", "name": log_format}},
        "filters": {
            "news": {"()": "django.utils.log.CallbackFilter", "callback": is_news},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"filters": ["news"]},
            "django.server": {"handlers": [], "propagate": False},
            "django.security": {"level": "CRITICAL"},  # quotes what was sent
            # At DEBUG these would log what is stored and what is sent, which is people's text.
            "django.db.backends": {"level": "INFO"},
            "django.template": {"level": "INFO"},
            "psycopg": {"level": "INFO"},
        },
    }
