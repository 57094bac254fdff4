"""Django's PostgreSQL backend, with an end to all waiting.

A server that hangs (a machine that swaps, a cable that was pulled) keeps its connections, and
psycopg would read from them for ever. `OPTIONS["answer_timeout_s"]` bounds every wait; after one
in vain, everybody fails at once until the server answers again.
"""

from types import ModuleType
from typing import Any, TypeVar

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg.abc import PQGen

from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError

T = TypeVar("T")
breaker = CircuitBreaker(psycopg.Error)  # one server a process


class BoundedConnection(psycopg.Connection[Any]):
    """Waits for `answer_timeout_s` seconds, where that is set, and is then closed."""

    answer_timeout_s: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, timeout or self.answer_timeout_s)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - has no other name
            breaker.trip()
            self.pgconn.finish()
            raise psycopg.OperationalError("the database server does not answer") from None


psycopg_bounded = ModuleType("psycopg_bounded", "psycopg, but for the connections it makes.")
vars(psycopg_bounded).update(vars(psycopg) | {"connect": BoundedConnection.connect})


class DatabaseWrapper(base.DatabaseWrapper):
    Database = psycopg_bounded

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("answer_timeout_s", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        try:
            with breaker.guard():
                connection = super().get_new_connection(conn_params)
        except CircuitOpenError:
            raise psycopg.OperationalError("the database server did not answer lately") from None
        connection.answer_timeout_s = self.settings_dict["OPTIONS"].get("answer_timeout_s")
        return connection

    def close_if_health_check_failed(self) -> None:
        """Before a kept connection is used: nobody waits for a server that has just let somebody
        else wait."""
        if breaker.is_resting:
            raise OperationalError("the database server did not answer lately")
        super().close_if_health_check_failed()
