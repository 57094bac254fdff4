"""A class of thirty through `kill -9`: no token is lost, none is doubled, and no answer is a 500."""

import pytest

from tests.e2e.students import start_class
from tests.processes import is_running
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
NUM_STUDENTS = 30


@pytest.fixture(scope="module")
def server(prepared_folder, tiny_model, tmp_path_factory):
    with prepared_folder.running_server(tmp_path_factory.mktemp("kills"), **tiny_model) as server:
        yield server


@pytest.fixture
def school_class(server):
    school_class = start_class(server, NUM_STUDENTS)
    yield school_class
    school_class.assert_that_no_token_is_lost_or_doubled()
    assert 500 not in school_class.answers()


def test_a_class_goes_on_after_its_worker_was_killed(server, school_class):
    with school_class.at_work():
        school_class.wait_for_spins(3)
        server.kill_worker()
        school_class.wait_for_spins(3)


def test_a_class_goes_on_after_the_master_was_killed_and_started_again(server, school_class):
    """The worker ends by itself, and lets a new master listen on its port."""
    with school_class.at_work():
        school_class.wait_for_spins(3)
        (worker,) = server.worker_pids()
        server.kill_master()
        server.start()
        school_class.wait_for_spins(3)
        wait_until(lambda: not is_running(worker))


def test_a_class_goes_on_after_master_and_worker_were_killed_at_once(server, school_class):
    with school_class.at_work():
        school_class.wait_for_spins(3)
        server.kill()
        server.start()
        school_class.wait_for_spins(3)
