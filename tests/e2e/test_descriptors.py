"""File descriptors that are used up, by the limit of the process, and then free again."""

import resource
import time
from pathlib import Path

import pytest

from tests.e2e.server import Server
from tests.e2e.students import start_class
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

FEW = 21  # enough to serve, too few to load a model
SOME = 64
ENOUGH = 4096
SPIN_S = 3  # seconds in which clients meet the lack of descriptors


def limited(num_descriptors, probe_at_start):
    """A class of servers that start with so many file descriptors."""
    (gunicorn,) = Server.command

    class LimitedServer(Server):
        probe = probe_at_start
        command = ("sh", "-c", f"ulimit -n {num_descriptors}; exec {gunicorn}")

    return LimitedServer


def allow(server, num_descriptors):
    (pid,) = server.worker_pids()
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (num_descriptors, ENOUGH))


def num_used(server):
    (pid,) = server.worker_pids()
    return max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir()) + 1


def test_a_class_spins_on_a_server_with_64_descriptors(prepared_folder, tiny_model, tmp_path):
    server_class = limited(SOME, "/ready")
    with prepared_folder.running_server(tmp_path, server_class, **tiny_model) as server:
        school_class = start_class(server)
        with school_class.at_work():
            school_class.wait_for_spins(3)
        school_class.assert_that_no_token_is_lost_or_doubled()


def test_a_class_goes_on_when_descriptors_are_free_again(prepared_folder, tiny_model, tmp_path):
    with prepared_folder.running_server(tmp_path, **tiny_model) as server:
        school_class = start_class(server)
        with school_class.at_work():
            school_class.wait_for_spins(2)
            allow(server, num_used(server))
            time.sleep(SPIN_S)
            allow(server, ENOUGH)
            school_class.wait_for_spins(2)
        school_class.assert_that_no_token_is_lost_or_doubled()
        assert server.get("/ready").status_code == 200


def test_a_server_with_too_few_descriptors_to_load_a_model_says_so(
    prepared_folder, tiny_model, tmp_path
):
    server_class = limited(FEW, "/health")
    with prepared_folder.running_server(tmp_path, server_class, **tiny_model) as server:
        wait_until(lambda: "could not be loaded (OSError)" in server.get("/ready").text)
        for answer in (server.get("/ready"), server.post("/api/sessions")):
            assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
            assert int(answer.headers["Retry-After"]) >= 1
        assert server.get("/").status_code == 200
        assert "Too many open files" in server.log()
