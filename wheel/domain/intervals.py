"""Confidence intervals of a probability that was estimated by counting."""

from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)  # 1.96 standard deviations


def wilson_interval(count: int, num_draws: int) -> tuple[float, float]:
    """The 95 % score interval of a probability, of which `count` of `num_draws` draws were a hit.

    It stays inside [0, 1] and has a width also at a count of 0. Without draws it is (0, 1).

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    1927.
    """
    if not num_draws:
        return 0.0, 1.0
    frequency = count / num_draws
    shrinkage = 1 + Z**2 / num_draws
    centre = (frequency + Z**2 / (2 * num_draws)) / shrinkage
    variance = frequency * (1 - frequency) / num_draws + Z**2 / (4 * num_draws**2)
    half_width = Z * sqrt(variance) / shrinkage
    low = centre - half_width if count else 0.0
    high = centre + half_width if count < num_draws else 1.0
    return low, high
