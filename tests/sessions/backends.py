"""The backends of the session store, configured as the project's settings do it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.core.cache import CacheHandler  # noqa: TID251 - the tests' own caches
from django.core.management import call_command
from django.db import connections

from tokenwheel.backends import cache_from_url, database_from_url, sqlite_database
from wheel.sessions.compare_and_set import compare_and_set_for

BOUND_S = 120
TABLE = cache_from_url("db://")["LOCATION"]


def cache_at(url: str, **options: Any) -> Any:
    """The cache for a value of `CACHE_URL`, with some of its options replaced."""
    config = cache_from_url(url)
    config["OPTIONS"] = config["OPTIONS"] | options
    return CacheHandler({"default": config})["default"]


def database_file(path: Any, blocker: Any, **options: Any) -> AbstractContextManager[None]:
    """Make a SQLite file with the project's own options the default database."""
    config = sqlite_database(path)
    return database(config | {"OPTIONS": config["OPTIONS"] | options}, blocker)


def postgres_database(url: str, blocker: Any, **options: Any) -> AbstractContextManager[None]:
    """Make the database of a value of `DATABASE_URL` the default database."""
    config = database_from_url(url)
    return database(config | {"OPTIONS": config["OPTIONS"] | options}, blocker)


@contextmanager
def database(config: dict[str, Any], blocker: Any) -> Iterator[None]:
    """Make this the default database inside the context, with the cache table created. Each thread
    opens its own connection, as in a server."""
    previous, wrapper = connections.settings["default"], connections["default"]
    connections.settings["default"] = {**previous, **config}
    del connections["default"]
    try:
        with blocker.unblock():
            call_command("createcachetable", TABLE, verbosity=0)
            yield
            connections["default"].close()
    finally:
        connections.settings["default"] = previous
        connections["default"] = wrapper


class CountingCache:
    """A cache that counts the reads and the writes of sessions. Its `swap` is the cache's own
    compare-and-set, counted as one write."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache
        self._compare_and_set = compare_and_set_for(cache)
        self.num_reads = 0
        self.num_writes = 0

    def get(self, key: str) -> Any:
        self.num_reads += 1
        return self._cache.get(key)

    def set(self, key: str, value: str, timeout: float) -> None:
        self.num_writes += 1
        self._cache.set(key, value, timeout)

    def compare_and_set(self, key: str, old: str, new: str | None, lifetime_s: float) -> bool:
        self.num_writes += 1
        return self._compare_and_set(key, old, new, lifetime_s)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


def run_at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run every job in a thread of its own, all started at the same moment; returns what they
    return, in order."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait(BOUND_S)
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(BOUND_S) for future in [pool.submit(run, job) for job in jobs]]
