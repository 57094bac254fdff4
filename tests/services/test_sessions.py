"""Starting, changing and deleting sessions, and the errors of the services."""

import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.checkpoints import plain_gpt2
from tests.services.replay import assert_every_token_was_drawn_from_its_context
from tests.sessions.backends import CountingCache
from wheel import runtime, services
from wheel.domain.spin import draw_u
from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    InvalidFieldsError,
    ModelUnavailableError,
    NoPromptError,
    NothingToUndoError,
    SessionNotFoundError,
    UnknownModelError,
)
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2_MEDIUM
from wheel.sessions.store import SessionStore

pytestmark = pytest.mark.django_db


def state_of(session_id):
    return services.get_session(session_id=session_id)


def test_a_session_starts_on_the_default_model_without_a_text(wheel_runtime):
    session = services.start_session()
    assert session.model_id == "gpt2"
    assert uuid.UUID(session.session_id).version == 4
    state = state_of(session.session_id)
    assert (state.current_text, state.initial_prompt, state.history_items) == ("", "", [])


def test_an_unknown_model_is_refused(wheel_runtime):
    with pytest.raises(UnknownModelError, match=r"\[gpt2, gpt2-medium\]"):
        services.start_session(model_id="gpt5")


def test_a_model_that_is_not_downloaded_is_refused_with_the_command_to_run(wheel_runtime):
    with pytest.raises(ModelUnavailableError, match="download_models gpt2-medium"):
        services.start_session(model_id="gpt2-medium")


@pytest.mark.parametrize(
    "session_id", ["", "x", "1234", "../etc", "7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57"]
)
def test_an_id_of_no_session_is_not_found(wheel_runtime, session_id):
    uses: list[Callable[..., object]] = [
        services.get_session,
        services.inspect_session,
        services.next_wheel,
        services.spin,
        services.undo,
        services.delete_session,
    ]
    for use in uses:
        with pytest.raises(SessionNotFoundError):
            use(session_id=session_id)


@pytest.mark.parametrize("session_id", ["", "None", "1234", "../etc"])
def test_an_id_that_is_no_uuid_is_never_looked_up_in_the_store(wheel_runtime, session_id):
    cache: Any = CountingCache(caches["default"])
    store = SessionStore(cache, ttl=wheel_runtime.store.ttl, compare_and_set=cache.compare_and_set)
    uses = (services.get_session, services.inspect_session, services.delete_session)
    with runtime.use(replace(wheel_runtime, store=store)):
        for use in uses:
            with pytest.raises(SessionNotFoundError):
                use(session_id=session_id)
    assert cache.num_reads == 0


def test_an_id_may_be_written_in_capitals(session_id):
    assert state_of(session_id.upper()).session.session_id == session_id


def test_without_a_prompt_there_is_no_wheel(wheel_runtime):
    session_id = services.start_session().session_id
    for use in (services.next_wheel, services.spin):
        with pytest.raises(NoPromptError):
            use(session_id=session_id)


def test_a_session_whose_model_is_no_longer_offered_can_only_be_deleted(
    session_id, wheel_runtime, models_dir
):
    with runtime.use(replace(wheel_runtime, catalog=ModelCatalog([GPT2_MEDIUM], models_dir))):
        for use in (services.get_session, services.inspect_session, services.spin, services.undo):
            with pytest.raises(ModelUnavailableError, match="no longer offers gpt2"):
                use(session_id=session_id)
        services.delete_session(session_id=session_id)
    with pytest.raises(SessionNotFoundError):
        state_of(session_id)


def test_living_sessions_are_found_in_the_order_asked_for(wheel_runtime):
    first, gone, last = (services.start_session().session_id for _ in range(3))
    services.delete_session(session_id=gone)
    unknown = str(uuid.uuid4())
    found = services.find_sessions(session_ids=[last, unknown, gone, first])
    assert [stored.session.session_id for stored in found] == [last, first]


