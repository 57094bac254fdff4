"""Settings read from the environment, and the README's table of them."""

import ast
import logging
import os
import re
import runpy
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from tokenwheel.command import chosen_server
from tokenwheel.environment import SettingError, env, listen_address, stored_secret_key

PROJECT = Path(__file__).resolve().parent.parent
README = (PROJECT / "README.md").read_text()
ROW = re.compile(r"^\| (`[A-Z_`, ]+`) \| (.*?) \| ", re.M)
FREE_TEXTS = {
    "SECRET_KEY",  # any value will do, outside production
    "WHEEL_ENGINE_TOKEN",  # without WHEEL_ENGINE_URL
}
WRONG_VALUES = {
    "DEBUG": ["perhaps", "2"],
    "TOKENWHEEL_ENV": ["prod", "Production"],
    "HTTPS": ["perhaps"],
    "HSTS_SECONDS": ["-1", "a year"],
    "LOG_LEVEL": ["LOUD"],
    "LOG_FORMAT": ["xml", "JSON"],
    "WHEEL_METRICS": ["perhaps"],
    "CACHE_URL": [
        "memcached://x",
        "redis",
        "db",
        "dbx",
        "postgres://x",
        "redis+sentinel://h",
        "redis://h:port",
        "redis://h/name",
        "db://name",
        "unix://",
        "unix:///",
    ],
    "DATABASE_URL": [
        "x",
        "mysql://u@h/name",
        "sqlite:x",
        "sqlite:///",
        "sqlite:///missing/x",
        "postgres://h",
        "postgres://h:port/n",
    ],
    "URL_PREFIX": ["tw", "https://h/tw", "/a b", "/tw?", "/../tw", "//tw", "/admin", "/static/tw"],
    "WHEEL_MODELS": ["", "gpt3", "gpt2,gpt3", "gpt2;gpt2-medium", "gpt2,gpt2"],
    "WHEEL_MODELS_FILE": ["/no/such/models.toml", __file__, "~no-such-user/models.toml"],
    "WHEEL_DEFAULT_MODEL": ["gpt3", "GPT2"],
    "WHEEL_MAX_CONTEXT_LENGTH": ["1", "0", "-5", "many", "1.5"],
    "WHEEL_MAX_PROMPT_CHARACTERS": ["0", "-1", "many", "4,000"],
    "WHEEL_MAX_WAITING": ["0", "-1", "x"],
    "WHEEL_MAX_SESSIONS": ["-1", "many"],
    "LIMIT_SESSION": ["many", "10", "0/second", "-1/minute", "1/fortnight", "1/2 years"],
    "LIMIT_STARTS": ["1000"],
    "LIMIT_COSTLY": ["12000"],
    "LIMIT_LOOKUPS": ["120"],
    "LIMIT_CODES": ["60"],
    "TRUSTED_PROXIES": ["proxy.example", "10.0.0.0/33", "10.0.0.1/8", "*"],
    "WHEEL_SESSION_TTL_S": ["0", "-1", "an hour", "nan", "inf"],
    "WHEEL_REQUEST_TIMEOUT_S": ["0", "-0.5", "x", "nan", "-inf", "1e300"],
    "WHEEL_ENGINE": ["", "Naive"],
    "WHEEL_RUNNER": ["", "OpenVINO", "onnx"],
    "WHEEL_ENGINE_URL": ["10.0.0.5:8100", "ftp://h", "http://h/path", "http://u@h", "http://"],
    "WHEEL_ENGINE_PROCESS": ["perhaps", ""],
    "WHEEL_ENGINE_CONNECTIONS": ["0", "1001", "x"],
    "WHEEL_PREFIX_CACHE_MB": ["-1", "much"],
    "WHEEL_LOGITS_CACHE_MB": ["-1", "1.5"],
    "WHEEL_RECENT_LIST": ["perhaps"],
    "WHEEL_LOOK_AHEAD": ["perhaps"],
    "WHEEL_LOOK_AHEAD_CHILDREN": ["-1", "21", "few"],
    "WEB_PROCESSES": ["0", "-1", "two", "1.5", ""],
    "ALLOWED_HOSTS": [
        "https://wheel.example",
        "wheel.example:8000",
        "a,,b",
        "a b",
        "schüler.example",
    ],
    "CSRF_TRUSTED_ORIGINS": [
        "wheel.example",
        "https://wheel.example/",
        "https://",
        "https://wheel.example:port",
        "https://wheel.example:65536",
        "https://me@wheel.example",
        "ftp://wheel.example",
        "https://schüler.example",
        "*",
    ],
    "FRAME_ANCESTORS": [
        "moodle.example",
        "*",
        "https://a.example; script-src *",
        "https://a/b",
        "https://学校.example",
        "https://schüler.example",
        "https://a.example:٣",
    ],
    "CORS_ALLOWED_ORIGINS": [
        "wheel.example",
        "*,https://wheel.example",
        "https://a.example/b",
        "https://schüler.example",
    ],
}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Execute the settings module with no other variables set than these."""

    def read(**environment):
        for name in documented_variables():
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"TOKENWHEEL_DATA_DIR": str(tmp_path)} | environment).items():
            monkeypatch.setenv(name, value)
        path = PROJECT / "tokenwheel" / "settings.py"
        return SimpleNamespace(**runpy.run_path(str(path)))

    return read


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_VALUES.items() for value in values]
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(load, name, value):
    with pytest.raises(SettingError, match=f"^{name} must be [^\n]*\\.$"):
        load(**{"HTTPS": "true", "TRUSTED_PROXIES": "unix"} | {name: value})


def test_a_default_model_that_is_not_on_offer_is_refused(load):
    with pytest.raises(Exception, match="WHEEL_DEFAULT_MODEL"):
        load(WHEEL_MODELS="gpt2", WHEEL_DEFAULT_MODEL="gpt2-medium")


def test_models_of_a_file_can_be_chosen_and_ordered(load, tmp_path):
    file = tmp_path / "models.toml"
    file.write_text('[models.own]\nname = "O"\ndescription = "o."\nsource.folder = "x"\n')
    settings = load(WHEEL_MODELS_FILE=str(file))
    assert settings.WHEEL_MODELS == ["gpt2", "gpt2-medium", "smollm2-135m", "own"]
    settings = load(WHEEL_MODELS_FILE=str(file), WHEEL_MODELS="own,gpt2")
    assert settings.WHEEL_MODELS == ["own", "gpt2"]


def test_a_mistake_in_the_file_of_models_is_named_with_file_entry_and_field(load, tmp_path):
    file = tmp_path / "models.toml"
    file.write_text('[models.own]\nname = "O"\nsource.folder = "x"\n')
    with pytest.raises(SettingError, match=rf"^WHEEL_MODELS_FILE .* {file}, models\.own\.descr"):
        load(WHEEL_MODELS_FILE=str(file))


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


PRODUCTION = {
    "TOKENWHEEL_ENV": "production",
    "SECRET_KEY": "".join(chr(ord("A") + number % 50) for number in range(60)),
    "ALLOWED_HOSTS": "wheel.school.example",
    "TRUSTED_PROXIES": "10.0.0.7",
}


def test_a_production_server_uses_https_only(load):
    settings = load(**PRODUCTION)
    assert settings.SECURE_SSL_REDIRECT
    assert settings.SECURE_HSTS_SECONDS == 365 * 24 * 3600
    assert settings.SESSION_COOKIE_SECURE
    assert settings.CSRF_COOKIE_SECURE
    assert settings.ALLOWED_HOSTS[0] == "wheel.school.example"
    assert "127.0.0.1" in settings.ALLOWED_HOSTS


def test_https_can_be_switched_off_in_production(load):
    settings = load(**PRODUCTION, HTTPS="false")
    assert not settings.SECURE_SSL_REDIRECT
    assert settings.SECURE_HSTS_SECONDS == 0
    assert not settings.SESSION_COOKIE_SECURE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "django-insecure-" + PRODUCTION["SECRET_KEY"]),
        ("ALLOWED_HOSTS", ""),
        ("DEBUG", "true"),
        ("TRUSTED_PROXIES", ""),
    ],
)
def test_an_incomplete_production_server_is_refused(load, tmp_path, name, value):
    with pytest.raises(Exception, match=name):
        load(**PRODUCTION | {name: value})
    assert not (tmp_path / "secret_key").exists()


def test_pages_can_be_framed_only_over_https(load):
    origins = ["https://moodle.example:8443", "https://*.instructure.com"]
    framed = {"FRAME_ANCESTORS": ",".join(origins)}
    assert origins == load(**PRODUCTION, **framed).FRAME_ANCESTORS
    with pytest.raises(SettingError, match=r"^FRAME_ANCESTORS must be empty without HTTPS=true"):
        load(**framed)


@pytest.mark.parametrize("token", ["", "a" * 31])
def test_an_engine_service_needs_its_token(load, token):
    service = {"WHEEL_ENGINE_URL": "http://10.0.0.5:8100/"}
    with pytest.raises(SettingError, match=r"^WHEEL_ENGINE_TOKEN must be"):
        load(**service, WHEEL_ENGINE_TOKEN=token)
    settings = load(**service, WHEEL_ENGINE_TOKEN="a" * 32)
    assert settings.WHEEL_ENGINE_URL == "http://10.0.0.5:8100"


def test_an_engine_is_in_one_place(load):
    assert load(WHEEL_ENGINE_PROCESS="true").WHEEL_ENGINE_PROCESS
    service = {"WHEEL_ENGINE_URL": "http://10.0.0.5:8100", "WHEEL_ENGINE_TOKEN": "a" * 32}
    with pytest.raises(SettingError, match=r"^WHEEL_ENGINE_PROCESS must be false if WHEEL_ENGINE_"):
        load(**service, WHEEL_ENGINE_PROCESS="true")


def test_a_system_without_unix_sockets_has_no_engine_process(load, monkeypatch):
    monkeypatch.delattr("os.posix_spawn")
    with pytest.raises(SettingError, match=r"^WHEEL_ENGINE_PROCESS must be false on this system"):
        load(WHEEL_ENGINE_PROCESS="true")
    assert not load().WHEEL_ENGINE_PROCESS


def test_every_cookie_under_a_prefix_has_its_own_name_and_path(load):
    kinds = ("SESSION", "CSRF", "WHEEL", "TEXT_SIZE")
    under = vars(load(URL_PREFIX="/tw"))
    assert all(under[f"{kind}_COOKIE_NAME"].startswith("tokenwheel_") for kind in kinds)
    assert {under[name] for name in under if name.endswith("_COOKIE_PATH")} == {"/tw"}
    assert load().WHEEL_COOKIE_NAME == "last_wheels"


def test_rate_limits_can_be_changed_and_removed(load):
    limits = load(LIMIT_SESSION="5/minute", LIMIT_STARTS="").LIMITS
    assert str(limits["session"]) == "5 per 1 minute"
    assert "starts" not in limits
    assert set(load().LIMITS) == {
        *("session", "address", "starts", "costly", "lookups", "codes", "logins")
    }


def test_trusted_proxies_are_addresses_networks_or_unix(load):
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


def test_a_redis_and_its_sentinels_are_given_up_after_one_try(load):
    options = load(CACHE_URL="redis+sentinel://one/class").CACHES["default"]["OPTIONS"]
    sentinel = options["SENTINEL_KWARGS"]
    for retry in (options["CONNECTION_POOL_KWARGS"]["retry"], sentinel["retry"]):
        assert retry.get_retries() == 0
    assert 0 < sentinel["socket_timeout"] < 1
    assert 0 < sentinel["socket_connect_timeout"] < 1


@pytest.mark.parametrize("name", ["CACHE_URL", "DATABASE_URL"])
def test_the_error_for_a_wrong_url_does_not_show_its_password(load, name):
    with pytest.raises(SettingError) as caught:
        load(**{name: "nonsense://me:chalk@host/name"})
    assert "chalk" not in str(caught.value)


def test_a_postgres_is_named_by_its_url(load):
    database = load(DATABASE_URL="postgres://me:p%40ss@db:5433/wheel?sslmode=require").DATABASES[
        "default"
    ]
    assert database["ENGINE"] == "tokenwheel.postgresql"
    assert (database["NAME"], database["USER"], database["PASSWORD"]) == ("wheel", "me", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db", 5433)
    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["CONN_HEALTH_CHECKS"] is True
    assert database["CONN_MAX_AGE"] is None


def test_a_postgres_waits_less_than_three_seconds_for_a_lock_and_for_each_answer(load):
    options = load(DATABASE_URL="postgres://h/wheel").DATABASES["default"]["OPTIONS"]
    lock_timeout_ms = int(options["options"].removeprefix("-c lock_timeout="))
    assert 0 < lock_timeout_ms < 3000
    assert 0 < options["answer_timeout_s"] < 3


@pytest.mark.parametrize(
    "url", ["redis://h", "redis+sentinel://h/class", "postgres://h/wheel", "sqlite"]
)
def test_every_wait_for_a_backend_is_shorter_than_three_seconds(load, url):
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


def test_variables_override_the_defaults(load, tmp_path):
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
    assert settings.ALLOWED_HOSTS[:2] == ["wheel.example", "10.0.0.1"]
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


def test_only_named_origins_may_use_the_api(load):
    settings = load(CORS_ALLOWED_ORIGINS="https://a.example,https://b.example")
    assert settings.CORS_ALLOW_ALL_ORIGINS is False
    assert settings.CORS_ALLOWED_ORIGINS == ["https://a.example", "https://b.example"]


def test_origins_are_compared_in_lower_case_as_browsers_send_them(load):
    settings = load(CSRF_TRUSTED_ORIGINS="https://Wheel.Example:8443")
    assert settings.CSRF_TRUSTED_ORIGINS == ["https://wheel.example:8443"]


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("192.0.2.7", ["192.0.2.7"]),
        ("2001:DB8::7", ["[2001:db8::7]"]),
        ("[2001:db8::7]", ["[2001:db8::7]"]),
        ("wheel-pc", ["wheel-pc"]),
        ("localhost", []),
        ("::1", []),
        ("::", []),
        ("0.0.0.0", []),
        ("", []),
        ("*", []),
        (".example", []),
    ],
)
def test_the_server_is_reached_by_the_name_or_address_on_which_it_listens(load, host, allowed):
    hosts = load(HOST=host).ALLOWED_HOSTS
    assert hosts == ["localhost", "127.0.0.1", "[::1]", *allowed]


def test_a_production_server_is_reached_by_named_hosts_only(load):
    assert "192.0.2.7" not in load(**PRODUCTION, HOST="192.0.2.7").ALLOWED_HOSTS


def test_a_secret_key_is_made_once_and_readable_by_its_owner_only(load, tmp_path):
    first, second = load().SECRET_KEY, load(SECRET_KEY="").SECRET_KEY
    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_starts_at_the_same_moment_have_the_same_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(stored_secret_key, [tmp_path / "secret_key"] * 8))
    (key,) = keys
    assert len(key) >= 50


def test_a_secret_key_from_the_environment_is_not_stored(load, tmp_path):
    load(SECRET_KEY="given")
    assert not (tmp_path / "secret_key").exists()


def test_a_home_folder_may_be_written_with_a_tilde(load):
    cache = load(TRANSFORMERS_CACHE="~/models").TRANSFORMERS_CACHE
    assert cache == Path(os.environ["HOME"]) / "models"


def documented_variables():
    """Defaults, as they are written, by the names in the README's table."""
    rows = {}
    for names, default in ROW.findall(README):
        for name, value in zip(names.split(", "), default.split(", "), strict=False):
            rows[name.strip("`")] = value
    return rows


