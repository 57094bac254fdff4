"""Two web processes that share one engine process, which is killed while a class spins."""

import os
import signal
from pathlib import Path

import pytest

from tests.processes import is_running
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

SETTINGS = {"WHEEL_ENGINE_PROCESS": "true", "WEB_PROCESSES": "2", "WHEEL_METRICS": "true"}


@pytest.fixture(scope="module")
def server(prepared_folder, tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engine")
    with prepared_folder.running_server(folder, **SETTINGS, **tiny_model) as server:
        yield server


def processes(server):
    """The pids of the web processes, and that of the engine process."""
    commands = {
        pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in server.worker_pids()
    }
    engines = [pid for pid, command in commands.items() if b"tokenwheel.engine_process" in command]
    return [pid for pid in commands if pid not in engines], engines


def has_mapped_torch(pid):
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text()


def test_the_web_processes_share_one_engine_and_do_not_import_torch(server):
    web, engines = processes(server)
    assert len(web) == 2
    (engine,) = engines
    assert has_mapped_torch(engine)
    assert not any(map(has_mapped_torch, web))
    wait_until(lambda: "tokenwheel_ready_models 1.0" in server.get("/metrics").text)
    (model,) = server.get("/api/models").json()["models"]
    assert (model["available"], model["loaded"], model["context_length"]) == (True, True, 1024)


def test_a_class_goes_on_after_the_engine_was_killed(server, school_class):
    _, (engine,) = processes(server)
    with school_class.at_work():
        school_class.wait_for_spins(2)
        os.kill(engine, signal.SIGKILL)
        school_class.wait_for_spins(3)
    school_class.assert_that_no_token_is_lost_or_doubled()
    _, (new_engine,) = processes(server)
    assert new_engine != engine
    assert "The engine process ended" in server.log()


def test_no_process_outlives_a_killed_master(server):
    web, engines = processes(server)
    server.kill_master()
    wait_until(lambda: not any(map(is_running, [*web, *engines])))


def test_a_server_that_is_told_to_end_ends_its_engine(server):
    """The sockets of the killed server are removed at the next start."""
    server.start()
    web, engines = processes(server)
    run = Path(server.environment["TOKENWHEEL_DATA_DIR"]) / "run"
    assert len(list(run.iterdir())) == 1
    server.terminate()
    assert server.wait() == 0
    assert not any(map(is_running, [*web, *engines]))
    assert list(run.iterdir()) == []
