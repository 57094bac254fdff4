from datetime import UTC, datetime, timedelta

import pytest

from tests.redis_server import running_redis
from tests.store.backends import cache_at, database_file
from wheel.store import SessionStore


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["locmem", "database", "redis"])
def backend(request, tmp_path, django_db_blocker):
    """Each test of the store runs on each of these."""
    if request.param == "database":
        with database_file(tmp_path / "sessions.sqlite3", django_db_blocker):
            yield cache_at("db://")
        return
    is_redis = request.param == "redis"
    cache = cache_at(request.getfixturevalue("redis_server").url if is_redis else "locmem://")
    cache.clear()
    yield cache


class Clock:
    """Stands still until it is told."""

    def __init__(self):
        self.time = datetime(2025, 1, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.time

    def advance(self, **spans):
        self.time += timedelta(**spans)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(backend):
    return SessionStore(backend, ttl=timedelta(hours=1))


@pytest.fixture
def clocked_store(backend, clock):
    return SessionStore(backend, ttl=timedelta(hours=1), now=clock)
