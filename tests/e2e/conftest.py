"""A server process with the real SmolLM2 weights, shared by the tests that need no settings."""

import pytest


@pytest.fixture(scope="session")
def server(prepared_folder, tmp_path_factory):
    with prepared_folder.running_server(tmp_path_factory.mktemp("data")) as server:
        yield server
