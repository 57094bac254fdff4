"""The cache of scores keeps within its budget and forgets the least recently used."""

import numpy as np
import pytest

from wheel.engine.scores import Scores
from wheel.engine.scores_cache import ScoresCache, size_of

TEXTS = [("m", tuple(range(start, start + 10))) for start in range(4)]


def scores_of(key):
    rows = np.zeros((len(key[1]) - 1, 3), dtype=np.float32)
    return Scores.of_rows(rows, [0] * len(rows))


@pytest.fixture
def cache():
    """With room for two of the texts."""
    return ScoresCache(2 * size_of(TEXTS[0]))


def test_a_text_is_found_under_its_model_and_tokens_only(cache):
    scores = scores_of(TEXTS[0])
    cache.put(TEXTS[0], scores)
    assert cache.get(TEXTS[0]) is scores
    assert cache.get(TEXTS[1]) is None
    assert cache.get(("another", TEXTS[0][1])) is None


def test_the_least_recently_used_text_is_forgotten(cache):
    for key in TEXTS[:2]:
        cache.put(key, scores_of(key))
    cache.get(TEXTS[0])
    cache.put(TEXTS[2], scores_of(TEXTS[2]))
    assert [cache.get(key) is None for key in TEXTS[:3]] == [False, True, False]
    cache.check_integrity()


def test_a_text_larger_than_the_budget_is_not_kept_and_evicts_nothing(cache):
    cache.put(TEXTS[0], scores_of(TEXTS[0]))
    key = ("m", tuple(range(1000)))
    cache.put(key, scores_of(key))
    assert cache.get(key) is None
    assert cache.get(TEXTS[0]) is not None
    cache.check_integrity()


def test_a_text_that_is_put_twice_counts_once(cache):
    for _ in range(3):
        cache.put(TEXTS[0], scores_of(TEXTS[0]))
    cache.put(TEXTS[1], scores_of(TEXTS[1]))
    assert cache.get(TEXTS[0]) is not None
    cache.check_integrity()