def test_the_lifetime_of_sessions_is_that_of_the_store(wheel_runtime):
    assert services.session_lifetime() == wheel_runtime.store.ttl == timedelta(hours=1)


def test_a_full_context_window_refuses_spins_until_an_undo(session_id):
    services.set_prompt(session_id=session_id, prompt="z" * 62)
    for _ in range(2):
        services.spin(session_id=session_id)
    for use in (services.next_wheel, services.spin):
        with pytest.raises(ContextFullError, match="64 of 64"):
            use(session_id=session_id)
    services.undo(session_id=session_id)
    services.spin(session_id=session_id)


def test_undo_restores_the_text_before_and_stops_at_the_prompt(session_id):
    step = services.spin(session_id=session_id)
    undone = services.undo(session_id=session_id)
    assert undone.chosen == step.chosen
    assert undone.after.current_text == step.before.current_text
    with pytest.raises(NothingToUndoError):
        services.undo(session_id=session_id)


def test_a_deleted_session_is_gone(session_id):
    services.delete_session(session_id=session_id)
    with pytest.raises(SessionNotFoundError):
        services.get_session(session_id=session_id)


def test_a_seeded_session_repeats_its_story_after_the_prompt_is_set_again(session_id):
    def story():
        services.set_prompt(session_id=session_id, prompt="The cat")
        return [services.spin(session_id=session_id).chosen.token_id for _ in range(8)]

    assert story() == story()


def test_a_seeded_session_draws_another_number_after_an_undo(session_id):
    drawn = []
    for _ in range(3):
        drawn.append(services.spin(session_id=session_id).chosen.u)
        services.undo(session_id=session_id)
    assert drawn == [draw_u(seed=7, draw_idx=draw_idx) for draw_idx in range(3)]


def test_every_receipt_can_be_replayed(session_id, wheel_runtime):
    for temperature in (0.5, 1.0, 3.0):
        services.spin(session_id=session_id, overrides={"temperature": temperature, "top_k": 30})
    model = plain_gpt2(wheel_runtime.catalog)
    assert_every_token_was_drawn_from_its_context(model, state_of(session_id).session)


def test_a_given_u_is_the_one_on_the_receipt(session_id):
    step = services.spin(session_id=session_id, u=0.25)
    assert step.chosen.u == 0.25
    services.undo(session_id=session_id)
    assert services.spin(session_id=session_id, u=0.25).chosen.token_id == step.chosen.token_id


@pytest.mark.parametrize("u", [1.0, -0.1, float("nan")])
def test_a_u_off_the_circle_changes_nothing(session_id, u):
    with pytest.raises(InvalidFieldsError):
        services.spin(session_id=session_id, u=u)
    assert state_of(session_id).history_items == []


def test_inspecting_a_session_does_not_count_as_a_use(session_id, wheel_runtime):
    before = wheel_runtime.store.read(session_id).session.last_accessed
    later = before + timedelta(minutes=30)
    wheel_runtime.store.now = lambda: later
    assert services.inspect_session(session_id=session_id).session.last_accessed == before
    assert services.get_session(session_id=session_id).session.last_accessed == later


class SilentEngine:
    """Takes every request and answers none."""

    def __init__(self):
        self.futures = []

    def next_logits(self, model_id, token_ids, *, affinity_key=""):
        self.futures.append(Future())
        return self.futures[-1]


def test_a_request_that_the_engine_does_not_answer_in_time_is_cancelled(session_id, wheel_runtime):
    engine = SilentEngine()
    with runtime.use(replace(wheel_runtime, engine=engine, request_timeout_s=0.01)):
        with pytest.raises(EngineBusyError):
            services.next_wheel(session_id=session_id)
        with pytest.raises(EngineBusyError):
            services.spin(session_id=session_id)
    assert [future.cancelled() for future in engine.futures] == [True, True]
    assert state_of(session_id).history_items == []
