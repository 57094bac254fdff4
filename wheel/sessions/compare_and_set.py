"""Compare-and-set: put a document in the place of another only if that one is still there.

Django's cache has no such operation, so each kind of cache does it in its own way. None of them
needs a lock that could be left behind or could end while its owner still believes in it.
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


class Swap(Protocol):
    def __call__(self, key: str, old: str, new: str | None, lifetime_s: float) -> bool:
        """Replace `old` by `new`, or delete it where `new` is None. False, and nothing changed,
        where something else is there by now, or nothing."""


class RedisCompareAndSet:
    """One script, which Redis runs whole before it looks at anything else."""

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
    """A transaction, which ends with its owner, even if that one is killed."""

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
                if self._cache.get(key) != new:  # a failed write is dropped without a word
                    raise StoreUnavailableError
            return True

    def _lock(self, key: str) -> None:
        """SQLite needs none: there, a transaction is the only one that writes (IMMEDIATE)."""
        connection = connections[self._alias]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


class LocalCompareAndSet:
    """The memory of one process."""

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


def compare_and_set_for(cache: BaseCache) -> Swap:
    """Raises `ImproperlyConfigured` for a cache that cannot do it."""
    match cache:
        case RedisCache():
            return RedisCompareAndSet(cache)
        case DatabaseCache():
            return DatabaseCompareAndSet(cache)
        case LocMemCache():
            return LocalCompareAndSet(cache)
    raise ImproperlyConfigured(f"Wheel sessions cannot live in a {type(cache).__name__}.")
