"""Forward passes under the control of a test."""

import threading
from dataclasses import dataclass, field

import numpy as np

BOUND_S = 20  # nothing here takes that long; a test that hangs ends by it


@dataclass
class GatedForward:
    """A forward pass that answers its first token id, once the test has opened the gate."""

    entered: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    answered: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def __call__(self, model, token_ids):
        self.threads.add(threading.get_ident())
        self.entered.set()
        assert self.gate.wait(BOUND_S)
        if token_ids[0] < 0:
            raise RuntimeError("no such token")
        self.answered.append(token_ids[0])
        return np.array([token_ids[0]], dtype=np.float32)


def answer(future):
    """What `GatedForward` was asked."""
    return int(future.result(BOUND_S)[0])
