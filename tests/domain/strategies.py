"""Hypothesis strategies for logits, settings, distributions and wheels, ties included."""

import math

import numpy as np
from hypothesis import strategies as st

from wheel.domain.distribution import Distribution
from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.spin import LARGEST_U
from wheel.domain.wheel_settings import WheelSettings

EXTREME = 1e4

temperatures = st.floats(0.001, 100)
thresholds = st.one_of(st.sampled_from([0.0, 0.01, 0.5, 1.0]), st.floats(0, 1))
uniforms = st.one_of(st.sampled_from([0.0, LARGEST_U]), st.floats(0, LARGEST_U))

mild = st.floats(-20, 20, width=32)
few_values = st.sampled_from([-1.0, 0.0, 0.5, 0.5000001, 3.0])
nearly_equal = st.integers(-4, 4).map(lambda steps: steps * 2.0**-54)
extreme = st.floats(-EXTREME, EXTREME, width=32)


def as_row(values):
    return np.array(values, dtype=np.float32)


logits = st.one_of(
    st.lists(mild, min_size=1, max_size=60).map(as_row),
    st.lists(few_values, min_size=1, max_size=60).map(as_row),
    st.lists(st.one_of(nearly_equal, mild), min_size=1, max_size=20).map(np.array),
    st.lists(extreme, min_size=1, max_size=60).map(as_row),
)

# Far enough apart that no temperature makes two of them equal.
rounded_logits = logits.map(lambda row: np.round(row.astype(np.float64), 4))

wheel_settings = st.builds(
    WheelSettings,
    threshold=thresholds,
    temperature=temperatures,
    top_k=st.integers(0, 70),
    top_p=st.floats(0, 1, exclude_min=True),
    min_p=st.floats(0, 1),
)


@st.composite
def distributions(draw):
    return shape_distribution(draw(logits), draw(wheel_settings))


@st.composite
def wheels(draw):
    return Wheel(draw(distributions()), draw(thresholds))


@st.composite
def wheels_with_other(draw):
    """Wheels whose threshold is just above one token's probability, so that Other has a share."""
    distribution = draw(distributions())
    possible = distribution.ranked_probs[distribution.ranked_probs > 0]
    return Wheel(distribution, math.nextafter(draw(st.sampled_from(possible.tolist())), 2))


def distribution_of(*probs):
    """The distribution with these probabilities, by token id."""
    return Distribution.from_logits(np.log(np.array(probs)))


def wheel_of(*probs, threshold=0.01):
    return Wheel(distribution_of(*probs), threshold)
