import pytest
import tokenizers

from tests.checkpoints import train_tokenizer
from tests.engine.fakes import GatedForward
from wheel.engine.naive_engine import NaiveEngine
from wheel.engine.tokenizer import Tokenizer


@pytest.fixture(scope="session")
def trained_json():
    """`tokenizer.json` of a small GPT-2."""
    return train_tokenizer().to_str()


@pytest.fixture(scope="session")
def tokenizer(trained_json):
    return Tokenizer(tokenizers.Tokenizer.from_str(trained_json))


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
