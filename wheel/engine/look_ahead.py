"""What will probably be asked for next, so that idle time is not wasted.

First come the contexts that a spin has just made: their wheel is shown as soon as this one has
stopped turning. Then the likeliest children of the wheels on show: one of them is the next spin.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wheel.engine.request import ContextKey, InferenceRequest, Logits

MAX_HINTS = 64
MAX_WHEELS = 32
REST_S = 0.2  # a wheel that somebody only passes by is not worth guessing about

IsKnown = Callable[[ContextKey], bool]


@dataclass(frozen=True, eq=False)
class ShownWheel:
    key: ContextKey
    row: Logits
    due_at: float
    num_children: int

    @cached_property
    def children(self) -> list[ContextKey]:
        """The context followed by its most probable tokens, the most probable first. Sorted only
        when it comes to it, and once."""
        model_id, token_ids = self.key
        head = np.argpartition(self.row, -self.num_children)[-self.num_children :]
        ranked = head[np.argsort(-self.row[head])].tolist()
        return [(model_id, (*token_ids, token_id)) for token_id in ranked]


class LookAhead:
    """num_children: how many of a wheel's tokens to follow; 0 for none. Times are those of the
    engine's clock, in seconds."""

    def __init__(self, *, num_children: int) -> None:
        self._num_children = num_children
        self._hints: deque[ContextKey] = deque(maxlen=MAX_HINTS)
        self._shown: dict[ContextKey, ShownWheel] = {}  # the newest last

    def prefetch(self, key: ContextKey) -> None:
        """A context that somebody has just made."""
        self._hints.append(key)

    def show(self, key: ContextKey, row: Logits, *, now: float) -> None:
        """A wheel that somebody now looks at."""
        if self._num_children:
            self._shown.pop(key, None)
            self._shown[key] = ShownWheel(key, row, now + REST_S, self._num_children)
            if len(self._shown) > MAX_WHEELS:
                del self._shown[next(iter(self._shown))]

    def pass_by(self, key: ContextKey) -> None:
        """Somebody asks for this context: the wheel before it is no longer looked at."""
        model_id, token_ids = key
        self._shown.pop((model_id, token_ids[:-1]), None)

    def next_requests(
        self, is_known: IsKnown, *, now: float, max_requests: int
    ) -> list[InferenceRequest]:
        """The contexts most worth computing in one pass, the newest first: all that are expected
        together, or else one child of a wheel, which needs no copy of what is before it."""
        while self._hints:
            keys = [self._hints.pop() for _ in range(min(max_requests, len(self._hints)))]
            if unknown := [key for key in dict.fromkeys(keys) if not is_known(key)]:
                return [InferenceRequest(*key, is_look_ahead=True) for key in unknown]
        for wheel in reversed([wheel for wheel in self._shown.values() if wheel.due_at <= now]):
            for key in wheel.children:
                if not is_known(key):
                    return [InferenceRequest(*key, is_look_ahead=True, is_speculative=True)]
            del self._shown[wheel.key]
        return []

    def seconds_to_next(self, now: float) -> float | None:
        """How long there will be nothing to do; None where something has to happen first."""
        first = next(iter(self._shown.values()), None)
        return None if first is None else max(0.0, first.due_at - now)
