"""The queues against formulas of queueing theory."""

import random

import pytest
import simpy

from bench.growth.queues import EngineReplica, WebProcess

NUM_ARRIVALS = 20_000
ARRIVALS_PER_S = 0.7


def mean_response_s(env, request):
    """Of requests at random times, `ARRIVALS_PER_S` on average (a Poisson process). `request`
    returns the event of the answer."""
    generator = random.Random(1)
    responses_s = []

    def client():
        started_at = env.now
        yield request()
        responses_s.append(env.now - started_at)

    def arrivals():
        for _ in range(NUM_ARRIVALS):
            yield env.timeout(generator.expovariate(ARRIVALS_PER_S))
            env.process(client())

    env.process(arrivals())
    env.run()
    assert len(responses_s) == NUM_ARRIVALS
    return sum(responses_s) / NUM_ARRIVALS


def md1_response_s(service_s):
    """The mean of the M/D/1 queue: Pollaczek and Khinchine's formula."""
    load = ARRIVALS_PER_S * service_s
    return service_s + load * service_s / (2 * (1 - load))


def mm1_response_s(service_s):
    return 1 / (1 / service_s - ARRIVALS_PER_S)


def test_a_web_process_with_a_constant_service_time_is_an_m_d_1_queue():
    env = simpy.Environment()
    process = WebProcess(env)
    assert mean_response_s(env, lambda: process.work(1.0)) == pytest.approx(
        md1_response_s(1.0), rel=0.03
    )


def test_a_web_process_with_exponential_service_times_is_an_m_m_1_queue():
    env = simpy.Environment()
    process, generator = WebProcess(env), random.Random(2)
    assert mean_response_s(env, lambda: process.work(generator.expovariate(1.0))) == pytest.approx(
        mm1_response_s(1.0), rel=0.05
    )
    assert process.busy_s == pytest.approx(NUM_ARRIVALS, rel=0.02)


def test_an_engine_replica_without_batches_is_an_m_d_1_queue():
    env = simpy.Environment()
    replica = EngineReplica(env, [1.0], num_cached=1)
    assert mean_response_s(env, replica.compute) == pytest.approx(md1_response_s(1.0), rel=0.03)


def test_a_saturated_engine_replica_computes_full_batches():
    env = simpy.Environment()
    replica = EngineReplica(env, [0.1, 0.2, 0.3, 0.35], num_cached=1)
    done_at = []
    for _ in range(40):
        replica.compute().callbacks.append(lambda _: done_at.append(env.now))
    env.run()
    assert done_at == pytest.approx([0.35 * (1 + number // 4) for number in range(40)])


def test_a_context_that_comes_during_a_forward_pass_waits_for_the_next():
    env = simpy.Environment()
    replica = EngineReplica(env, [1.0, 1.5], num_cached=1)
    done_at = []

    def arrivals():
        for _ in range(3):
            replica.compute().callbacks.append(lambda _: done_at.append(env.now))
            yield env.timeout(0.4)

    env.process(arrivals())
    env.run()
    assert done_at == pytest.approx([1.0, 2.5, 2.5])


def test_the_cache_of_a_replica_has_the_contexts_computed_last():
    env = simpy.Environment()
    replica = EngineReplica(env, [1.0], num_cached=2)
    for _ in range(3):
        replica.compute()
    env.run()
    assert [replica.has(number) for number in (1, 2, 3)] == [False, True, True]
