"""Optimistic locking: changes that other requests overtake, and stale revisions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.clock import MonotonicClock
from wheel import runtime, services
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import (
    SessionNotFoundError,
    StaleRevisionError,
    StoreUnavailableError,
)
from wheel.services import changes
from wheel.sessions.store import SessionStore

pytestmark = pytest.mark.django_db


def state_of(session_id):
    return services.get_session(session_id=session_id)


def test_a_stale_revision_changes_nothing(session_id):
    rev = state_of(session_id).session.rev
    services.spin(session_id=session_id, rev=rev)
    after = state_of(session_id).session
    for change in (services.spin, services.undo, services.delete_session):
        with pytest.raises(StaleRevisionError, match=f"at revision {rev + 1}, not {rev}"):
            change(session_id=session_id, rev=rev)
    assert state_of(session_id).session.token_ids == after.token_ids


class InterruptedStore(SessionStore):
    """A store in which another click happens just before the next write."""

    click: Callable[[], object] | None = None

    def replace(self, old, new):
        self._click_once()
        return super().replace(old, new)

    def delete(self, stored):
        self._click_once()
        return super().delete(stored)

    def _click_once(self):
        click, self.click = self.click, None
        if click:
            click()


@pytest.fixture
def interrupted(wheel_runtime):
    """The store of a runtime that can be interrupted."""
    store = InterruptedStore(caches["default"], ttl=wheel_runtime.store.ttl)
    with runtime.use(replace(wheel_runtime, store=store)):
        yield store


@pytest.mark.parametrize("change", [services.spin, services.undo, services.delete_session])
def test_another_click_before_the_write_makes_a_revision_stale(session_id, interrupted, change):
    rev = services.spin(session_id=session_id).after.session.rev
    interrupted.click = lambda: services.spin(session_id=session_id)
    with pytest.raises(StaleRevisionError):
        change(session_id=session_id, rev=rev)
    assert len(state_of(session_id).history_items) == 2


def test_a_spin_without_a_revision_is_computed_again_after_another_click(session_id, interrupted):
    interrupted.click = lambda: services.append_token(session_id=session_id, token_id=5)
    spun = services.spin(session_id=session_id)
    session = state_of(session_id).session
    assert [chosen.token_id for chosen in session.history] == [5, spun.chosen.token_id]
    assert spun.before.session.token_ids[-1] == 5
    assert spun.view is not None
    assert spun.view.state.session == spun.before.session


def test_a_change_of_settings_before_the_write_is_kept_and_makes_no_revision_stale(
    session_id, interrupted
):
    rev = state_of(session_id).session.rev
    sharp = WheelSettings(temperature=0.5)
    interrupted.click = lambda: services.next_wheel(session_id=session_id, settings=sharp)
    assert services.spin(session_id=session_id, rev=rev).chosen.settings == sharp
    assert state_of(session_id).session.settings == sharp


def test_settings_are_remembered_also_if_a_click_comes_before_the_write(session_id, interrupted):
    interrupted.click = lambda: services.append_token(session_id=session_id, token_id=5)
    sharp = WheelSettings(temperature=0.5)
    services.next_wheel(session_id=session_id, settings=sharp)
    session = state_of(session_id).session
    assert session.settings == sharp
    assert [chosen.token_id for chosen in session.history] == [5]


def test_a_deletion_without_a_revision_is_tried_again_after_another_click(session_id, interrupted):
    interrupted.click = lambda: services.spin(session_id=session_id)
    services.delete_session(session_id=session_id)
    with pytest.raises(SessionNotFoundError):
        state_of(session_id)


def test_a_load_that_extends_the_lifetime_before_the_write_makes_no_revision_stale(
    session_id, interrupted
):
    rev = state_of(session_id).session.rev
    now = interrupted.now() + timedelta(minutes=5)

    def load_later():
        interrupted.now = lambda: now
        services.get_session(session_id=session_id)

    interrupted.click = load_later
    services.spin(session_id=session_id, rev=rev)
    assert len(state_of(session_id).history_items) == 1


@pytest.mark.parametrize("change", [services.spin, services.undo, services.delete_session])
def test_a_change_that_is_always_overtaken_ends_when_the_request_times_out(
    session_id, wheel_runtime, change
):
    services.spin(session_id=session_id)
    store = SessionStore(
        caches["default"], ttl=timedelta(hours=1), compare_and_set=lambda *_: False
    )
    with (
        runtime.use(replace(wheel_runtime, store=store, request_timeout_s=0.5)),
        pytest.raises(StoreUnavailableError),
    ):
        change(session_id=session_id)
    assert len(state_of(session_id).history_items) == 1


@pytest.mark.parametrize(("timeout_s", "num_attempts"), [(3.0, 3), (2.5, 3), (0.0, 1)])
def test_a_change_is_attempted_until_the_request_times_out(
    session_id, wheel_runtime, monkeypatch, timeout_s, num_attempts
):
    """Here each attempt takes a second."""
    clock = MonotonicClock()
    monkeypatch.setattr(changes, "time", SimpleNamespace(monotonic=clock))
    attempts = []

    def overtaken(*_):
        clock.time += 1.0
        attempts.append(clock.time)
        return False

    store = SessionStore(caches["default"], ttl=timedelta(hours=1), compare_and_set=overtaken)
    with (
        runtime.use(replace(wheel_runtime, store=store, request_timeout_s=timeout_s)),
        pytest.raises(StoreUnavailableError),
    ):
        services.set_prompt(session_id=session_id, prompt="A dog")
    assert len(attempts) == num_attempts
