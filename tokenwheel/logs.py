"""Log formats with redaction of session ids and of texts that users wrote.

The id of a session is the key to it, so ids are redacted wherever they appear. The message of an
exception may quote a user's text; `tracebacks` decides which are shown.
"""

import logging
import re
from contextvars import ContextVar
from http import HTTPStatus
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from tokenwheel import tracebacks

request_id: ContextVar[str] = ContextVar("request_id", default="-")

UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.I)
LINE = "{asctime} {levelname} {name} [{request_id}] {message}"
JSON_FIELDS = ["asctime", "levelname", "name", "request_id", "message"]
ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class RedactingFormatter(logging.Formatter):
    """Redacts the ids of sessions, and exception messages that may quote a user's text."""

    def format(self, record: logging.LogRecord) -> str:
        current_id = record.request_id = request_id.get()
        return UUID.sub(
            lambda found: current_id if found[0] == current_id else "<id>", super().format(record)
        )

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        return "" if ei[1] is None else tracebacks.format_exception(ei[1])


class LineFormatter(RedactingFormatter):
    """Lines for humans."""


class JsonLineFormatter(RedactingFormatter, JsonFormatter):
    """One JSON object per line, for log collectors."""


def is_unexpected_failure(record: logging.LogRecord) -> bool:
    """Filter of Django's lines about requests. Only uncaught exceptions (status 500) pass: the
    request log has a line for every request. The path is removed, since it may hold a text."""
    status = getattr(record, "status_code", None)
    if status is not None:
        record.msg, record.args = "a request failed", ()
    return status in (None, HTTPStatus.INTERNAL_SERVER_ERROR)


def formatter_named(name: str) -> logging.Formatter:
    if name == "json":
        return JsonLineFormatter(JSON_FIELDS)
    return LineFormatter(LINE, style="{")


def logging_config(log_format: str, level: int) -> dict[str, Any]:
    """Django's LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"redacting": {"()": "tokenwheel.logs.formatter_named", "name": log_format}},
        "filters": {
            "unexpected_failure": {
                "()": "django.utils.log.CallbackFilter",
                "callback": is_unexpected_failure,
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "redacting"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "httpx2": {"level": "WARNING"},  # it would write a line for each token
            "django.request": {"filters": ["unexpected_failure"]},
            "django.server": {"handlers": [], "propagate": False},
            "django.security": {"level": "CRITICAL"},  # quotes values of the request
            # At DEBUG these would log stored and sent values, which include users' texts.
            "django.db.backends": {"level": "INFO"},
            "django.template": {"level": "INFO"},
            "psycopg": {"level": "INFO"},
        },
    }
