"""The cache of the distributions that wheels were made from."""

from dataclasses import replace

import numpy as np
import pytest

from wheel.domain.distribution import MIN_UNSTABLE, Distribution, stable_order
from wheel.domain.recent_shapes import RecentShapes
from wheel.domain.wheel_settings import WheelSettings

SETTINGS = WheelSettings(temperature=0.7, top_k=40)


def row(seed=0, size=1000):
    logits = np.random.default_rng(seed).normal(size=size).astype(np.float32)
    logits.flags.writeable = False
    return logits


def test_the_same_logits_with_the_same_settings_are_shaped_once():
    recent, logits = RecentShapes(), row()
    first = recent.of(logits, SETTINGS)
    assert recent.of(logits, SETTINGS) is first
    assert recent.of(logits, replace(SETTINGS, threshold=0.5)) is first


@pytest.mark.parametrize(
    "other", [{"temperature": 0.8}, {"top_k": 41}, {"top_p": 0.9}, {"min_p": 0.1}]
)
def test_other_settings_have_a_shape_of_their_own(other):
    recent, logits = RecentShapes(), row()
    recent.of(logits, SETTINGS)
    settings = replace(SETTINGS, **other)
    expected = RecentShapes().of(logits, settings).shaped.probs
    assert np.array_equal(recent.of(logits, settings).shaped.probs, expected)


def test_equal_logits_in_another_array_are_not_mistaken_for_an_array_that_has_gone():
    recent = RecentShapes()
    for seed in range(20):  # each array is freed, so that the next one could get its address
        logits = row(seed)
        expected = Distribution.from_logits(logits).probs
        assert np.array_equal(recent.of(logits, WheelSettings()).shaped.probs, expected)


def test_logits_that_can_be_written_to_are_shaped_anew():
    recent, logits = RecentShapes(), np.zeros(4, dtype=np.float32)
    recent.of(logits, WheelSettings())
    logits[0] = 5
    assert recent.of(logits, WheelSettings()).shaped.probs[0] > 0.9


def test_the_least_recently_used_shapes_are_dropped_beyond_the_budget():
    rows = [row(seed) for seed in range(3)]
    num_bytes = RecentShapes().of(rows[0], WheelSettings()).num_bytes
    recent = RecentShapes(max_bytes=2 * num_bytes)
    first, second = (recent.of(logits, WheelSettings()) for logits in rows[:2])
    assert recent.of(rows[0], WheelSettings()) is first
    recent.of(rows[2], WheelSettings())
    assert recent.of(rows[0], WheelSettings()) is first
    assert recent.of(rows[1], WheelSettings()) is not second


@pytest.mark.parametrize("num_values", [1, 50, MIN_UNSTABLE, 10**9])
def test_a_long_array_is_sorted_as_by_a_stable_sort(num_values):
    """From all equal to nearly all different."""
    keys = np.random.default_rng(1).integers(num_values, size=2 * MIN_UNSTABLE).astype(np.float64)
    assert np.array_equal(stable_order(keys), np.argsort(keys, kind="stable"))


def test_a_few_runs_of_equals_keep_their_order():
    keys = np.random.default_rng(2).normal(size=2 * MIN_UNSTABLE)
    for start in (0, 700, 1400):
        keys[start : start + 500 : 5] = keys[start]
    assert np.array_equal(stable_order(keys), np.argsort(keys, kind="stable"))
