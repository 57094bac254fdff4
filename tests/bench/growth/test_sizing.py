"""Deployments by number of students, and growth by shards."""

from dataclasses import replace

import pytest

from bench.growth import shards
from bench.growth.shards import plan
from bench.growth.simulation import Deployment, Load, percentile, simulate
from bench.growth.sizing import (
    Assumptions,
    TargetOutOfReachError,
    num_cores,
    smallest_deployment,
    steps,
)

ASSUMPTIONS = Assumptions()


@pytest.fixture(autouse=True)
def short_simulations(monkeypatch):
    monkeypatch.setattr("bench.growth.sizing.DURATIONS_S", (10.0, 20.0))


def test_a_class_alone_is_active_and_of_many_classes_little_more_than_the_share():
    assert ASSUMPTIONS.num_active_classes(1) == 1
    assert 2 <= ASSUMPTIONS.num_active_classes(10) <= 5
    assert 1000 < ASSUMPTIONS.num_active_classes(10_000) < 1100


def test_the_smallest_deployment_meets_the_targets_and_one_process_less_does_not(times, click):
    sized = smallest_deployment(300, ASSUMPTIONS, times, click)
    assert ASSUMPTIONS.is_met_by(sized.outcome)
    load = Load(300, ASSUMPTIONS.think_s, duration_s=20.0)
    fewer = replace(sized.deployment, num_web=sized.deployment.num_web - 1)
    assert not ASSUMPTIONS.is_met_by(simulate(load, fewer, times, click))


def test_a_stricter_target_needs_more_processes(times, click):
    strict = replace(ASSUMPTIONS, result_target_s=0.04)
    sizes = [
        smallest_deployment(150, assumptions, times, click).deployment.num_web
        for assumptions in (ASSUMPTIONS, strict)
    ]
    assert sizes[1] > sizes[0]


def test_a_target_below_the_latency_of_a_lone_student_is_out_of_reach(times, click):
    with pytest.raises(TargetOutOfReachError, match="3 students"):
        smallest_deployment(3, replace(ASSUMPTIONS, wheel_target_s=0.05), times, click)


def test_one_process_needs_no_redis(times, click):
    alone = smallest_deployment(10, ASSUMPTIONS, times, click)
    assert alone.deployment == Deployment(1, 1)
    assert num_cores(alone, ASSUMPTIONS, times, click) == 3
    many = replace(alone, deployment=Deployment(4, 2))
    assert num_cores(many, ASSUMPTIONS, times, click) == 4 + 2 * 2 + 1


def test_many_students_are_equal_shards_of_which_one_is_simulated(times, click, monkeypatch):
    monkeypatch.setattr(shards, "LARGEST_SIMULATION", 8)
    monkeypatch.setattr(shards, "SHARD_CLASSES", 4)
    large = plan(3_000, ASSUMPTIONS, times, click)
    assert large.num_active == ASSUMPTIONS.num_active_classes(100) * 30
    assert large.shard.num_active == 4 * 30
    assert (large.num_shards - 1) * 120 < large.num_active <= large.num_shards * 120
    assert large.num_web == large.num_shards * large.shard.deployment.num_web
    assert large.price_per_active_student == pytest.approx(large.cores * 0.05 / large.num_active)


def test_two_shards_in_one_simulation_have_the_latencies_of_one(times, click):
    one = simulate(Load(200, duration_s=30.0), Deployment(4, 1), times, click)
    two = simulate(Load(400, duration_s=30.0), Deployment(8, 2), times, click)
    assert two.clicks_per_s == pytest.approx(2 * one.clicks_per_s, rel=0.03)
    assert percentile(two.result_s, 95) == pytest.approx(percentile(one.result_s, 95), rel=0.15)
    assert percentile(two.wheel_s, 95) == pytest.approx(percentile(one.wheel_s, 95), rel=0.15)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [((0, 3), [1, 2, 3]), ((40, 45), [40, 42, 44, 45]), ((5, 5), [5])],
)
def test_a_search_goes_up_by_a_twentieth(bounds, expected):
    assert list(steps(*bounds)) == expected
