"""Students who click, on simulated web processes and engine replicas, and their latencies.

A click is two requests, as on the wheel page and in `bench.school`: the spin, whose logits are
cached since its wheel is on show, and the wheel of the next token, whose logits an engine replica
computes. A session stays on one replica; each request goes to a random web process.
"""

import random
from dataclasses import dataclass

import simpy

from bench.growth.queues import EngineReplica, Process, WebProcess
from bench.growth.service_times import ClickTimes, RequestTimes, ServiceTimes

NUM_CACHED = 1300  # contexts of 49,152 logits in the default 256 MB of the logits cache
NUM_HOPS = 1  # from the proxy to a web process


@dataclass(frozen=True, slots=True)
class Load:
    """num_students     active at once
    think_s          mean seconds from the next wheel to the next click
    is_think_random  exponential, for students; otherwise constant, as in `bench.school`
    warm_up_s        clicks before it do not count
    duration_s       of the clicks that count
    """

    num_students: int
    think_s: float = 3.0
    is_think_random: bool = True
    warm_up_s: float = 10.0
    duration_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Deployment:
    num_web: int
    num_replicas: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Latencies of the counted clicks, sorted.

    num_clicks    all, with those of the warm-up
    num_answered  answered with a result and the next wheel, of all
    result_s      seconds from each click to its result
    wheel_s       seconds from each result to the next wheel
    clicks_per_s  counted clicks a second
    web_load      share of the time in which the web processes computed
    engine_load   share of the replicas' throughput with full batches that was used
    """

    num_clicks: int
    num_answered: int
    result_s: list[float]
    wheel_s: list[float]
    clicks_per_s: float
    web_load: float
    engine_load: float


def percentile(ranked: list[float], percent: float) -> float:
    """The smallest value that at least this share of the sorted values does not exceed; 0 of
    none."""
    if not ranked:
        return 0.0
    return ranked[max(0, -int(-len(ranked) * percent // 100) - 1)]


def simulate(
    load: Load, deployment: Deployment, times: ServiceTimes, click: ClickTimes, seed: int = 1
) -> Outcome:
    """Simulate until all clicks of the duration are answered. The same arguments give the same
    outcome."""
    return School(load, deployment, times, click, seed).run()


class School:
    """One simulation. Each student has random numbers of their own, so that two deployments get
    the same students."""

    def __init__(
        self,
        load: Load,
        deployment: Deployment,
        times: ServiceTimes,
        click: ClickTimes,
        seed: int,
    ) -> None:
        self._load, self._times, self._click, self._seed = load, times, click, seed
        self._env = simpy.Environment()
        self._end_s = load.warm_up_s + load.duration_s
        self._web = [WebProcess(self._env) for _ in range(deployment.num_web)]
        passes = times.pass_times()
        self._replicas = [
            EngineReplica(self._env, passes, NUM_CACHED) for _ in range(deployment.num_replicas)
        ]
        self._num_clicks = self._num_answered = 0
        self._result_s: list[float] = []
        self._wheel_s: list[float] = []

    def run(self) -> Outcome:
        for number in range(self._load.num_students):
            generator = random.Random(f"{self._seed}/{number}")  # noqa: S311 - no secret
            self._env.process(self._student(generator))
        self._env.run(until=self._end_s)
        busy_s = sum(process.busy_s for process in self._web)
        num_computed = sum(replica.num_computed for replica in self._replicas)
        self._env.run()  # until the last answers
        capacity = len(self._replicas) * self._times.wheels_per_s() * self._end_s
        return Outcome(
            num_clicks=self._num_clicks,
            num_answered=self._num_answered,
            result_s=sorted(self._result_s),
            wheel_s=sorted(self._wheel_s),
            clicks_per_s=len(self._result_s) / self._load.duration_s,
            web_load=busy_s / (len(self._web) * self._end_s),
            engine_load=num_computed / capacity,
        )

    def _student(self, generator: random.Random) -> Process:
        replica = self._replicas[int(generator.random() * len(self._replicas))]
        yield self._env.timeout(generator.random() * self._load.think_s)
        shown: int = yield replica.compute()  # the wheel of the prompt
        while self._env.now < self._end_s:
            clicked_at = self._env.now
            self._num_clicks += 1
            yield from self._request(self._click.spin, generator)
            if not replica.has(shown):
                yield replica.compute()
            landed_at = self._env.now
            yield from self._request(self._click.wheel, generator)
            shown = yield replica.compute()
            self._num_answered += 1
            if clicked_at >= self._load.warm_up_s:
                self._result_s.append(landed_at - clicked_at)
                self._wheel_s.append(self._env.now - landed_at)
            yield self._env.timeout(self._think_s(generator))

    def _request(self, request: RequestTimes, generator: random.Random) -> Process:
        """All of a request but the wait for its logits. The times between processes are constant,
        so one sum of them does."""
        process = self._web[int(generator.random() * len(self._web))]
        yield process.work(request.cpu_s)
        num_hops = NUM_HOPS + request.num_commands + 1  # one to the engine
        yield self._env.timeout(num_hops * self._times.hop_s + self._times.transfer_s)

    def _think_s(self, generator: random.Random) -> float:
        random_s = generator.expovariate(1 / self._load.think_s)
        return random_s if self._load.is_think_random else self._load.think_s
