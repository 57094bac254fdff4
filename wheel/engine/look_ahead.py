"""Look-ahead: selection of contexts to compute before a client requests them.

Prefetching comes first: the contexts that spins have just made, whose wheels the clients will
request within seconds. Speculation comes second: the likeliest children of the contexts whose
wheels are on show, since the next spin probably leads to one of them.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wheel.engine.arrays import Logits
from wheel.engine.request import ContextKey, InferenceRequest

MAX_PREFETCHES = 64
MAX_SHOWN_CONTEXTS = 32
SPECULATION_DELAY_S = 0.2  # do not speculate about wheels that are clicked away at once

IsKnown = Callable[[ContextKey], bool]


@dataclass(frozen=True, slots=True)
class Hint:
    """A context that a client has requested or a spin has made, as input for look-ahead.

    is_prefetch   whether its logits have not been requested yet, but soon will be
    row           its logits if they are cached; then its wheel is on show from `time_s` on
    time_s        on the engine's clock
    """

    key: ContextKey
    is_prefetch: bool = False
    row: Logits | None = None
    time_s: float = 0.0


@dataclass(frozen=True, eq=False)
class ShownContext:
    """A context whose wheel is on show; speculation about its children starts at `due_at_s`."""

    key: ContextKey
    row: Logits
    due_at_s: float
    num_children: int

    @cached_property
    def children(self) -> list[ContextKey]:
        """The context followed by each of its most probable tokens, the most probable first.
        Computed at the first use only, since ranking 50,000 logits takes time."""
        model_id, token_ids = self.key
        head = np.argpartition(self.row, -self.num_children)[-self.num_children :]
        ranked = head[np.argsort(-self.row[head])].tolist()
        return [(model_id, (*token_ids, token_id)) for token_id in ranked]


class LookAhead:
    """Not thread-safe: only the engine's thread uses it. Times are those of the engine's clock.

    num_children: how many of a shown context's children to compute; 0 switches speculation off.
    """

    def __init__(self, *, num_children: int) -> None:
        self._num_children = num_children
        self._prefetches: deque[ContextKey] = deque(maxlen=MAX_PREFETCHES)
        self._shown: dict[ContextKey, ShownContext] = {}  # the newest last

    def prefetch(self, key: ContextKey) -> None:
        """Queue a context that a session has just reached."""
        self._prefetches.append(key)

    def start_speculation(self, key: ContextKey, row: Logits, *, now: float) -> None:
        """The wheel of this context is on show from now on; `row` holds its logits."""
        if self._num_children:
            self._shown.pop(key, None)
            due_at_s = now + SPECULATION_DELAY_S
            self._shown[key] = ShownContext(key, row, due_at_s, self._num_children)
            if len(self._shown) > MAX_SHOWN_CONTEXTS:
                del self._shown[next(iter(self._shown))]

    def stop_speculation_on_parent(self, key: ContextKey) -> None:
        """A session has reached this context, so its parent's wheel is no longer on show."""
        model_id, token_ids = key
        self._shown.pop((model_id, token_ids[:-1]), None)

    def next_requests(
        self, is_known: IsKnown, *, now: float, max_requests: int
    ) -> list[InferenceRequest]:
        """The contexts to compute in the next pass, the newest first: all prefetches together, or,
        without any, one child of a shown context. A single child needs no copy of its prefix."""
        while self._prefetches:
            num_keys = min(max_requests, len(self._prefetches))
            keys = [self._prefetches.pop() for _ in range(num_keys)]
            if unknown := [key for key in dict.fromkeys(keys) if not is_known(key)]:
                return [InferenceRequest(*key, is_look_ahead=True) for key in unknown]
        due = [context for context in self._shown.values() if context.due_at_s <= now]
        for context in reversed(due):
            for key in context.children:
                if not is_known(key):
                    return [InferenceRequest(*key, is_look_ahead=True, is_speculative=True)]
            del self._shown[context.key]
        return []

    def seconds_to_next(self, now: float) -> float | None:
        """Seconds until a shown context is due; None if there is none."""
        due_times = [context.due_at_s for context in self._shown.values()]
        return max(0.0, min(due_times) - now) if due_times else None
