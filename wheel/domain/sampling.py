"""The filters that reshape a distribution before a wheel is drawn from it.

Temperature comes first, then top-k, top-p and min-p, each applied to the tokens that the previous
one kept; the probabilities of the kept tokens are renormalised. Every filter keeps the first tokens
of the ranking, so the result of all filters is one number: the number of kept tokens.

A limit that is reached exactly counts as reached, although a computed sum may miss it by a rounding
error (decision 0022).
"""

import numpy as np

from wheel.domain.distribution import Distribution, FloatArray
from wheel.domain.wheel_settings import WheelSettings

# Relative error of a ratio of two probabilities: they come from float32 logits, and rounding
# changes one between 8 and 16 by up to 5e-7.
ROUNDING = 1e-6


def shape_distribution(logits: FloatArray, settings: WheelSettings) -> Distribution:
    """The distribution that a wheel with these settings draws from.

    logits: (vocabulary_size,) raw float32 logits of the next token.
    """
    distribution = Distribution.from_logits(logits, temperature=settings.temperature)
    num_kept = distribution.vocabulary_size
    if settings.top_k:
        num_kept = min(num_kept, settings.top_k)
    if settings.top_p < 1:
        num_kept = num_kept_by_top_p(distribution.first_probs(num_kept), settings.top_p)
    if settings.min_p > 0:
        num_kept = num_kept_by_min_p(distribution.first_probs(num_kept), settings.min_p)
    return distribution.truncate(num_kept)


def num_kept_by_top_p(ranked_probs: FloatArray, top_p: float) -> int:
    """The size of the nucleus: the fewest tokens whose share reaches `top_p`, at least one.

    A share of top_p * (1 - top_p) * ROUNDING less reaches it too: so much does a share change if
    the ratio of its tokens to the others changes by `ROUNDING`.

    ranked_probs: (num_kept,) descending, of the tokens that earlier filters kept. The share is of
    their sum, as transformers and vLLM compute it.
    Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020.
    """
    cumulative = np.cumsum(ranked_probs)
    limit = top_p - top_p * (1 - top_p) * ROUNDING
    reached = np.searchsorted(cumulative, limit * cumulative[-1], side="left")
    return min(int(reached) + 1, len(ranked_probs))


def num_kept_by_min_p(ranked_probs: FloatArray, min_p: float) -> int:
    """The number of tokens at least `min_p` times as probable as the first, up to `ROUNDING`.

    ranked_probs: (num_kept,) descending, of the tokens that earlier filters kept.
    Source: Nguyen et al., "Turning Up the Heat: Min-p Sampling", 2024.
    """
    limit = min_p * (1 - ROUNDING) * ranked_probs[0]
    return int(np.count_nonzero(ranked_probs >= limit))
