"""A class whose clients send requests from the first moment of each start of the server (`make
restarts` starts it 20 times in each way)."""

import os

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

NUM_RESTARTS = int(os.environ.get("RESTARTS", "1"))  # of each kind


@pytest.fixture(scope="module")
def server(prepared_folder, tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("restarts")
    with prepared_folder.running_server(folder, **tiny_model) as server:
        yield server


def test_no_request_fails_after_restarts_that_a_patient_client_cannot_repeat(server, school_class):
    """The students accept 503 with `Retry-After` and lost connections, and nothing else."""
    with school_class.at_work():
        for _ in range(NUM_RESTARTS):
            server.kill_worker()
            school_class.wait_for_spins(2)
        for _ in range(NUM_RESTARTS):
            server.terminate()
            server.wait()
            server.start()
            school_class.wait_for_spins(2)
    school_class.assert_that_no_token_is_lost_or_doubled()
    assert "Traceback" not in server.log()
