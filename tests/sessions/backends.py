"""The kinds of cache that sessions may live in, set up as the project's settings do."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from django.core.cache import CacheHandler  # noqa: TID251 - the tests' own caches
from django.core.management import call_command
from django.db import connections

from tokenwheel.backends import cache_from_url, database_from_url, sqlite_database

BOUND_S = 120
TABLE = cache_from_url("db://")["LOCATION"]


def cache_at(url: str, **options: Any) -> Any:
    """The cache of `CACHE_URL`, with some of its options replaced."""
    config = cache_from_url(url)
    config["OPTIONS"] = config["OPTIONS"] | options
    return CacheHandler({"default": config})["default"]


def database_file(path: Any, blocker: Any, **options: Any) -> AbstractContextManager[None]:
    """A SQLite file with the project's own options as `database`."""
    config = sqlite_database(path)
    return database(config | {"OPTIONS": config["OPTIONS"] | options}, blocker)


def postgres_database(url: str, blocker: Any, **options: Any) -> AbstractContextManager[None]:
    """What `DATABASE_URL` names as `database`."""
    config = database_from_url(url)
    return database(config | {"OPTIONS": config["OPTIONS"] | options}, blocker)


@contextmanager
def database(config: dict[str, Any], blocker: Any) -> Iterator[None]:
    """For a while, this is the default database, and every thread has a connection of its own, as
    in a server."""
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


def run_at_once(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run every job in a thread of its own, all let go at the same moment; their answers."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        barrier.wait(BOUND_S)
        try:
            return job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [future.result(BOUND_S) for future in [pool.submit(run, job) for job in jobs]]
