"""The command `tokenwheel`: its options, and imports on its way to serving."""

import os
import sys

import pytest

from tests.processes import run
from tokenwheel.command import chosen_server, parse_arguments, serve_with_waitress, set_variables
from wheel.installation import VERSION

# Modules and functions that Python does not have on Windows, removed as a program starts.
WITHOUT_POSIX = """
import os, signal, sys
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules[name] = None
del os.fork, os.getuid, signal.SIGKILL
import tokenwheel.command, tokenwheel.serve_without_gunicorn, tokenwheel.wsgi
print("imported")
"""


def test_without_a_command_it_serves():
    assert parse_arguments([]).command == []
    assert parse_arguments(["--port", "9000"]).command == []


def test_a_command_keeps_its_own_options():
    options = parse_arguments(["--host", "::1", "createsuperuser", "--username", "a", "--host"])
    assert options.host == "::1"
    assert options.command == ["createsuperuser", "--username", "a", "--host"]


def test_an_option_overrides_its_variable_and_a_missing_one_keeps_it(monkeypatch):
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", "8000")
    set_variables(HOST=None, PORT="9000")
    assert (os.environ["HOST"], os.environ["PORT"]) == ("127.0.0.1", "9000")


def test_the_help_names_the_commands_of_an_administrator(capsys):
    with pytest.raises(SystemExit):
        parse_arguments(["--help"])
    shown = capsys.readouterr().out
    for name in ("--port", "prepare", "download_models", "create_teacher", "createsuperuser"):
        assert name in shown


def test_waitress_serves_where_it_is_chosen(monkeypatch):
    monkeypatch.setenv("SERVER", "waitress")
    assert chosen_server() is serve_with_waitress


def test_make_run_calls_the_command():
    shown = run(["make", "--dry-run", "run"], {}).stdout
    assert shown.splitlines()[-1] == "exec .venv/bin/python -m tokenwheel"


@pytest.mark.slow
def test_the_version_is_shown_from_a_checkout():
    shown = run([sys.executable, "-m", "tokenwheel", "--version"], {}).stdout
    assert shown == f"tokenwheel {VERSION}\n"


@pytest.mark.slow
def test_serving_with_waitress_imports_nothing_that_windows_lacks(tmp_path):
    environment = {"TOKENWHEEL_DATA_DIR": str(tmp_path)}
    result = run([sys.executable, "-c", WITHOUT_POSIX], environment)
    assert result.stdout == "imported\n", result.stderr
