"""Django's PostgreSQL backend with a bound on every wait for the server (decision 0021).

A server that hangs (a swapping machine, an unplugged cable) leaves its connections open, and
psycopg would wait for data without limit. `OPTIONS["answer_timeout_s"]` bounds each wait. After one
timeout a circuit breaker makes all threads fail fast until the server answers again.
"""

from typing import Any, TypeVar

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg.abc import PQGen

from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError

T = TypeVar("T")
CIRCUIT_OPEN_MESSAGE = "the database server did not answer lately"
breaker = CircuitBreaker(psycopg.Error)  # shared by all threads: a process uses one server


class BoundedConnection(psycopg.Connection[Any]):
    """Waits `answer_timeout_s` seconds for each answer, if that is set, and then closes."""

    answer_timeout_s: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, timeout or self.answer_timeout_s)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - has no public name
            breaker.trip()
            self.pgconn.finish()
            raise psycopg.OperationalError("the database server does not answer") from None


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.pop("answer_timeout_s", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Django's, with another class of connections, and without the options `pool` and
        `isolation_level`, which a URL cannot express."""
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        try:
            with breaker.guard():
                connection = BoundedConnection.connect(**conn_params)
        except CircuitOpenError:
            raise psycopg.OperationalError(CIRCUIT_OPEN_MESSAGE) from None
        connection.answer_timeout_s = self.settings_dict["OPTIONS"].get("answer_timeout_s")
        return connection

    def close_if_health_check_failed(self) -> None:
        """Called before a kept connection is used: fails fast while the circuit is open."""
        if breaker.is_failing_fast:
            raise OperationalError(CIRCUIT_OPEN_MESSAGE)
        super().close_if_health_check_failed()
