"""The smallest deployment that reaches the targets in the peak hour, its cores and its price."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

from scipy.stats import binom

from bench.growth.service_times import ClickTimes, ServiceTimes
from bench.growth.simulation import Deployment, Load, Outcome, percentile, simulate

NUM_COUNTED_CLICKS = 20_000  # at least, within the bounds of the duration
DURATIONS_S = (30.0, 600.0)
STEPS_PER_SIZE = 20  # a search goes up by a twentieth of the number that it starts at
CERTAINTY = 0.99  # that no more classes are active than planned for
DATABASE_INTERVAL_S = 30.0  # between the writes of a session's row
DATABASE_CPU_S = 0.001  # of PostgreSQL for such a write: assumed, not measured


@dataclass(frozen=True, slots=True)
class Assumptions:
    """active_share     of the classes that have a lesson with the wheel in the peak hour; all
                     students of such a class click without a pause
    think_s          mean seconds from the next wheel to the next click
    result_target_s  bound of the 95th percentile from a click to its result
    wheel_target_s   the same from the result to the next wheel, while the wheel turns for 2.4 s
    max_load         share of the web processes' time and of the engine's throughput
    core_hour_price  assumed price of one core for an hour, in any currency
    """

    class_size: int = 30
    active_share: float = 0.1
    think_s: float = 3.0
    result_target_s: float = 0.5
    wheel_target_s: float = 1.0
    max_load: float = 0.8
    core_hour_price: float = 0.05
    seed: int = 1

    def num_active_classes(self, num_classes: int) -> int:
        """The quantile of a binomial distribution: each class has its lesson by chance, so that of
        few classes a larger share can be active at the same moment."""
        return max(1, int(binom.ppf(CERTAINTY, num_classes, self.active_share)))

    def is_met_by(self, outcome: Outcome) -> bool:
        return (
            percentile(outcome.result_s, 95) <= self.result_target_s
            and percentile(outcome.wheel_s, 95) <= self.wheel_target_s
            and outcome.web_load <= self.max_load
            and outcome.engine_load <= self.max_load
        )


@dataclass(frozen=True, slots=True)
class Sized:
    """A deployment for so many active students, with its simulated outcome."""

    num_active: int
    deployment: Deployment
    outcome: Outcome


class TargetOutOfReachError(Exception):
    """No number of processes reaches the targets: a lone student waits too long already."""


def smallest_deployment(
    num_active: int, assumptions: Assumptions, times: ServiceTimes, click: ClickTimes
) -> Sized:
    """First the web processes, with engine replicas in abundance, then the replicas. Raises
    `TargetOutOfReachError`."""
    load = Load(num_active, assumptions.think_s, duration_s=duration_s(num_active, assumptions))
    most_clicks_per_s = num_active / assumptions.think_s
    abundance = 1 + ceil(most_clicks_per_s * times.pass_s[1])  # suffice without batches

    def sized(deployment: Deployment) -> Sized:
        outcome = simulate(load, deployment, times, click, assumptions.seed)
        return Sized(num_active, deployment, outcome)

    def first_good(num_first: int, num_last: int, make: Callable[[int], Deployment]) -> Sized:
        for number in steps(num_first, num_last):
            tried = sized(make(number))
            if assumptions.is_met_by(tried.outcome):
                return tried
        raise TargetOutOfReachError(f"{num_active} students: not with {num_last} processes")

    clicks_per_s = num_active / (assumptions.think_s + assumptions.wheel_target_s)
    num_web = ceil(clicks_per_s * click.cpu_s / assumptions.max_load)
    most_web = num_web + num_active
    with_web = first_good(num_web, most_web, lambda number: Deployment(number, abundance))
    num_web = with_web.deployment.num_web
    num_replicas = ceil(clicks_per_s / times.wheels_per_s())
    return first_good(num_replicas, abundance, lambda number: Deployment(num_web, number))


def duration_s(num_active: int, assumptions: Assumptions) -> float:
    shortest_s, longest_s = DURATIONS_S
    return min(longest_s, max(shortest_s, NUM_COUNTED_CLICKS * assumptions.think_s / num_active))


def steps(num_first: int, num_last: int) -> Iterator[int]:
    """From 1 on, by one or by a twentieth, with `num_last` as the last."""
    num_first = max(1, num_first)
    yield from range(num_first, num_last, max(1, num_first // STEPS_PER_SIZE))
    yield num_last


def num_cores(
    sized: Sized, assumptions: Assumptions, times: ServiceTimes, click: ClickTimes
) -> int:
    """Of web processes, engine replicas and Redis. One web process with one replica is one process
    with the embedded database, without Redis."""
    deployment = sized.deployment
    cores = deployment.num_web + deployment.num_replicas * times.engine_threads
    if is_one_process(deployment):
        return cores
    return cores + ceil(sized.outcome.clicks_per_s * click.store_cpu_s / assumptions.max_load)


def num_database_cores(num_active: int) -> int:
    return ceil(num_active / DATABASE_INTERVAL_S * DATABASE_CPU_S)


def is_one_process(deployment: Deployment) -> bool:
    return deployment == Deployment(num_web=1, num_replicas=1)
