"""The same luck on several wheels, against one stop at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.replayed_luck import TEMPERATURES, ReplayedLuck
from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.simulated_draws import seeded_us
from wheel.domain.spin import Spin
from wheel.domain.wheel_settings import WheelSettings

logits = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=40).map(
    lambda values: np.array(values, dtype=np.float32)
)
seeds = st.integers(0, 2**53 - 1)


def wheels_of(logits, **settings):
    return [
        Wheel(shape_distribution(logits, WheelSettings(temperature=t, **settings)), 0.05)
        for t in TEMPERATURES
    ]


@given(logits, seeds, st.integers(1, 20), st.sampled_from([0, 1, 3]))
def test_every_stop_is_the_spin_at_its_u(logits, seed, num_us, top_k):
    wheels = wheels_of(logits, top_k=min(top_k, len(logits)))
    luck = ReplayedLuck.from_seed(wheels, num_us, seed)
    for row, u in enumerate(seeded_us(seed, num_us).tolist()):
        for column, wheel in enumerate(wheels):
            token_id = Spin.at(wheel, u).token_id
            assert luck.token_ids[row, column] == token_id
            assert luck.ranks[row, column] == wheel.distribution.rank_of(token_id)


@given(logits, seeds)
def test_a_higher_temperature_never_stops_at_a_likelier_rank(logits, seed):
    """The first tokens together have less and less of the circle."""
    ranks = ReplayedLuck.from_seed(wheels_of(logits), 20, seed).ranks
    assert (np.diff(ranks, axis=1) >= 0).all()


@given(logits, seeds)
def test_more_stops_go_on_where_fewer_end(logits, seed):
    wheels = wheels_of(logits)
    one, twenty = (ReplayedLuck.from_seed(wheels, num, seed) for num in (1, 20))
    assert twenty.token_ids[:1].tolist() == one.token_ids.tolist()


@given(logits, seeds)
def test_different_and_changed_tokens_are_counted(logits, seed):
    luck = ReplayedLuck.from_seed(wheels_of(logits), 20, seed)
    columns = luck.token_ids.T.tolist()
    assert luck.nums_different == [len(set(column)) for column in columns]
    pairs = zip(columns[2], columns[4], strict=True)
    assert luck.num_changed(2, 4) == sum(one != other for one, other in pairs)


@given(logits)
def test_the_probability_of_a_change_is_that_of_a_fine_grid_of_angles(logits):
    model, hot = wheels_of(logits)[2], wheels_of(logits)[4]
    luck = ReplayedLuck((model, hot), (np.arange(20_000) + 0.5) / 20_000)
    assert luck.prob_of_change(0, 1) == pytest.approx(luck.num_changed(0, 1) / 20_000, abs=0.005)
    assert luck.prob_of_change(0, 0) == pytest.approx(0, abs=1e-12)
