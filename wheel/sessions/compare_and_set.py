"""Compare-and-set on Django's caches: replace a value only if it is still the expected one.

Django's cache interface has no such operation, so there is one implementation for each backend.
None uses a lock with a lifetime: it would stay after its owner was killed, or expire before a slow
owner has finished.
"""

import threading
from typing import Any, Protocol

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router, transaction
from django_redis.cache import RedisCache

from wheel.errors import StoreUnavailableError


class CompareAndSet(Protocol):
    def __call__(self, key: str, old: str, new: str | None, lifetime_s: float) -> bool:
        """Replace the value `old` of `key` by `new`, or delete it if `new` is None. Returns False,
        and changes nothing, if the key has another value or none."""


class RedisCompareAndSet:
    """A Lua script, which Redis runs atomically."""

    SCRIPT = """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
    if ARGV[2] == '' then redis.call('DEL', KEYS[1])
    else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
    return 1
    """

    def __init__(self, cache: RedisCache) -> None:
        self._client: Any = cache.client

    def __call__(self, key: str, old: str, new: str | None, lifetime_s: float) -> bool:
        client = self._client
        arguments = (
            client.encode(old),
            b"" if new is None else client.encode(new),
            max(1, round(lifetime_s * 1000)),
        )
        redis = client.get_client(write=True)
        return bool(redis.eval(self.SCRIPT, 1, client.make_key(key), *arguments))


class DatabaseCompareAndSet:
    """A database transaction, which ends when its process is killed."""

    def __init__(self, cache: DatabaseCache) -> None:
        self._cache = cache
        self._alias: str = router.db_for_write(cache.cache_model_class)

    def __call__(self, key: str, old: str, new: str | None, lifetime_s: float) -> bool:
        with transaction.atomic(using=self._alias):
            self._lock(key)
            if self._cache.get(key) != old:
                return False
            if new is None:
                self._cache.delete(key)
            else:
                self._cache.set(key, new, lifetime_s)
                if self._cache.get(key) != new:  # Django drops a failed write
                    raise StoreUnavailableError
            return True

    def _lock(self, key: str) -> None:
        """Exclude other writers of this key until the transaction ends. SQLite needs no lock for
        that: its transactions begin IMMEDIATE, so there is one writer at a time."""
        connection = connections[self._alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


class LocalCompareAndSet:
    """A lock, for a cache in the memory of one process."""

    def __init__(self, cache: LocMemCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()

    def __call__(self, key: str, old: str, new: str | None, lifetime_s: float) -> bool:
        with self._lock:
            if self._cache.get(key) != old:
                return False
            if new is None:
                self._cache.delete(key)
            else:
                self._cache.set(key, new, lifetime_s)
            return True


def compare_and_set_for(cache: BaseCache) -> CompareAndSet:
    """The implementation for this cache. Raises `ImproperlyConfigured` if there is none."""
    match cache:
        case RedisCache():
            return RedisCompareAndSet(cache)
        case DatabaseCache():
            return DatabaseCompareAndSet(cache)
        case LocMemCache():
            return LocalCompareAndSet(cache)
    raise ImproperlyConfigured(f"Wheel sessions cannot live in a {type(cache).__name__}.")
