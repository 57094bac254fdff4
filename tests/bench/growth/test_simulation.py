"""Simulated students: conservation of clicks, reproducibility, saturation and latencies."""

from dataclasses import replace
from itertools import pairwise

import pytest

from bench.growth import simulation
from bench.growth.simulation import Deployment, Load, percentile, simulate

LOAD = Load(num_students=100, think_s=3.0, warm_up_s=5.0, duration_s=20.0)


def test_each_click_is_answered_once(times, click):
    outcome = simulate(LOAD, Deployment(2, 1), times, click)
    assert outcome.num_clicks == outcome.num_answered
    assert len(outcome.result_s) == len(outcome.wheel_s)
    assert outcome.clicks_per_s * LOAD.duration_s == pytest.approx(len(outcome.result_s))
    assert 0 < len(outcome.result_s) < outcome.num_clicks


def test_the_same_seed_gives_the_same_outcome(times, click):
    outcomes = [simulate(LOAD, Deployment(2, 1), times, click, seed) for seed in (1, 1, 2)]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] != outcomes[2]


def test_a_lone_student_waits_for_the_sum_of_all_parts(times, click):
    load = replace(LOAD, num_students=1, is_think_random=False)
    outcome = simulate(load, Deployment(1, 1), times, click)
    spin_s, wheel_s = 0.010 + 6 * 0.001 + 0.002, 0.020 + 3 * 0.001 + 0.002 + 0.05
    assert outcome.result_s == pytest.approx([spin_s] * len(outcome.result_s))
    assert outcome.wheel_s == pytest.approx([wheel_s] * len(outcome.wheel_s))
    assert outcome.clicks_per_s == pytest.approx(1 / (3.0 + spin_s + wheel_s), abs=0.05)


def test_a_saturated_web_process_answers_as_many_clicks_as_its_core_can(times, click):
    outcome = simulate(replace(LOAD, think_s=0.01), Deployment(1, 4), times, click)
    assert outcome.clicks_per_s == pytest.approx(1 / click.cpu_s, rel=0.02)
    assert outcome.web_load == pytest.approx(1.0, abs=0.02)


def test_a_saturated_engine_answers_as_many_clicks_as_full_batches_hold(times, click):
    load = replace(LOAD, num_students=200, think_s=0.01)
    outcome = simulate(load, Deployment(30, 1), times, click)
    assert outcome.clicks_per_s == pytest.approx(32 / 0.16, rel=0.03)
    assert outcome.engine_load == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    "deployments",
    [
        [Deployment(num_web, 4) for num_web in (4, 5, 6, 8)],
        [Deployment(8, num_replicas) for num_replicas in (1, 2, 3, 4)],
    ],
    ids=["web processes", "engine replicas"],
)
def test_more_processes_never_make_the_95th_percentile_longer(times, click, deployments):
    load = replace(LOAD, num_students=400)
    outcomes = [simulate(load, deployment, times, click) for deployment in deployments]
    for fewer, more in pairwise(outcomes):
        for name in ("result_s", "wheel_s"):
            p95_s = [percentile(getattr(outcome, name), 95) for outcome in (fewer, more)]
            assert p95_s[1] <= p95_s[0] * 1.05


def test_a_spin_on_a_wheel_that_is_no_longer_cached_waits_for_a_forward_pass(
    times, click, monkeypatch
):
    load = replace(LOAD, num_students=1)
    cached = simulate(load, Deployment(1, 1), times, click)
    monkeypatch.setattr(simulation, "NUM_CACHED", 0)
    evicted = simulate(load, Deployment(1, 1), times, click)
    assert evicted.result_s[0] == pytest.approx(cached.result_s[0] + 0.05)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 95, 0), ([3], 50, 3), ([1, 2, 3, 4], 50, 2), (list(range(1, 101)), 95, 95)],
)
def test_a_percentile_is_the_smallest_value_not_exceeded_by_the_share(values, percent, expected):
    assert percentile(values, percent) == expected