def read_by(load, **environment):
    """Values by the names of all variables that are read at a start."""
    env._fields.clear()
    env._values.clear()
    load(**environment)
    listen_address()
    chosen_server()
    return dict(env._values)


def test_every_variable_that_is_read_is_documented_and_every_documented_one_is_read(load):
    assert set(read_by(load, **PRODUCTION)) == set(documented_variables())


def test_documented_defaults_are_the_real_ones(load):
    documented, real = documented_variables(), read_by(load)
    compared = {
        name: (value, "INFO" if real[name] == logging.INFO else written(real[name]))
        for name, value in documented.items()
        if name in real and re.fullmatch(r"`[^`]*`", value) and not value.startswith("`var")
    }
    assert len(compared) > 20
    assert {name: pair for name, pair in compared.items() if pair[0] != f"`{pair[1]}`"} == {}


def written(value):
    """A default as the README writes it."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case list():
            return ",".join(value)
    return str(value)


@pytest.mark.parametrize(
    ("name", "tail"),
    [("TRANSFORMERS_CACHE", "models"), ("STATIC_ROOT", "static"), ("DATA_DIR", "")],
)
def test_documented_folders_are_the_real_ones(load, tmp_path, name, tail):
    assert getattr(load(), name) == tmp_path / tail
    assert {"`var`", "`var/models`", "`var/static`", "`var/db.sqlite3`"} <= set(
        documented_variables().values()
    )


def environment_reads(path):
    """Names that a Python file reads from `os.environ`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case (
                ast.Call(
                    func=ast.Attribute(value=ast.Attribute(attr="environ"), attr="get" | "pop"),
                    args=[ast.Constant(value=str(name)), *_],
                )
                | ast.Subscript(
                    value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))
                )
            ):
                names.add(name)
    return names


