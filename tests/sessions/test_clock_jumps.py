"""Jumps of the system clock by two hours: no session ends early, and none lives on for ever."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache.backends import base, db  # noqa: TID251 - their clock is replaced
from django.db import connections

from tests.clock import MonotonicClock
from tests.sessions.backends import TABLE, cache_at, database_file
from tests.sessions.sessions import new_session, one_draw_more
from wheel.errors import SessionNotFoundError
from wheel.sessions.clock_jumps import ClockJumps
from wheel.sessions.store import SessionStore

HOUR = timedelta(hours=1)


class Machine:
    """Its system clock jumps; its monotonic clock does not."""

    def __init__(self, clock):
        self.clock = clock
        self.monotonic = MonotonicClock()
        self.jumps = ClockJumps(self.clock, self.monotonic)

    def wait(self, **span):
        self.clock.advance(**span)
        self.monotonic.time += timedelta(**span).total_seconds()

    def jump(self, **span):
        self.clock.advance(**span)


@pytest.fixture
def machine(clock):
    return Machine(clock)


@pytest.fixture
def jumping_store(machine, tmp_path, django_db_blocker, monkeypatch):
    """In SQLite; Django's cache follows the machine's system clock too."""
    monkeypatch.setattr(db, "tz_now", machine.clock)
    seconds = SimpleNamespace(time=lambda: machine.clock().timestamp())
    monkeypatch.setattr(base, "time", seconds)
    with database_file(tmp_path / "sessions.sqlite3", django_db_blocker):
        yield SessionStore(cache_at("db://"), ttl=HOUR, now=machine.clock, jumps=machine.jumps)


@pytest.fixture
def stored(jumping_store, machine):
    return jumping_store.create(new_session(now=machine.clock()))


def num_rows():
    with connections["default"].cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {TABLE}")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("hours", [2, -2])
def test_a_session_is_read_and_changed_after_a_jump(jumping_store, machine, stored, hours):
    machine.wait(minutes=50)
    machine.jump(hours=hours)
    jumping_store.purge()
    loaded = jumping_store.load(stored.session.session_id)
    assert loaded.session.history == stored.session.history
    assert jumping_store.replace(loaded, one_draw_more(loaded.session)) is not None


def test_a_change_that_a_jump_interrupts_is_stored(jumping_store, machine, stored):
    machine.jump(hours=2)
    assert jumping_store.replace(stored, one_draw_more(stored.session)) is not None


@pytest.mark.parametrize(("hours", "lives_minutes"), [(2, 61), (-2, 181)])
def test_a_session_that_is_not_used_after_a_jump_expires(
    jumping_store, machine, stored, hours, lives_minutes
):
    """After a forward jump at the usual time, after a backward one later by the jump."""
    session_id = stored.session.session_id
    machine.jump(hours=hours)
    machine.wait(minutes=lives_minutes)
    jumping_store.purge()
    assert jumping_store.read(session_id)
    machine.wait(seconds=1)
    with pytest.raises(SessionNotFoundError):
        jumping_store.read(session_id)
    jumping_store.purge()
    assert num_rows() == 0


@pytest.mark.parametrize("hours", [2, -2])
def test_a_session_that_is_used_after_a_jump_lives_for_its_lifetime(
    jumping_store, machine, stored, hours
):
    session_id = stored.session.session_id
    machine.jump(hours=hours)
    jumping_store.replace(stored, one_draw_more(stored.session))
    machine.wait(minutes=61)
    jumping_store.read(session_id)
    machine.wait(seconds=1)
    with pytest.raises(SessionNotFoundError):
        jumping_store.read(session_id)


@pytest.mark.parametrize("hours", [2, -2])
def test_a_session_outlives_a_jump_and_its_correction(jumping_store, machine, stored, hours):
    for jump in (hours, -hours):
        machine.wait(minutes=20)
        machine.jump(hours=jump)
        stored = jumping_store.load(stored.session.session_id)


def test_two_jumps_add_up(machine):
    for _ in range(2):
        machine.wait(minutes=10)
        machine.jump(hours=2)
        machine.jumps.time_before(HOUR)
    assert machine.clock() - machine.jumps.time_before(HOUR) == HOUR + timedelta(hours=4)


def test_without_a_jump_the_time_passes_as_the_clock_shows(machine):
    for _ in range(3):
        machine.wait(hours=5)
        assert machine.jumps.time_before(HOUR) == machine.clock() - HOUR


def test_a_step_of_seconds_is_no_jump(machine):
    machine.jump(seconds=29)
    assert machine.jumps.time_before(HOUR) == machine.clock() - HOUR


def test_a_purge_keeps_what_is_not_a_session_until_it_expires(jumping_store, machine):
    jumping_store._cache.set("ping:1", "1", 10)
    jumping_store.purge()
    assert num_rows() == 1
    machine.wait(seconds=11)
    jumping_store.purge()
    assert num_rows() == 0
