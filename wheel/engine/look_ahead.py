"""What will probably be asked for next, so that idle time is not wasted.

First come the contexts that a spin has just made: their wheel is shown as soon as this one has
stopped turning. Then the likeliest children of the wheels on show: one of them is the next spin.
"""

from collections import deque
from collections.abc import Callable, Iterator

import numpy as np

from wheel.engine.request import ContextKey, InferenceRequest, Logits

MAX_HINTS = 64
MAX_WHEELS = 32


class LookAhead:
    """num_children: how many of a wheel's tokens to follow; 0 for none."""

    def __init__(self, *, num_children: int) -> None:
        self._num_children = num_children
        self._hints: deque[ContextKey] = deque(maxlen=MAX_HINTS)
        self._children: deque[Iterator[ContextKey]] = deque(maxlen=MAX_WHEELS)

    def expect(self, key: ContextKey) -> None:
        """A context that somebody has just made."""
        self._hints.append(key)

    def show(self, key: ContextKey, row: Logits) -> None:
        """A wheel that somebody now looks at."""
        if self._num_children:
            self._children.append(likeliest_children(key, row, self._num_children))

    def next_request(self, is_known: Callable[[ContextKey], bool]) -> InferenceRequest | None:
        """The context most worth computing that is not known yet; the newest come first."""
        while self._hints:
            if not is_known(key := self._hints.pop()):
                return InferenceRequest(*key, is_look_ahead=True)
        while self._children:
            for key in self._children[-1]:
                if not is_known(key):
                    return InferenceRequest(*key, is_look_ahead=True, is_guess=True)
            self._children.pop()
        return None


def likeliest_children(key: ContextKey, row: Logits, num_children: int) -> Iterator[ContextKey]:
    """The context followed by its most probable tokens. Sorted only when it comes to it."""
    model_id, token_ids = key
    head = np.argpartition(row, -num_children)[-num_children:]
    for token_id in head[np.argsort(-row[head])]:
        yield model_id, (*token_ids, int(token_id))
