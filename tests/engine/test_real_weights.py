"""The real weights of SmolLM2, converted beforehand by `manage.py download_models`."""

import pytest
import torch
from django.conf import settings

from bench.plain_models import load_plain, plain_logits
from wheel.domain.sampling import shape_distribution
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.engine.naive_engine import NaiveEngine
from wheel.errors import InvalidFieldsError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import SMOLLM2_135M

pytestmark = pytest.mark.slow

MODEL_ID = SMOLLM2_135M.model_id
ROUNDING = 1e-5  # float32 sums are added in another order; plain transformers is 3e-6 from float64
FRANCE = "The capital of France is"


@pytest.fixture(scope="module")
def catalog():
    return ModelCatalog([SMOLLM2_135M], settings.TRANSFORMERS_CACHE)


@pytest.fixture(scope="module")
def plain():
    return load_plain(locate_model(SMOLLM2_135M, settings.TRANSFORMERS_CACHE))


@pytest.fixture(scope="module")
def tokenizer(catalog):
    return catalog.tokenizer(MODEL_ID)


@pytest.fixture(scope="module")
def engine(catalog):
    engine = NaiveEngine(catalog.runner)
    engine.start()
    yield engine
    engine.stop()


def distribution_after(engine, token_ids):
    logits = engine.next_logits(MODEL_ID, token_ids).result(60)
    return shape_distribution(logits, NEUTRAL_SETTINGS)


def test_the_capital_of_france_is_paris(engine, tokenizer):
    distribution = distribution_after(engine, tokenizer.encode(FRANCE))
    paris = tokenizer.find_token(" Paris").token_id
    assert distribution.ranked_token_ids[0] == paris
    assert distribution.probs[paris] == pytest.approx(0.77, abs=0.01)


@pytest.mark.parametrize(
    "text", [FRANCE, "x", "Once upon a time, in a land far away," * 5, "🎡 日本"]
)
def test_probabilities_equal_those_of_plain_transformers(engine, plain, tokenizer, text):
    token_ids = tokenizer.encode(text)
    expected = torch.softmax(torch.tensor(plain_logits(plain, token_ids)).double(), dim=-1).numpy()
    assert distribution_after(engine, token_ids).probs == pytest.approx(expected, abs=ROUNDING)


def test_an_emoji_is_split_over_tokens_and_is_whole_again_in_the_text(tokenizer):
    token_ids = tokenizer.encode("🎡")
    assert len(token_ids) > 1
    assert tokenizer.decode(token_ids) == "🎡"
    assert tokenizer.decode(token_ids[:-1]) == "\ufffd"
    pieces = [tokenizer.token(token_id) for token_id in token_ids]
    assert any(piece.display_text.startswith(r"\x") for piece in pieces)


def test_the_vocabulary_is_as_large_as_the_row_of_logits(engine, tokenizer):
    logits = engine.next_logits(MODEL_ID, (1,)).result(60)
    assert logits.shape == (tokenizer.vocabulary_size,) == (SMOLLM2_135M.vocabulary_size,)


def test_numbers_are_split_into_single_digits(tokenizer):
    pieces = [tokenizer.token(token_id).token_text for token_id in tokenizer.encode("in 2025")]
    assert pieces[-4:] == list("2025")


def test_the_tokens_that_end_a_text_or_a_turn_are_known(tokenizer):
    names = {tokenizer.token(token_id).token_text for token_id in tokenizer.end_of_text_ids}
    assert names == {"<|endoftext|>", "<|im_end|>"}


def test_a_byte_that_the_vocabulary_lacks_is_refused_by_name(tokenizer):
    with pytest.raises(InvalidFieldsError, match=r"U\+0004"):
        tokenizer.encode("a\x04b")
