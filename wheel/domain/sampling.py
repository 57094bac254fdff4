"""The settings of a wheel, and how the filters reshape a distribution.

Temperature comes first, then top-k, top-p and min-p, each on what the one before it left over;
the survivors share the whole circle. Every filter keeps the head of the ranking, so all of them
together come down to one number: how many tokens are kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from wheel.domain.distribution import Distribution, FloatArray
from wheel.errors import InvalidFieldsError

MAX_TEMPERATURE = 100.0


@dataclass(frozen=True, slots=True)
class WheelSettings:
    """What a wheel was drawn with. The defaults show the model's own distribution.

    threshold    in [0, 1]: tokens at least this probable get a segment of their own
    temperature  in (0, 100]: divides the logits; below 1 sharpens, above 1 flattens
    top_k        0 (off) or the number of most probable tokens to keep
    top_p        in (0, 1]: keep the fewest tokens that together reach this probability
    min_p        in [0, 1]: keep tokens at least this fraction of the top probability

    Raises `InvalidFieldsError`, with a sentence a field, for anything out of range.
    """

    threshold: float = 0.01
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        errors = {
            name: [sentence]
            for name, (is_valid, sentence) in _RANGES.items()
            if not is_valid(getattr(self, name))
        }
        if errors:
            raise InvalidFieldsError(errors)

    def with_overrides(self, overrides: Mapping[str, float]) -> Self:
        """The same settings with some replaced; an override that is not given changes nothing."""
        return replace(self, **overrides)  # type: ignore[arg-type]  # top_k is an int

    def check_vocabulary(self, vocabulary_size: int) -> None:
        """Raise `InvalidFieldsError` where `top_k` exceeds the vocabulary."""
        if self.top_k > vocabulary_size:
            sentence = f"Must be at most the vocabulary size, {vocabulary_size}; got {self.top_k}."
            raise InvalidFieldsError({"top_k": [sentence]})

    @property
    def reshapes(self) -> bool:
        """Whether the wheel differs from the model's own distribution; the threshold only cuts."""
        return (self.temperature, self.top_k, self.top_p, self.min_p) != (1.0, 0, 1.0, 0.0)

    def as_dict(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in SETTING_NAMES}


SETTING_NAMES = tuple(field.name for field in fields(WheelSettings))

_RANGES: dict[str, tuple[Callable[[float], bool], str]] = {
    "threshold": (lambda value: 0 <= value <= 1, "Must be between 0 and 1."),
    "temperature": (
        lambda value: 0 < value <= MAX_TEMPERATURE,
        "Must be greater than 0 and at most 100.",
    ),
    "top_k": (
        lambda value: isinstance(value, int) and value >= 0,
        "Must be 0 (off) or a number of tokens.",
    ),
    "top_p": (lambda value: 0 < value <= 1, "Must be greater than 0 and at most 1."),
    "min_p": (lambda value: 0 <= value <= 1, "Must be between 0 and 1."),
}

NEUTRAL_SETTINGS = WheelSettings()


def shape_distribution(logits: FloatArray, settings: WheelSettings) -> Distribution:
    """The distribution that a wheel with these settings draws from.

    logits: (vocabulary_size,) raw float32 logits of the next token.
    """
    distribution = Distribution.from_logits(logits, temperature=settings.temperature)
    num_kept = distribution.vocabulary_size
    if settings.top_k:
        num_kept = min(num_kept, settings.top_k)
    if settings.top_p < 1:
        num_kept = num_kept_by_top_p(distribution.ranked_probs[:num_kept], settings.top_p)
    if settings.min_p > 0:
        num_kept = num_kept_by_min_p(distribution.ranked_probs[:num_kept], settings.min_p)
    return distribution.truncate(num_kept)


def num_kept_by_top_p(ranked_probs: FloatArray, top_p: float) -> int:
    """The size of the nucleus: the fewest tokens whose share reaches `top_p`, at least one.

    The share is of what earlier filters left over, as transformers and vLLM count it.
    Source: Holtzman et al., "The Curious Case of Neural Text Degeneration", 2020.
    """
    cumulative = np.cumsum(ranked_probs)
    reached = np.searchsorted(cumulative, top_p * cumulative[-1], side="left")
    return min(int(reached) + 1, len(ranked_probs))


def num_kept_by_min_p(ranked_probs: FloatArray, min_p: float) -> int:
    """How many tokens are at least `min_p` times as probable as the first.

    Source: Nguyen et al., "Turning Up the Heat: Min-p Sampling", 2024.
    """
    return int(np.count_nonzero(ranked_probs >= min_p * ranked_probs[0]))
