"""Counters of the rate limits, with sliding windows: of one process, or of all that share a Redis.

Keys are stored as they are given: a caller must not give one that is a secret.
"""

import time
from collections.abc import Callable
from math import ceil
from typing import Protocol, TypeVar

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import RateLimiter, SlidingWindowCounterRateLimiter

from tokenwheel.optional_redis import OptionalRedis

KEY_PREFIX = "tokenwheel:limits"

T = TypeVar("T")


class Counters(Protocol):
    def hit(self, limit: RateLimitItem, *key: str, cost: int = 1) -> bool:
        """Count a request. Returns False, and counts nothing, if the limit would be exceeded."""

    def has_room(self, limit: RateLimitItem, *key: str) -> bool:
        """Whether one more request would be admitted. Counts nothing."""

    def retry_after_s(self, limit: RateLimitItem, *key: str) -> int:
        """Seconds until some of the requests are no longer counted, at least 1."""


class MemoryCounters:
    """In the memory of this process. A timer of the storage drops expired counts."""

    def __init__(self) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, limit: RateLimitItem, *key: str, cost: int = 1) -> bool:
        return self._limiter.hit(limit, *key, cost=cost)

    def has_room(self, limit: RateLimitItem, *key: str) -> bool:
        return self._limiter.test(limit, *key)

    def retry_after_s(self, limit: RateLimitItem, *key: str) -> int:
        return seconds_until_reset(self._limiter, limit, *key)


class SharedCounters:
    """In Redis, in one round trip a count. While Redis does not answer, each process counts for
    itself, from zero on: a limit is exceeded rather than a request refused."""

    def __init__(self, redis: OptionalRedis) -> None:
        self._redis = redis
        storage = RedisStorage(
            "redis://", connection_pool=redis.client.connection_pool, key_prefix=KEY_PREFIX
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._substitute = SlidingWindowCounterRateLimiter(MemoryStorage())

    def hit(self, limit: RateLimitItem, *key: str, cost: int = 1) -> bool:
        return self._ask(lambda limiter: limiter.hit(limit, *key, cost=cost))

    def has_room(self, limit: RateLimitItem, *key: str) -> bool:
        return self._ask(lambda limiter: limiter.test(limit, *key))

    def retry_after_s(self, limit: RateLimitItem, *key: str) -> int:
        return self._ask(lambda limiter: seconds_until_reset(limiter, limit, *key))

    def _ask(self, call: Callable[[RateLimiter], T]) -> T:
        return self._redis.ask(lambda: call(self._limiter), lambda: call(self._substitute))


def counters_for(redis: OptionalRedis | None) -> Counters:
    return MemoryCounters() if redis is None else SharedCounters(redis)


def seconds_until_reset(limiter: RateLimiter, limit: RateLimitItem, *key: str) -> int:
    reset_at = limiter.get_window_stats(limit, *key).reset_time
    return max(1, ceil(reset_at - time.time()))
