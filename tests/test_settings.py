"""Settings come from the environment; a value that makes no sense stops the start."""

import os
import runpy
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

PROJECT = Path(__file__).resolve().parent.parent
NAMES = [
    "ALLOWED_HOSTS",
    "CACHE_URL",
    "CORS_ALLOWED_ORIGINS",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL",
    "DEBUG",
    "LIMIT_ADDRESS",
    "LIMIT_LOGINS",
    "LIMIT_SESSION",
    "LIMIT_STARTS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "SECRET_KEY",
    "TOKENWHEEL_DATA_DIR",
    "TOKENWHEEL_STATIC_DIR",
    "TRANSFORMERS_CACHE",
    "TRUSTED_PROXIES",
    "WHEEL_DEFAULT_MODEL",
    "WHEEL_MAX_CONTEXT_LENGTH",
    "WHEEL_MAX_PROMPT_CHARACTERS",
    "WHEEL_MAX_SESSIONS",
    "WHEEL_MAX_WAITING",
    "WHEEL_METRICS",
    "WHEEL_MODELS",
    "WHEEL_REQUEST_TIMEOUT_S",
    "WHEEL_SESSION_TTL_S",
]
NONSENSE = {
    "DEBUG": ["perhaps", "2"],
    "LOG_LEVEL": ["LOUD"],
    "LOG_FORMAT": ["xml", "JSON"],
    "WHEEL_METRICS": ["perhaps"],
    "CACHE_URL": ["memcached://x", "redis", "dbx", "postgres://x", "redis+sentinel://h"],
    "DATABASE_URL": ["x", "mysql://u@h/name", "sqlite:///x", "postgres://h", "postgres://h:port/n"],
    "WHEEL_MODELS": ["", "gpt3", "gpt2,gpt3", "gpt2;gpt2-medium"],
    "WHEEL_DEFAULT_MODEL": ["gpt3", "GPT2"],
    "WHEEL_MAX_CONTEXT_LENGTH": ["1", "0", "-5", "many", "1.5"],
    "WHEEL_MAX_PROMPT_CHARACTERS": ["0", "-1", "many", "4,000"],
    "WHEEL_MAX_WAITING": ["0", "-1", "x"],
    "WHEEL_MAX_SESSIONS": ["-1", "many"],
    "LIMIT_SESSION": ["many", "10", "0/second", "-1/minute", "1/fortnight"],
    "LIMIT_STARTS": ["1000"],
    "TRUSTED_PROXIES": ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "*"],
    "WHEEL_SESSION_TTL_S": ["0", "-1", "an hour", "nan", "inf"],
    "WHEEL_REQUEST_TIMEOUT_S": ["0", "-0.5", "x", "nan", "-inf"],
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """The settings module, read anew with nothing but these variables set."""

    def read(**environment):
        for name in NAMES:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"TOKENWHEEL_DATA_DIR": str(tmp_path)} | environment).items():
            monkeypatch.setenv(name, value)
        path = PROJECT / "tokenwheel" / "settings.py"
        return SimpleNamespace(**runpy.run_path(str(path)))

    return read


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in NONSENSE.items() for value in values]
)
def test_a_value_that_makes_no_sense_stops_the_start_with_its_name(load, name, value):
    with pytest.raises(Exception, match=name) as error:
        load(**{name: value})
    assert type(error.value).__module__.startswith("environs")


def test_a_default_model_that_is_not_on_offer_stops_the_start(load):
    with pytest.raises(Exception, match="WHEEL_DEFAULT_MODEL"):
        load(WHEEL_MODELS="gpt2", WHEEL_DEFAULT_MODEL="gpt2-medium")


def test_the_defaults_are_those_of_a_small_school_server(load, tmp_path):
    settings = load()
    assert settings.DEBUG is False
    assert settings.ALLOWED_HOSTS == ["localhost", "127.0.0.1", "[::1]"]
    assert settings.WHEEL_MODELS == ["gpt2", "gpt2-medium", "smollm2-135m"]
    assert settings.WHEEL_DEFAULT_MODEL is None
    assert settings.WHEEL_SESSION_TTL_S == 3600
    assert settings.WHEEL_MAX_PROMPT_CHARACTERS == 4000
    assert settings.WHEEL_MAX_BODY_BYTES == 65536
    assert tmp_path / "models" == settings.TRANSFORMERS_CACHE
    assert settings.DATABASES["default"]["NAME"] == tmp_path / "db.sqlite3"
    assert settings.CORS_ALLOW_ALL_ORIGINS is True
    assert settings.CORS_ALLOW_CREDENTIALS is False


