"""A wrong setting ends every program with status 1 and one sentence that names the variable."""

import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests import processes
from tests.test_settings import PRODUCTION
from tests.thorough import variants

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
GUNICORN = Path(sys.executable).with_name("gunicorn")
A_FILE = __file__
WRONG = {
    "ALLOWED_HOSTS": "https://wheel.example",
    "CACHE_URL": "foo://",
    "CORS_ALLOWED_ORIGINS": "wheel.example",
    "CSRF_TRUSTED_ORIGINS": "wheel.example",
    "DATABASE_URL": "nonsense",
    "DEBUG": "perhaps",
    "FRAME_ANCESTORS": "moodle.example",
    "HSTS_SECONDS": "a year",
    "HTTPS": "perhaps",
    "LIMIT_ADDRESS": "abc",
    "LIMIT_COSTLY": "abc",
    "LIMIT_LOGINS": "abc",
    "LIMIT_LOOKUPS": "abc",
    "LIMIT_SESSION": "abc",
    "LIMIT_STARTS": "abc",
    "LIMIT_CODES": "abc",
    "LOG_FORMAT": "xml",
    "LOG_LEVEL": "LOUD",
    "TOKENWHEEL_DATA_DIR": A_FILE,
    "TOKENWHEEL_ENV": "prod",
    "TOKENWHEEL_STATIC_DIR": A_FILE,
    "TRANSFORMERS_CACHE": A_FILE,
    "TRUSTED_PROXIES": "zzz",
    "URL_PREFIX": "tw",
    "WEB_PROCESSES": "0",
    "WHEEL_DEFAULT_MODEL": "gpt3",
    "WHEEL_ENGINE": "x",
    "WHEEL_LOGITS_CACHE_MB": "-1",
    "WHEEL_LOOK_AHEAD": "perhaps",
    "WHEEL_LOOK_AHEAD_CHILDREN": "21",
    "WHEEL_MAX_CONTEXT_LENGTH": "1",
    "WHEEL_ENGINE_CONNECTIONS": "0",
    "WHEEL_ENGINE_PROCESS": "perhaps",
    "WHEEL_ENGINE_URL": "10.0.0.5:8100",
    "WHEEL_MAX_PROMPT_CHARACTERS": "0",
    "WHEEL_MAX_SESSIONS": "-1",
    "WHEEL_MAX_WAITING": "0",
    "WHEEL_METRICS": "perhaps",
    "WHEEL_MODELS": "x",
    "WHEEL_MODELS_FILE": A_FILE,
    "WHEEL_PREFIX_CACHE_MB": "x",
    "WHEEL_RECENT_LIST": "perhaps",
    "WHEEL_RUNNER": "onnx",
    "WHEEL_REQUEST_TIMEOUT_S": "0",
    "WHEEL_SESSION_TTL_S": "0",
}
OF_THE_LISTENER = {"HOST": "999.1.1.1", "PORT": "abc"}
OF_THE_COMMAND = {"SERVER": "apache"}


@pytest.fixture
def run(tmp_path):
    def run(*command, **environment):
        ours = {"TOKENWHEEL_DATA_DIR": str(tmp_path), "PORT": "1"}
        return processes.run(command, ours | environment)

    return run


def assert_ends_with_a_sentence(result, variable):
    """On standard error stands nothing else."""
    assert result.returncode == 1, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{variable} must ")
    assert line.endswith(".")


def test_the_values_of_this_file_cover_every_variable_that_can_be_wrong():
    from tests.test_settings import FREE_TEXTS, documented_variables

    assert set(WRONG) | set(OF_THE_LISTENER) | set(OF_THE_COMMAND) | FREE_TEXTS == set(
        documented_variables()
    )


FOR_EACH_KIND = ["CACHE_URL", "DEBUG", "URL_PREFIX", "WHEEL_ENGINE_URL", "WHEEL_MODELS"]


# tests/test_settings.py has wrong values of every variable, in one process.
@pytest.mark.parametrize(
    ("name", "value"),
    variants(
        [(name, WRONG[name]) for name in FOR_EACH_KIND],
        [entry for entry in WRONG.items() if entry[0] not in FOR_EACH_KIND],
    ),
)
def test_manage_py_ends_with_a_sentence(run, name, value):
    result = run(PYTHON, "manage.py", "help", **{"HTTPS": "true", name: value})
    assert_ends_with_a_sentence(result, name)


@pytest.mark.parametrize("command", ["prepare", "check", "runserver"])
def test_every_command_of_manage_py_ends_with_a_sentence(run, command):
    result = run(PYTHON, "manage.py", command, CACHE_URL="foo://")
    assert_ends_with_a_sentence(result, "CACHE_URL")


@pytest.mark.parametrize(
    ("name", "value"),
    variants(
        [*OF_THE_LISTENER.items(), ("HOST", "h.invalid"), ("LOG_LEVEL", "LOUD")],
        [
            ("HOST", "1:2:3"),
            ("HOST", "[::1"),
            ("HOST", "*"),
            ("HOST", "http://localhost"),
            ("PORT", "0"),
            ("PORT", "65536"),
            ("PORT", ""),
        ],
    ),
)
def test_gunicorn_ends_with_a_sentence_before_it_starts_a_worker(run, name, value):
    assert_ends_with_a_sentence(run(GUNICORN, **{name: value}), name)


