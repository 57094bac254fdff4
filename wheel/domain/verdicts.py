"""Verdicts on counts: which counts may be called more, or less, than expected.

A wall shows many segments, and a class watches it spin by spin. A verdict is therefore corrected
for the number of segments, and for looking again after every draw (decision 0035).
"""

from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, exp, floor, inf, lgamma, log, log1p

MAX_ERROR_PROB = 0.05


class Verdict(StrEnum):
    """How a count differs from the expected one."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class TellingCounts:
    """The counts that get a verdict: those up to `largest_less`, and those from `smallest_more` on.
    None if no count does, since there are too few draws."""

    largest_less: int | None
    smallest_more: int | None


def verdict_of(count: int, num_draws: int, prob: float, num_compared: int) -> Verdict | None:
    """The verdict on a segment of probability `prob` that `count` of `num_draws` draws hit; None if
    chance explains the count.

    num_compared: the number of segments that are looked at together.

    If all draws are independent and follow the wheel, the probability that any segment of it gets
    a verdict, after any number of draws, is at most `MAX_ERROR_PROB`.
    """
    if not is_telling(count, num_draws, prob, num_compared):
        return None
    return Verdict.MORE if count > num_draws * prob else Verdict.LESS


def telling_counts(num_draws: int, prob: float, num_compared: int) -> TellingCounts:
    """All counts with a verdict, for a segment of this probability."""

    def is_told(count: int) -> bool:
        return is_telling(count, num_draws, prob, num_compared)

    expected = num_draws * prob
    below = range(ceil(expected) - 1, -1, -1)  # away from the expected count, ever less likely
    above = range(floor(expected) + 1, num_draws + 1)
    less, more = (bisect_left(counts, x=True, key=is_told) for counts in (below, above))
    return TellingCounts(
        largest_less=below[less] if less < len(below) else None,
        smallest_more=above[more] if more < len(above) else None,
    )


def is_telling(count: int, num_draws: int, prob: float, num_compared: int) -> bool:
    """Whether (num_draws + 1) P(count) <= `MAX_ERROR_PROB` / num_compared, where P is binomial.

    For one segment, the probability that this holds after any number of draws is at most the right
    side: 1 / ((num_draws + 1) P(count)) is a martingale, the ratio of two probabilities of the
    draws so far, those of a segment of unknown width and of one that is `prob` wide.

    The left side is at least the p-value of the exact two-sided binomial test, since it adds P of
    every outcome that is at most as likely, at most num_draws + 1 of them.

    Source: H. Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", 1970.
    """
    log_limit = log(MAX_ERROR_PROB / num_compared / (num_draws + 1))
    return log_binomial_prob(count, num_draws, prob) <= log_limit


def log_binomial_prob(count: int, num_draws: int, prob: float) -> float:
    """The natural log of the probability of exactly `count` hits; -inf for an impossible count."""
    num_misses = num_draws - count
    if (prob <= 0 and count) or (prob >= 1 and num_misses):
        return -inf
    log_hits = count * log(prob) if count else 0.0
    log_misses = num_misses * log1p(-prob) if num_misses else 0.0
    log_orders = lgamma(num_draws + 1) - lgamma(count + 1) - lgamma(num_misses + 1)
    return log_orders + log_hits + log_misses


def missed_prob(prob: float, num_draws: int) -> float:
    """The probability (1 - prob)^num_draws that no draw hits a segment of this probability."""
    return exp(log_binomial_prob(0, num_draws, prob))
