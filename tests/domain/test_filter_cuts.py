"""The tokens that one filter keeps and removes, against sums over the single tokens."""

from math import fsum

import numpy as np
import pytest
from hypothesis import given

from tests.domain.strategies import distribution_of, logits, wheel_settings
from wheel.domain.filter_cuts import FilterCut
from wheel.domain.sampling import shape_distribution
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings


def cut_of(row, settings):
    row = np.array(row)
    return FilterCut(shape_distribution(row, NEUTRAL_SETTINGS), shape_distribution(row, settings))


@given(logits, wheel_settings)
def test_kept_and_removed_tokens_are_all_tokens(row, settings):
    cut = cut_of(row, settings)
    kept = [n for n, prob in enumerate(cut.kept.probs) if prob > 0]
    removed = [n for n, prob in enumerate(cut.kept.probs) if prob == 0]
    assert (cut.num_kept, cut.num_removed) == (len(kept), len(removed))
    assert cut.kept_prob == pytest.approx(fsum(cut.raw.probs[kept]), abs=1e-12)
    assert cut.removed_prob == pytest.approx(fsum(cut.raw.probs[removed]), abs=1e-12)
    assert cut.kept_prob + cut.removed_prob == pytest.approx(1)


def test_a_tiny_removed_share_is_not_lost_in_rounding():
    cut = cut_of([0.0, -50.0], WheelSettings(top_k=1))
    assert cut.kept_prob == pytest.approx(1, abs=1e-15)
    assert cut.removed_prob == pytest.approx(1.9287498479639178e-22, rel=1e-9)


def test_the_favourite_grows_by_what_is_removed():
    cut = cut_of(distribution_of(0.5, 0.3, 0.2).logits, WheelSettings(top_k=2))
    assert cut.raw_favourite_prob == pytest.approx(0.5)
    assert cut.kept_favourite_prob == pytest.approx(0.5 / 0.8)
    assert cut.removed_prob == pytest.approx(0.2)


def test_a_filter_that_cuts_nothing_keeps_exactly_everything():
    cut = cut_of([1.0, 0.7, 0.3], NEUTRAL_SETTINGS)
    assert (cut.kept_prob, cut.removed_prob, cut.num_removed) == (1.0, 0.0, 0)
