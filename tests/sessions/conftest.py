"""Fixtures: the four backends, and session stores on each of them."""

from datetime import timedelta

import pytest

from tests.sessions.backends import cache_at, database_file, postgres_database
from wheel.sessions.store import SessionStore

SERVERS = [pytest.param(name, marks=pytest.mark.slow) for name in ("postgres", "redis")]


@pytest.fixture(params=["locmem", "sqlite", *SERVERS])
def backend(request, tmp_path, django_db_blocker):
    """A cache on each backend in turn."""
    if request.param == "sqlite":
        with database_file(tmp_path / "sessions.sqlite3", django_db_blocker):
            yield cache_at("db://")
        return
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_server").url
        with postgres_database(url, django_db_blocker):
            cache = cache_at("db://")
            cache.clear()
            yield cache
        return
    is_redis = request.param == "redis"
    cache = cache_at(request.getfixturevalue("redis_server").url if is_redis else "locmem://")
    cache.clear()
    yield cache


@pytest.fixture
def store(backend):
    return SessionStore(backend, ttl=timedelta(hours=1))


@pytest.fixture
def clocked_store(backend, clock):
    return SessionStore(backend, ttl=timedelta(hours=1), now=clock)
