"""The contract of every engine, on the remote engine in front of a real Ray Serve."""

from tests.engine.test_engine_contract import *  # noqa: F403
