import pytest

from tests.engine.fakes import GatedForward
from wheel.engine.naive_engine import NaiveEngine


def no_weights(model_id):
    return None


@pytest.fixture
def forward():
    """Its gate opens at the end, so that no thread outlives its test."""
    forward = GatedForward()
    yield forward
    forward.gate.set()


@pytest.fixture
def make_engine(forward):
    engines = []

    def make(weights=no_weights, **options):
        engines.append(NaiveEngine(weights, forward=forward, **options))
        return engines[-1]

    yield make
    forward.gate.set()
    for engine in engines:
        engine.stop()
