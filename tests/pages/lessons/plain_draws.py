"""The figures of the two lessons about draws, recomputed from the engine's logits."""

import random

from scipy.stats import binomtest

from tests.api.plain_wheel import PlainWheel
from wheel import services

NEUTRAL = {"threshold": 0.01, "temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0}


def plain_wheel(wheel_runtime, session_id, **changed):
    """The next wheel of a session."""
    session = services.get_session(session_id=session_id).session
    logits = wheel_runtime.engine.next_logits("gpt2", session.token_ids).result(60)
    return PlainWheel(logits.tolist(), NEUTRAL | changed)


def plain_us(seed, num):
    generator = random.Random(str(seed))
    return [generator.random() for _ in range(num)]


def plain_draws(wheel, seed, num_spins):
    return [wheel.token_at(u) for u in plain_us(seed, num_spins)]


def wilson(count, num_spins):
    interval = binomtest(count, num_spins).proportion_ci(0.95, "wilson")
    return interval.low, interval.high
