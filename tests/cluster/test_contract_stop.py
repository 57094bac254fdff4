"""The contract on stopping, on the remote engine in front of a real Ray Serve."""

from tests.engine.test_engine_contract_stop import *  # noqa: F403