@pytest.mark.parametrize(
    ("name", "value"), [*OF_THE_LISTENER.items(), *OF_THE_COMMAND.items(), ("LOG_LEVEL", "LOUD")]
)
@pytest.mark.parametrize("server", variants(["waitress"], ["gunicorn"]))
def test_the_command_ends_with_a_sentence(run, server, name, value):
    result = run(PYTHON, "-m", "tokenwheel", **{"SERVER": server, name: value})
    assert_ends_with_a_sentence(result, name)


def test_waitress_refuses_several_processes_with_a_sentence(run):
    result = run(PYTHON, "-m", "tokenwheel", SERVER="waitress", WEB_PROCESSES="2")
    assert_ends_with_a_sentence(result, "WEB_PROCESSES")


def test_an_option_of_the_command_is_named_by_its_variable(run):
    result = run(PYTHON, "-m", "tokenwheel", "--port", "http", PORT="8000")
    assert_ends_with_a_sentence(result, "PORT")


@pytest.mark.parametrize(
    ("name", "value"), [("SECRET_KEY", ""), ("ALLOWED_HOSTS", ""), ("DEBUG", "1")]
)
@pytest.mark.parametrize("command", [[GUNICORN], [PYTHON, "manage.py", "migrate"]], ids=str)
def test_an_incomplete_production_server_ends_with_a_sentence(run, command, name, value):
    assert_ends_with_a_sentence(run(*command, **PRODUCTION | {name: value}), name)


@pytest.mark.parametrize("module", ["tokenwheel.wsgi", "tokenwheel.asgi"])
def test_any_other_server_ends_with_a_sentence(run, module):
    result = run(PYTHON, "-c", f"import {module}", WHEEL_MODELS="x")
    assert_ends_with_a_sentence(result, "WHEEL_MODELS")


@pytest.mark.parametrize("module", ["bench.school", "bench.browser", "bench.receipts"])
def test_a_benchmark_ends_with_a_sentence(run, module):
    result = run(PYTHON, "-m", module, DATABASE_URL="nonsense")
    assert_ends_with_a_sentence(result, "DATABASE_URL")


@pytest.mark.parametrize("command", ["migrate", *variants([], ["createsuperuser", "shell"])])
@pytest.mark.parametrize("url", ["postgres://u:sesame@127.0.0.1:1/x", "postgres://h.invalid/x"])
def test_a_command_that_the_database_does_not_answer_ends_with_a_sentence(run, command, url):
    given = {
        "createsuperuser": ["--no-input", "--username", "a", "--email", ""],
        "shell": ["-c", "from django.contrib.auth.models import User; User.objects.count()"],
    }
    result = run(PYTHON, "manage.py", command, *given.get(command, []), DATABASE_URL=url)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    sentence = result.stderr.splitlines()[-1]  # after the warning that no model is here
    assert sentence.startswith("DATABASE_URL must lead to a database that ")
    assert "sesame" not in result.stderr


def test_the_traceback_of_an_outage_is_shown_when_asked_for(run):
    url = "postgres://127.0.0.1:1/x"
    result = run(PYTHON, "manage.py", "migrate", "--traceback", DATABASE_URL=url)
    assert "Traceback" in result.stderr


def test_a_file_that_is_no_database_is_a_fault_of_its_url(run):
    result = run(PYTHON, "manage.py", "prepare", DATABASE_URL=f"sqlite:///{A_FILE}")
    assert_ends_with_a_sentence(result, "DATABASE_URL")


def test_a_port_that_another_program_listens_on_is_named_before_a_worker_starts(run):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        for host in ("127.0.0.1", "0.0.0.0", "localhost", "::"):
            result = run(GUNICORN, HOST=host, PORT=port)
            assert result.returncode == 1
            *logged, line = result.stderr.splitlines()
            assert line.startswith("PORT must be free")
            assert f":{port}" in line
            assert len(logged) == 1  # that gunicorn is starting


def test_the_health_check_of_the_image_ends_with_a_sentence(run):
    result = run(PYTHON, "scripts/is_ready.py", PORT="abc")
    assert_ends_with_a_sentence(result, "PORT")


@pytest.mark.parametrize(
    "url", ["postgres://u:sesame@127.0.0.1:1/x", "postgres://u:sesame@h/x?nonsense=1"]
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(run, url):
    result = run(PYTHON, "manage.py", "prepare", DATABASE_URL=url)
    assert_ends_with_a_sentence(result, "DATABASE_URL")
    assert "sesame" not in result.stderr


@pytest.mark.parametrize("url", ["mysql://u:sesame@h/x", "postgres://u:sesame@h:port/x"])
def test_a_wrong_url_is_not_shown_since_it_may_hold_a_password(run, url):
    for variable in ("DATABASE_URL", "CACHE_URL"):
        result = run(PYTHON, "manage.py", "help", **{variable: url})
        assert_ends_with_a_sentence(result, variable)
        assert "sesame" not in result.stderr


def test_a_secret_key_that_cannot_be_kept_is_a_fault_of_the_data_folder(run, tmp_path):
    (tmp_path / "secret_key").mkdir()
    assert_ends_with_a_sentence(run(PYTHON, "manage.py", "help"), "TOKENWHEEL_DATA_DIR")


def test_static_files_that_cannot_be_written_are_a_fault_of_their_folder(run, tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / ".stamp").mkdir()
    result = run(PYTHON, "manage.py", "prepare", TOKENWHEEL_STATIC_DIR=str(folder))
    assert_ends_with_a_sentence(result, "TOKENWHEEL_STATIC_DIR")
