"""Keys that clients have used rightly: ids of live sessions, codes of classes at an address."""

import hashlib
import threading
import time
from collections import OrderedDict
from typing import Protocol

from tokenwheel.optional_redis import OptionalRedis

KEY_PREFIX = "tokenwheel:known"
LIFETIME_S = 24 * 3600  # of a key in Redis
REFRESH_S = LIFETIME_S / 2  # a key that is still in use after this time is written again


class KnownKeys(Protocol):
    def __contains__(self, key: str) -> bool: ...

    def add(self, key: str) -> None: ...

    def discard(self, key: str) -> None: ...


class LocalKnownKeys:
    """LRU set in the memory of this process, of at most `max_size` keys."""

    def __init__(self, max_size: int) -> None:
        self._noted_at: OrderedDict[str, float] = OrderedDict()
        self._max_size = max_size
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        return key in self._noted_at

    def __len__(self) -> int:
        return len(self._noted_at)

    def add(self, key: str) -> None:
        self.note(key)

    def discard(self, key: str) -> None:
        self.remove(key)

    def note(self, key: str) -> bool:
        """Add a key. Returns whether it is new, or was returned as new `REFRESH_S` ago."""
        now = time.monotonic()
        with self._lock:
            noted_at = self._noted_at.get(key)
            is_due = noted_at is None or now - noted_at >= REFRESH_S
            if is_due:
                self._noted_at[key] = now
            self._noted_at.move_to_end(key)
            if len(self._noted_at) > self._max_size:
                self._noted_at.popitem(last=False)
            return is_due

    def remove(self, key: str) -> bool:
        """Returns whether the key was there."""
        with self._lock:
            return self._noted_at.pop(key, None) is not None


class SharedKnownKeys:
    """The same for all processes that share a Redis, which is asked only about keys that this
    process does not know yet. Redis holds digests. While it does not answer, each process knows
    what it has seen itself."""

    def __init__(self, name: str, redis: OptionalRedis, max_size: int) -> None:
        self._prefix = f"{KEY_PREFIX}:{name}"
        self._redis = redis
        self._local = LocalKnownKeys(max_size)

    def __contains__(self, key: str) -> bool:
        if key in self._local:
            return True
        client, name = self._redis.client, self._name(key)
        is_known = self._redis.ask(lambda: bool(client.exists(name)), lambda: False)
        if is_known:
            self._local.add(key)
        return is_known

    def add(self, key: str) -> None:
        if self._local.note(key):
            client, name = self._redis.client, self._name(key)
            self._redis.ask(lambda: client.set(name, 1, ex=LIFETIME_S), lambda: None)

    def discard(self, key: str) -> None:
        """A key that this process does not know is not in Redis either: it has just asked."""
        if self._local.remove(key):
            client, name = self._redis.client, self._name(key)
            self._redis.ask(lambda: client.delete(name), lambda: None)

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{digest(key)}"


def known_keys(name: str, redis: OptionalRedis | None, max_size: int) -> KnownKeys:
    if redis is None:
        return LocalKnownKeys(max_size)
    return SharedKnownKeys(name, redis, max_size)


def digest(secret: str) -> str:
    """128 bits of a SHA-256, from which a random key such as a session's id cannot be found."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]
