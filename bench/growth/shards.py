"""Growth beyond one simulation, by equal shards.

A session is on one engine replica and in one Redis, and a web process keeps nothing of it. So
sessions of two shards never wait for each other, and n shards are n times one: one is simulated.
"""

from dataclasses import dataclass
from math import ceil

from bench.growth.service_times import ClickTimes, ServiceTimes
from bench.growth.simulation import percentile
from bench.growth.sizing import (
    Assumptions,
    Sized,
    is_one_process,
    num_cores,
    num_database_cores,
    smallest_deployment,
)

LARGEST_SIMULATION = 128  # active classes in one simulation
SHARD_CLASSES = 64  # active classes of a shard


@dataclass(frozen=True, slots=True)
class Plan:
    """A deployment for a number of students.

    num_active  students active at once
    num_shards  1 if all of them were simulated
    shard       each shard
    cores       of all shards and the database
    price       of all cores for an hour
    """

    num_students: int
    num_active: int
    num_shards: int
    shard: Sized
    cores: int
    price: float

    @property
    def num_web(self) -> int:
        return self.num_shards * self.shard.deployment.num_web

    @property
    def num_replicas(self) -> int:
        return self.num_shards * self.shard.deployment.num_replicas

    @property
    def price_per_active_student(self) -> float:
        """Price of the peak hour for each student who is active in it."""
        return self.price / self.num_active

    @property
    def result_p95_s(self) -> float:
        return percentile(self.shard.outcome.result_s, 95)

    @property
    def wheel_p95_s(self) -> float:
        return percentile(self.shard.outcome.wheel_s, 95)


def plan(
    num_students: int, assumptions: Assumptions, times: ServiceTimes, click: ClickTimes
) -> Plan:
    """Raises `TargetOutOfReachError`."""
    num_active_classes = assumptions.num_active_classes(ceil(num_students / assumptions.class_size))
    num_shards = 1
    if num_active_classes > LARGEST_SIMULATION:
        num_shards = ceil(num_active_classes / SHARD_CLASSES)
    simulated_classes = num_active_classes if num_shards == 1 else SHARD_CLASSES
    num_simulated = simulated_classes * assumptions.class_size
    shard = smallest_deployment(num_simulated, assumptions, times, click)
    num_active = num_active_classes * assumptions.class_size
    cores = num_shards * num_cores(shard, assumptions, times, click)
    if not is_one_process(shard.deployment):
        cores += num_database_cores(num_active)
    return Plan(
        num_students, num_active, num_shards, shard, cores, cores * assumptions.core_hour_price
    )
