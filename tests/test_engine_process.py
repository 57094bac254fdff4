"""The supervisor of the engine process: its socket, its options, and its pauses. The process itself
is tested in tests/e2e/test_engine_process.py."""

import logging
import os
import socket
import stat
from contextlib import closing
from pathlib import Path

import pytest

from tests.clock import MonotonicClock
from tests.processes import is_running
from tests.waiting import wait_until
from tokenwheel.engine_process import supervisor
from tokenwheel.engine_process.options import Options
from tokenwheel.engine_process.supervisor import MAX_PAUSE_S, STEADY_S, EngineProcess, listen
from tokenwheel.environment import SettingError
from wheel.engine_settings import EngineSettings
from wheel.remote_engine import local_socket

LOG = logging.getLogger("tests")
OPTIONS = Options(EngineSettings(("gpt2",), Path("models")), 8, "line", logging.INFO)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A path that is short enough for a socket, however long that of the test is."""
    monkeypatch.chdir(tmp_path)
    return Path("run")


def test_the_options_arrive_as_they_were(settings):
    options = Options.of(settings)
    assert Options.decode(options.encode()) == options


def test_there_is_a_thread_for_each_connection_of_each_web_process(settings):
    settings.WEB_PROCESSES, settings.WHEEL_ENGINE_CONNECTIONS = 3, 10
    assert Options.of(settings).num_threads >= 3 * 10


def test_a_server_without_the_setting_starts_no_process(settings):
    settings.WHEEL_ENGINE_PROCESS = False
    supervisor.start(settings, LOG)
    assert local_socket.path() is None


def test_the_folder_of_the_socket_is_private(folder):
    folder.mkdir(0o755)
    with closing(listen(folder / "engine-1.sock")):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_sockets_of_killed_servers_are_removed_and_those_of_others_stay(folder):
    listen(folder / "engine-1.sock").close()
    with closing(listen(folder / "engine-2.sock")), closing(listen(folder / "engine-3.sock")):
        assert sorted(path.name for path in folder.iterdir()) == [
            "engine-2.sock",
            "engine-3.sock",
        ]


@pytest.mark.parametrize("name", ["f" * 150, "secret_key"])
def test_a_folder_that_cannot_have_a_socket_is_a_fault_of_the_data_folder(folder, name):
    Path("secret_key").touch()
    with pytest.raises(SettingError, match=r"^TOKENWHEEL_DATA_DIR must "):
        listen(Path(name) / "engine-1.sock")


def test_the_pause_before_a_new_start_grows_and_is_short_after_a_long_life(folder):
    clock = MonotonicClock()
    process = EngineProcess(OPTIONS, folder / "engine-1.sock", LOG, clock=clock)
    process._started_at = clock()
    pauses = [process._next_pause_s() for _ in range(12)]
    assert pauses[:3] == [0.1, 0.2, 0.4]
    assert pauses[-1] == MAX_PAUSE_S
    clock.time += STEADY_S + 1
    assert process._next_pause_s() == 0.1


def test_a_process_that_dies_is_started_again_until_the_end(folder, monkeypatch, tmp_path, caplog):
    """With a shell in its place, which ends with its lifeline, as the engine process does."""
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\ncat\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    process = EngineProcess(OPTIONS, folder / "engine-1.sock", LOG)
    process.start()
    first = process._pid
    os.kill(first, 9)
    wait_until(lambda: process._pid != first)
    assert "The engine process ended (signal 9)" in caplog.text
    process.stop()
    assert not is_running(process._pid)
    assert list(folder.iterdir()) == []


def test_a_client_that_comes_while_there_is_no_process_waits_for_the_next_one(folder):
    path = folder / "engine-1.sock"
    with closing(listen(path)), closing(socket.socket(socket.AF_UNIX)) as client:
        client.connect(str(path))
