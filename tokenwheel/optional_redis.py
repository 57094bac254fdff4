"""Redis for data that requests can do without for a while: counts of rate limits, known keys."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from wheel.database_errors import on_one_line
from wheel.sessions.circuit_breaker import CircuitBreaker, CircuitOpenError

logger = logging.getLogger(__name__)

BACKEND = "django_redis.cache.RedisCache"
TIMEOUT_S = 0.5  # is added to the waits for the session store in the same request
OPEN_S = 1.0

T = TypeVar("T")


class OptionalRedis:
    """Calls with a substitute. After a failure, quick or slow, the substitutes are used for
    `open_s`; then one call tries again. Each outage is logged once."""

    def __init__(self, client: Redis, *, open_s: float = OPEN_S) -> None:
        self.client = client
        self._breaker = CircuitBreaker(RedisError, slow_s=0.0, open_s=open_s)
        self._lock = threading.Lock()
        self._is_down = False

    def ask(self, call: Callable[[], T], substitute: Callable[[], T]) -> T:
        """What `call` returns, or `substitute` while Redis does not answer."""
        try:
            with self._breaker.guard():
                answer = call()
        except CircuitOpenError:
            return substitute()
        except RedisError as error:
            self._note_failure(error)
            return substitute()
        if self._is_down:
            self._note_answer()
        return answer

    def _note_failure(self, error: RedisError) -> None:
        with self._lock:
            is_first, self._is_down = not self._is_down, True
        if is_first:
            reason = on_one_line(error)
            logger.warning(
                "Redis does not answer; each process limits rates for itself: %s", reason
            )

    def _note_answer(self) -> None:
        """An answer to a call that began before the outage is no sign of its end."""
        with self._lock:
            is_over = self._is_down and not self._breaker.is_failing_fast
            self._is_down = self._is_down and not is_over
        if is_over:
            logger.info("Redis answers again; all processes share the counts of rate limits")


def optional_redis(cache: Mapping[str, Any], *, open_s: float = OPEN_S) -> OptionalRedis | None:
    """The server of a cache setting (`tokenwheel/backends.py`), with shorter timeouts; None for a
    cache that is not in Redis. Does not connect."""
    if cache["BACKEND"] != BACKEND:
        return None
    options = cache.get("OPTIONS", {})
    if "SENTINELS" in options:
        client = client_by_sentinels(cache["LOCATION"], options)
    else:
        client = Redis.from_url(cache["LOCATION"], **timeouts())
    return OptionalRedis(client, open_s=open_s)


def client_by_sentinels(location: str, options: Mapping[str, Any]) -> Redis:
    parts = urlsplit(location)  # redis://service/database
    sentinel = Sentinel(
        options["SENTINELS"],
        sentinel_kwargs=options["SENTINEL_KWARGS"],
        username=options["USERNAME"],
        password=options["PASSWORD"],
        db=int(parts.path.strip("/")),
        **timeouts(),
    )
    service = parts.netloc
    client: Redis = sentinel.master_for(service)
    return client


def timeouts() -> dict[str, Any]:
    return {
        "socket_timeout": TIMEOUT_S,
        "socket_connect_timeout": TIMEOUT_S,
        "retry": Retry(NoBackoff(), 0),
    }
