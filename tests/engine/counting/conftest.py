"""The fixtures of the contract suite, with the counting engine in place of the others."""

import pytest

from tests.engine.counting.plain_counting import (
    ControlledSource,
    PlainCounting,
    make_counting_engine,
)


@pytest.fixture(scope="session")
def plain_model():
    return PlainCounting()


@pytest.fixture
def model_source(control):
    return ControlledSource(control)


@pytest.fixture
def make_contract_engine(model_source):
    return lambda: make_counting_engine(model_source)
