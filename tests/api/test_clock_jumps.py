"""A session over the API while the system clock jumps."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.clock import MonotonicClock
from wheel import runtime
from wheel.sessions.clock_jumps import ClockJumps
from wheel.sessions.store import SessionStore


@pytest.fixture
def jumping_clock(wheel_runtime, clock):
    """The system clock of the runtime; the monotonic clock stands still."""
    jumps = ClockJumps(clock, MonotonicClock())
    store = SessionStore(caches["default"], ttl=timedelta(hours=1), now=clock, jumps=jumps)
    with runtime.use(replace(wheel_runtime, store=store)):
        yield clock


@pytest.mark.parametrize("jumps", [[2, -2], [-2, 2], [2, 2]])
def test_a_session_goes_on_through_jumps_of_two_hours(api, jumping_clock, jumps):
    url = f"/api/sessions/{api.start('The cat sat on the')}"
    for num_tokens, hours in enumerate(jumps, start=1):
        jumping_clock.advance(hours=hours)
        assert api.get(f"{url}/next-token-probs").status_code == 200
        assert api.post_json(f"{url}/spin").status_code == 200
        assert api.get(url).json()["generation_count"] == num_tokens
        assert api.get(url.replace("/api/sessions", "/wheel")).status_code == 200
    assert api.post_json(f"{url}/undo").status_code == 200
    assert api.delete(url).status_code == 200
