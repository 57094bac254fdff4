"""One server process for the tests of a module, with the real SmolLM2 weights."""

import pytest

from tests.e2e.server import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("data"))
    server.prepare()
    try:
        server.start()
        yield server
    finally:
        server.stop()
