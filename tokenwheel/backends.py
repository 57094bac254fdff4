"""Django's settings for `CACHE_URL` and `DATABASE_URL`.

Every wait for these servers is bounded, so that a request gets an answer or an error within three
seconds.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import dj_database_url
from redis.backoff import NoBackoff
from redis.connection import parse_url
from redis.retry import Retry

ANSWER_TIMEOUT_S = 1.0
SENTINEL_TIMEOUT_S = 0.5  # for each sentinel, one after the other, until one answers
DATABASE_TIMEOUT_S = 2  # libpq accepts whole seconds only
LOCK_TIMEOUT_MS = 1500
DEFAULT_SENTINEL_PORT = 26379

CACHE_URLS = (
    "db://, redis://host:port/number, rediss:// or unix:// for the same over TLS or a socket, or "
    "redis+sentinel://host,host/service/number"
)
DATABASE_URLS = (
    "postgres://user:password@host:port/name, or sqlite:///relative/path or "
    "sqlite:////absolute/path of a file in an existing folder that can be written"
)


def cache_from_url(url: str) -> dict[str, Any]:
    """Django's cache setting for `CACHE_URL`. Raises `ValueError` for an unusable one."""
    match url.partition("://")[0] if "://" in url else "":
        case "db" if url == "db://":
            return {
                "BACKEND": "django.core.cache.backends.db.DatabaseCache",
                "LOCATION": "wheel_session_store",
                "OPTIONS": {"MAX_ENTRIES": 1_000_000},
            }
        case "redis" | "rediss" | "unix" as scheme:
            parse_url(url)
            if scheme != "unix":
                int(urlsplit(url).path.strip("/") or 0)  # redis-py takes other texts for database 0
            elif not urlsplit(url).path.strip("/"):
                raise ValueError("unix:// needs the path of a socket")
            return redis_cache(url)
        case "redis+sentinel":
            return sentinel_cache(url)
        case "locmem":
            return {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "OPTIONS": {"MAX_ENTRIES": 1_000_000},
            }
    raise ValueError(f"no cache backend for {url}")


def redis_cache(location: str, **options: Any) -> dict[str, Any]:
    """No retries: the user sees an error at once, and decides when to try again."""
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": location,
        "OPTIONS": {
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
            "SOCKET_CONNECT_TIMEOUT": ANSWER_TIMEOUT_S,
            "SOCKET_TIMEOUT": ANSWER_TIMEOUT_S,
            "CONNECTION_POOL_KWARGS": {"retry": Retry(NoBackoff(), 0)},
            **options,
        },
    }


def sentinel_cache(url: str) -> dict[str, Any]:
    """`redis+sentinel://[:password@]host[:port][,host[:port]…]/service[/db]`, and
    `?sentinel_password=…` if the sentinels need one too. Raises `ValueError`.

    Reads go to the primary too: a replica may lag behind the latest writes.
    """
    parts = urlsplit(url)
    credentials, _, hosts = parts.netloc.rpartition("@")
    service, _, database = parts.path.strip("/").partition("/")
    if not hosts or not service:
        raise ValueError("redis+sentinel:// needs hosts and the name of a service")
    username, _, password = credentials.partition(":")
    query = parse_qs(parts.query)
    return redis_cache(
        f"redis://{service}/{int(database or 0)}",
        CONNECTION_FACTORY="django_redis.pool.SentinelConnectionFactory",
        SENTINELS=[host_and_port(host) for host in hosts.split(",")],
        SENTINEL_KWARGS={
            "socket_timeout": SENTINEL_TIMEOUT_S,
            "socket_connect_timeout": SENTINEL_TIMEOUT_S,
            "retry": Retry(NoBackoff(), 0),
            "password": query.get("sentinel_password", [None])[0],
        },
        USERNAME=unquote(username) or None,
        PASSWORD=unquote(password) or None,
    )


def host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError(f"no host in {text!r}")
    return parts.hostname, parts.port or DEFAULT_SENTINEL_PORT


def sqlite_path(url: str) -> Path:
    """The file of `sqlite:///relative/path` or `sqlite:////absolute/path`, with special characters
    percent-encoded. The folder must exist: a mistyped path must not start an empty database."""
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"), errors="strict")
    is_plain = url.startswith("sqlite:///") and not parts.query and not parts.fragment
    if not is_plain or name in ("", ":memory:"):
        raise ValueError("sqlite:/// needs the path of a file and no options")
    path = Path(name).expanduser().resolve()
    is_writable_file = not path.exists() or (path.is_file() and os.access(path, os.W_OK))
    if not is_writable_file or not os.access(path.parent, os.W_OK | os.X_OK):
        raise PermissionError(path)
    return path


def sqlite_database(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,  # persistent, one per thread: opening costs more than using it
        "OPTIONS": {
            "timeout": DATABASE_TIMEOUT_S,
            "transaction_mode": "IMMEDIATE",
            # secure_delete overwrites deleted rows: ended sessions leave no text in the file.
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;"
            ),
        },
    }


def database_from_url(url: str) -> dict[str, Any]:
    """Django's database setting for `DATABASE_URL`. Raises `ValueError` or `OSError` for one that
    cannot be used."""
    if url.startswith("sqlite:"):
        return sqlite_database(sqlite_path(url))
    if not url.startswith(("postgres://", "postgresql://")):
        raise ValueError("neither PostgreSQL nor SQLite")
    config: dict[str, Any] = {
        **dj_database_url.parse(url, engine="tokenwheel.postgresql", conn_health_checks=True),
        "CONN_MAX_AGE": None,
    }
    if not config["NAME"]:
        raise ValueError("DATABASE_URL names no database")
    config["OPTIONS"] = {
        "connect_timeout": DATABASE_TIMEOUT_S,
        "answer_timeout_s": DATABASE_TIMEOUT_S,
        "options": f"-c lock_timeout={LOCK_TIMEOUT_MS}",
        **config.get("OPTIONS", {}),
    }
    return config
