"""The queues of a deployment: web processes, each of which uses one core, and engine replicas, each
of which computes all waiting contexts in one forward pass."""

from collections import deque
from collections.abc import Generator, Sequence
from typing import Any

import simpy

Process = Generator[simpy.Event, Any, None]


class WebProcess:
    """First in, first out, one request at a time: threads of one Python process share one core."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._free_at = 0.0
        self._given_s = 0.0

    def work(self, cpu_s: float) -> simpy.Event:
        """An event at the time when this request has been computed."""
        self._free_at = max(self._env.now, self._free_at) + cpu_s
        self._given_s += cpu_s
        return self._env.timeout(self._free_at - self._env.now)

    @property
    def busy_s(self) -> float:
        """Seconds of computing until now, without those of the requests that still wait."""
        return self._given_s - max(0.0, self._free_at - self._env.now)


class EngineReplica:
    """A batch server. `pass_times[b - 1]` is the time in seconds of a forward pass for b contexts;
    the length is the largest batch. Its cache has the logits of the last `num_cached` contexts.
    """

    def __init__(
        self, env: simpy.Environment, pass_times: Sequence[float], num_cached: int
    ) -> None:
        self._env = env
        self._pass_times = pass_times
        self._num_cached = num_cached
        self._waiting: deque[simpy.Event] = deque()
        self._wake_up: simpy.Event | None = None
        self.num_computed = 0
        env.process(self._serve())

    def compute(self) -> simpy.Event:
        """An event at the time when the logits of a new context have been computed. Its value is
        the number of the context in this replica, from 1."""
        done = self._env.event()
        self._waiting.append(done)
        if self._wake_up is not None:
            self._wake_up.succeed()
            self._wake_up = None
        return done

    def has(self, context_number: int) -> bool:
        """Whether the logits of this context are still cached."""
        return self.num_computed - context_number < self._num_cached

    def _serve(self) -> Process:
        while True:
            if not self._waiting:
                self._wake_up = self._env.event()
                yield self._wake_up
            size = min(len(self._waiting), len(self._pass_times))
            batch = [self._waiting.popleft() for _ in range(size)]
            yield self._env.timeout(self._pass_times[size - 1])
            for done in batch:
                self.num_computed += 1
                done.succeed(self.num_computed)
