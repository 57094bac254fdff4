"""Models are loaded by processes that serve, and by no others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from wheel import runtime
from wheel.apps import is_serving

PROJECT = Path(__file__).resolve().parent.parent
SPY = """
import sys
from wheel import runtime
runtime.Runtime.start = lambda self: print("models started", flush=True)
sys.argv = {argv!r}
{code}
"""
MANAGE = "from django.core.management import execute_from_command_line as run; run(sys.argv)"
SERVE = "import {module}"


def is_serving_for(*argv, **environment):
    return is_serving(argv, environment)


@pytest.mark.parametrize("command", ["check", "migrate", "shell", "download_models", "test", ""])
def test_a_command_does_not_serve(command):
    assert not is_serving_for("manage.py", command)
    assert not is_serving_for("manage.py", command, RUN_MAIN="true")
    assert not is_serving_for("manage.py", command, "--noreload")


def test_a_process_of_a_server_serves():
    assert is_serving_for("gunicorn", WHEEL_SERVING="1")


def test_only_the_worker_process_of_runserver_serves():
    assert not is_serving_for("manage.py", "runserver")
    assert is_serving_for("manage.py", "runserver", RUN_MAIN="true")
    assert is_serving_for("manage.py", "runserver", "8001", "--noreload")


def test_the_test_process_has_loaded_no_model():
    assert not is_serving(sys.argv, os.environ)
    assert runtime._current is None or not runtime._current.catalog.is_default_loaded()


def run(code, tmp_path, *argv):
    environment = {
        "PATH": os.environ["PATH"],
        "TOKENWHEEL_DATA_DIR": str(tmp_path),
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),  # converted already
        "DJANGO_SETTINGS_MODULE": "tokenwheel.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", SPY.format(argv=list(argv), code=code)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["check"], "System check"),
        (["migrate"], "Applying wheel.0001_initial"),
        (["shell", "-c", "import sys; print('torch' in sys.modules)"], "False"),
    ],
)
def test_a_real_command_starts_no_model_and_imports_no_torch(tmp_path, argv, shown):
    result = run(MANAGE, tmp_path, "manage.py", *argv)
    assert "models started" not in result.stdout
    assert shown in result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("module", ["tokenwheel.wsgi", "tokenwheel.asgi"])
def test_a_real_server_starts_the_models(tmp_path, module):
    result = run(SERVE.format(module=module), tmp_path, "gunicorn")
    assert "models started" in result.stdout, result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--port", "9000"]], ids=["no-option", "an-option"])
def test_runserver_of_the_command_starts_the_models(tmp_path, options):
    """Whatever options of the command stand before it."""
    code = "from tokenwheel.command import main; main()"
    nowhere = "999.1.1.1:80"  # ends it
    result = run(code, tmp_path, "tokenwheel", *options, "runserver", nowhere, "--noreload")
    assert "models started" in result.stdout, result.stderr


ON_A_SHARE = """
from pathlib import Path
from wheel import filesystems
filesystems.MOUNTS = Path({mounts!r})
{code}
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "argv"),
    [(SERVE.format(module="tokenwheel.wsgi"), ["gunicorn"]), (MANAGE, ["manage.py", "prepare"])],
)
def test_a_start_on_a_network_share_warns_with_one_line(tmp_path, code, argv):
    folder = tmp_path.resolve() / "data"
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"36 27 0:40 / {folder} rw - nfs4 server:/export rw\n")
    result = run(ON_A_SHARE.format(mounts=str(mounts), code=code), folder, *argv)
    (line,) = [line for line in result.stderr.splitlines() if "network file system" in line]
    assert str(folder) in line
    assert "nfs4" in line
    assert "TOKENWHEEL_DATA_DIR" in line
