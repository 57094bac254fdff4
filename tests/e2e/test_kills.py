"""A class of thirty through `kill -9` of the server."""

import pytest

from tests.processes import is_running
from tests.waiting import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(prepared_folder, tiny_model, tmp_path_factory):
    with prepared_folder.running_server(tmp_path_factory.mktemp("kills"), **tiny_model) as server:
        yield server


def test_a_class_goes_on_after_its_worker_was_killed(server, school_class):
    with school_class.at_work():
        school_class.wait_for_spins(3)
        server.kill_worker()
        school_class.wait_for_spins(3)
    school_class.assert_that_no_token_is_lost_or_doubled()


def test_a_class_goes_on_after_the_master_was_killed_and_started_again(server, school_class):
    """The worker ends by itself, and lets a new master listen on its port."""
    with school_class.at_work():
        school_class.wait_for_spins(3)
        (worker,) = server.worker_pids()
        server.kill_master()
        server.start()
        school_class.wait_for_spins(3)
        wait_until(lambda: not is_running(worker))
    school_class.assert_that_no_token_is_lost_or_doubled()


def test_a_class_goes_on_after_master_and_worker_were_killed_at_once(server, school_class):
    with school_class.at_work():
        school_class.wait_for_spins(3)
        server.kill()
        server.start()
        school_class.wait_for_spins(3)
    school_class.assert_that_no_token_is_lost_or_doubled()