def test_sessions_are_kept_in_the_database_by_default_and_never_culled(load):
    cache = load().CACHES["default"]
    assert cache["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    assert cache["OPTIONS"]["MAX_ENTRIES"] >= 1_000_000


def test_sqlite_is_set_up_for_many_writers(load):
    options = load().DATABASES["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]
    assert "synchronous=NORMAL" in options["init_command"]
    assert "secure_delete=ON" in options["init_command"]


@pytest.mark.parametrize("url", ["redis://h:6379/0", "rediss://h", "unix:///run/redis.sock"])
def test_a_redis_is_named_by_its_url_and_holds_json(load, url):
    cache = load(CACHE_URL=url).CACHES["default"]
    assert cache["BACKEND"] == "django_redis.cache.RedisCache"
    assert cache["LOCATION"] == url
    assert cache["OPTIONS"]["SERIALIZER"].endswith("JSONSerializer")


def test_limits_can_be_changed_and_taken_away(load):
    limits = load(LIMIT_SESSION="5/minute", LIMIT_STARTS="").LIMITS
    assert str(limits["session"]) == "5 per 1 minute"
    assert "starts" not in limits
    assert set(load().LIMITS) == {"session", "address", "starts", "logins"}


def test_proxies_are_addresses_networks_or_the_socket(load):
    proxies = load(TRUSTED_PROXIES="10.0.0.7,2001:db8::/32,unix").TRUSTED_PROXIES
    assert [str(proxy) for proxy in proxies] == ["10.0.0.7/32", "2001:db8::/32", "unix"]


def test_sentinels_are_named_by_one_url(load):
    url = "redis+sentinel://me:p%40ss@one:1,two/class/3?sentinel_password=word"
    cache = load(CACHE_URL=url).CACHES["default"]
    options = cache["OPTIONS"]
    assert cache["LOCATION"] == "redis://class/3"
    assert options["SENTINELS"] == [("one", 1), ("two", 26379)]
    assert (options["USERNAME"], options["PASSWORD"]) == ("me", "p@ss")
    assert options["SENTINEL_KWARGS"]["password"] == "word"


def test_a_postgres_is_named_by_its_url(load):
    database = load(DATABASE_URL="postgres://me:p%40ss@db:5433/wheel?sslmode=require").DATABASES[
        "default"
    ]
    assert database["ENGINE"] == "tokenwheel.postgresql"
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("wheel", "me", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db", 5433)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize(
    "url", ["redis://h", "redis+sentinel://h/class", "postgres://h/wheel", "sqlite"]
)
def test_nothing_is_waited_for_longer_than_a_request_may_take(load, url):
    name = {"p": "DATABASE_URL", "r": "CACHE_URL"}.get(url[0])
    settings = load(**{name: url}) if name else load()
    cache, database = settings.CACHES["default"], settings.DATABASES["default"]
    waits = [
        value
        for name, value in (cache["OPTIONS"] | database["OPTIONS"]).items()
        if "timeout" in name.lower()
    ]
    assert waits
    assert all(0 < wait < 3 for wait in waits)


def test_every_variable_is_read(load, tmp_path):
    settings = load(
        DEBUG="on",
        ALLOWED_HOSTS="wheel.example,10.0.0.1",
        CSRF_TRUSTED_ORIGINS="https://wheel.example",
        SECRET_KEY="given",
        TRANSFORMERS_CACHE=str(tmp_path / "elsewhere"),
        WHEEL_MODELS="gpt2-medium,gpt2",
        WHEEL_DEFAULT_MODEL="gpt2",
        WHEEL_MAX_CONTEXT_LENGTH="2",
        WHEEL_MAX_PROMPT_CHARACTERS="1",
        WHEEL_SESSION_TTL_S="0.5",
        WHEEL_REQUEST_TIMEOUT_S="1e1",
        WHEEL_MAX_WAITING="1",
        LOG_LEVEL="debug",
    )
    assert settings.DEBUG is True
    assert settings.ALLOWED_HOSTS == ["wheel.example", "10.0.0.1"]
    assert settings.CSRF_TRUSTED_ORIGINS == ["https://wheel.example"]
    assert settings.SECRET_KEY == "given"
    assert tmp_path / "elsewhere" == settings.TRANSFORMERS_CACHE
    assert settings.WHEEL_MODELS == ["gpt2-medium", "gpt2"]
    assert settings.WHEEL_DEFAULT_MODEL == "gpt2"
    assert settings.WHEEL_MAX_CONTEXT_LENGTH == 2
    assert settings.WHEEL_MAX_PROMPT_CHARACTERS == 1
    assert settings.WHEEL_SESSION_TTL_S == 0.5
    assert settings.WHEEL_REQUEST_TIMEOUT_S == 10
    assert settings.WHEEL_MAX_WAITING == 1
    assert settings.LOGGING["root"]["level"] == 10


@pytest.mark.parametrize("value", ["", "*"])
def test_every_origin_may_use_the_api_unless_some_are_named(load, value):
    settings = load(CORS_ALLOWED_ORIGINS=value)
    assert settings.CORS_ALLOW_ALL_ORIGINS is True
    assert settings.CORS_ALLOWED_ORIGINS == []


def test_named_origins_restrict(load):
    settings = load(CORS_ALLOWED_ORIGINS="https://a.example,https://b.example")
    assert settings.CORS_ALLOW_ALL_ORIGINS is False
    assert settings.CORS_ALLOWED_ORIGINS == ["https://a.example", "https://b.example"]


def test_a_secret_key_is_made_once_and_kept_for_its_owner_only(load, tmp_path):
    first, second = load().SECRET_KEY, load(SECRET_KEY="").SECRET_KEY
    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_a_secret_key_from_the_environment_is_not_written_down(load, tmp_path):
    load(SECRET_KEY="given")
    assert not (tmp_path / "secret_key").exists()


def test_a_home_folder_may_be_written_with_a_tilde(load):
    cache = load(TRANSFORMERS_CACHE="~/models").TRANSFORMERS_CACHE
    assert cache == Path(os.environ["HOME"]) / "models"


def test_the_names_of_this_test_are_those_of_the_settings():
    source = (PROJECT / "tokenwheel" / "settings.py").read_text()
    assert all(f'"{name}"' in source for name in NAMES)