def test_no_file_reads_an_undocumented_variable():
    # Set by this project, by Django's reloader, for Python itself, and for all that computes.
    internal = {"WHEEL_SERVING", "RUN_MAIN", "PYTHONPATH", "OMP_NUM_THREADS"}
    files = [PROJECT / "manage.py", PROJECT / "gunicorn.conf.py"]
    for folder in ("tokenwheel", "wheel", "scripts"):
        files += (PROJECT / folder).rglob("*.py")
    read = set().union(*map(environment_reads, files))
    assert {"HOST", "PORT", "WHEEL_SERVING"} <= read
    assert read - internal <= set(documented_variables())


@pytest.mark.parametrize("name", ["scripts", "docker-compose.yml", "Makefile"])
def test_every_variable_of_a_script_is_documented(name):
    place = PROJECT / name
    text = "".join(
        path.read_text() for path in ([place] if place.is_file() else place.glob("*.sh"))
    )
    read = set(re.findall(r"\$\{([A-Z_]+)|\$\(or \$\(([A-Z_]+)", text))
    documents = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
    documents += [PROJECT / "docker-compose.yml"] if name == "scripts" else []
    documented = "".join(path.read_text() for path in documents)
    comments = "".join(line for line in text.splitlines() if line.startswith("#"))
    for variable in {first or second for first, second in read}:
        assert re.search(rf"\b{variable}\b", documented + comments), variable
