"""`manage.py prepare`, started more than once on one data folder or database."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from filelock import FileLock

from tests.postgres_server import running_postgres
from tests.processes import PROJECT
from tests.waiting import HANGING_S

pytestmark = pytest.mark.slow
WITHOUT_A_MODEL = {"WHEEL_MODELS": "gpt2"}
NUM_STARTS = 3
HOLD_THE_LOCK = """
import sys, time, filelock
filelock.FileLock(sys.argv[1]).acquire()
print("locked", flush=True)
time.sleep(600)
"""


@pytest.fixture
def lock_path(data_dir):
    data_dir.mkdir()
    return data_dir / "prepare.lock"


def assert_all_succeed(manage, environments):
    """Several starts at the same moment."""
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(manage, "prepare", **WITHOUT_A_MODEL, **environment)
            for environment in environments
        ]
    for run in runs:
        assert (run.result().returncode, run.result().stderr) == (0, "")


def test_starts_at_the_same_moment_set_one_folder_up(manage, data_dir):
    assert_all_succeed(manage, [{}] * NUM_STARTS)
    assert len((data_dir / "secret_key").read_text()) >= 50
    assert (data_dir / "static" / "staticfiles.json").is_file()
    assert manage("migrate", "--check", **WITHOUT_A_MODEL).returncode == 0


def test_starts_on_several_machines_migrate_one_postgres(manage, tmp_path):
    folders = [str(tmp_path / str(number)) for number in range(NUM_STARTS)]
    with running_postgres(tmp_path) as server:
        shared = {"DATABASE_URL": server.url}
        assert_all_succeed(manage, [{"TOKENWHEEL_DATA_DIR": name} | shared for name in folders])


def test_a_start_waits_for_another_and_says_so(data_dir, lock_path):
    environment = {"TOKENWHEEL_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
    with FileLock(lock_path):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "prepare"],
            cwd=PROJECT,
            env=environment | WITHOUT_A_MODEL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Waiting for another start")
        assert process.poll() is None
    rest, _ = process.communicate(timeout=HANGING_S)
    assert process.returncode == 0
    assert "Token Wheel is set up." in rest


def test_a_start_that_was_killed_holds_no_lock(manage, lock_path):
    command = [sys.executable, "-c", HOLD_THE_LOCK, str(lock_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        holder.kill()
    result = manage("prepare", **WITHOUT_A_MODEL)
    assert result.returncode == 0
    assert "Waiting" not in result.stdout


@pytest.fixture
def static_dir(tmp_path):
    folder = tmp_path / "static"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["letters.txt", ".profile", "photos/cat.jpg"])
def test_a_folder_with_other_files_is_not_emptied_for_static_files(manage, static_dir, name):
    path = static_dir / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    result = manage("prepare", TOKENWHEEL_STATIC_DIR=str(static_dir), **WITHOUT_A_MODEL)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("TOKENWHEEL_STATIC_DIR must be a folder for static files only")
    assert [place.name for place in static_dir.iterdir()] == [path.relative_to(static_dir).parts[0]]
    assert path.read_text() == "mine"


def test_static_files_of_a_start_that_was_killed_are_collected_again(manage, static_dir):
    environment = {"TOKENWHEEL_STATIC_DIR": str(static_dir), **WITHOUT_A_MODEL}
    assert manage("prepare", **environment).returncode == 0
    (static_dir / ".stamp").unlink()
    (static_dir / "lost+found").mkdir()  # empty, at the root of a volume
    (static_dir / "staticfiles.json").write_text("{")
    result = manage("prepare", **environment)
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads((static_dir / "staticfiles.json").read_text())["paths"]


def test_an_empty_key_of_a_start_that_was_killed_is_replaced(manage, data_dir):
    data_dir.mkdir()
    (data_dir / "secret_key").touch()
    assert manage("prepare", **WITHOUT_A_MODEL).returncode == 0
    assert len((data_dir / "secret_key").read_text()) >= 50
