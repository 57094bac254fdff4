"""The wheel at every step of one setting's slider, for a picture that follows the slider."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from wheel.domain.distribution import FloatArray, IntArray
from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.wheel_settings import AnySettingSpec, WheelSettings


@dataclass(frozen=True, slots=True)
class SliderStep:
    """The wheel at one value of the slider. Its token ids are 0-based ranks."""

    value: float
    wheel: Wheel


@dataclass(frozen=True, eq=False)
class SliderSteps:
    """The wheels at the steps of a slider, while all other settings stay.

    Temperature keeps the order of the tokens, and every filter keeps the first of them. So the
    logits are sorted once for all steps, and the segments of each step begin with the same tokens.

    logits: (vocabulary_size,) raw float32 logits of the next token.
    """

    logits: FloatArray
    settings: WheelSettings
    spec: AnySettingSpec
    ranked_token_ids: IntArray  # (vocabulary_size,) by rank

    @classmethod
    def of(cls, logits: FloatArray, settings: WheelSettings, spec: AnySettingSpec) -> "SliderSteps":
        return cls(logits, settings, spec, np.argsort(-logits, kind="stable"))

    def __iter__(self) -> Iterator[SliderStep]:
        """The steps in ascending order, without those that exceed the vocabulary."""
        ranked_logits = self.logits[self.ranked_token_ids]
        for value in self.spec.slider_values:
            settings = self.settings.with_overrides({self.spec.name: value})
            if settings.top_k <= len(ranked_logits):
                shaped = shape_distribution(ranked_logits, settings)
                yield SliderStep(value, Wheel(shaped, settings.threshold))
