"""Starting, changing and deleting sessions, and the errors of the services."""

import uuid
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.services.replay import assert_every_token_was_drawn_from_its_context
from wheel import runtime, services
from wheel.domain.spin import draw_u
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import (
    ContextFullError,
    EmptyPromptError,
    EngineBusyError,
    InvalidFieldsError,
    ModelUnavailableError,
    NoPromptError,
    NothingToUndoError,
    PromptTooLongError,
    SessionNotFoundError,
    StaleRevisionError,
    StoreUnavailableError,
    UnknownModelError,
)
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


def test_an_id_may_be_written_in_capitals(session_id):
    assert state_of(session_id.upper()).session.session_id == session_id


def test_a_prompt_is_kept_to_the_letter(session_id):
    prompt = "  A café?\n\t🎡 <|endoftext|> "
    state = services.set_prompt(session_id=session_id, prompt=prompt)
    assert (state.initial_prompt, state.current_text) == (prompt, prompt)
    assert not state.has_ended


@pytest.mark.parametrize("prompt", ["", " ", "\n\t "])
def test_an_empty_prompt_is_refused(session_id, prompt):
    with pytest.raises(EmptyPromptError):
        services.set_prompt(session_id=session_id, prompt=prompt)


def test_a_prompt_may_have_four_thousand_characters_and_no_more(session_id):
    with pytest.raises(PromptTooLongError, match=r"4001 characters; at most 4000"):
        services.set_prompt(session_id=session_id, prompt="a" * 4001)
    with pytest.raises(PromptTooLongError, match="tokens"):
        services.set_prompt(session_id=session_id, prompt="a" * 4000)


def test_a_prompt_leaves_room_for_one_token(session_id):
    state = services.set_prompt(session_id=session_id, prompt="z" * 63)
    assert state.session.num_tokens == 63
    with pytest.raises(PromptTooLongError, match=r"64 tokens; at most 63"):
        services.set_prompt(session_id=session_id, prompt="z" * 64)


def test_a_prompt_that_is_refused_changes_nothing(session_id):
    before = state_of(session_id).session
    with pytest.raises(PromptTooLongError):
        services.set_prompt(session_id=session_id, prompt="z" * 64)
    assert replace(state_of(session_id).session, last_accessed=before.last_accessed) == before


def test_a_new_prompt_clears_the_history(session_id):
    services.spin(session_id=session_id)
    state = services.set_prompt(session_id=session_id, prompt="A dog")
    assert (state.current_text, state.history_items) == ("A dog", [])


def test_without_a_prompt_there_is_no_wheel(wheel_runtime):
    session_id = services.start_session().session_id
    for use in (services.next_wheel, services.spin):
        with pytest.raises(NoPromptError):
            use(session_id=session_id)


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
    model = wheel_runtime.catalog.weights("gpt2")
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

    def next_logits(self, model_id, token_ids):
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


def test_ready_means_that_the_default_model_can_answer(wheel_runtime):
    wheel_runtime.engine.start()
    services.require_ready()
    assert services.is_default_model_loaded()
    with (
        runtime.use(
            replace(wheel_runtime, engine=type("Dead", (), {"is_alive": lambda _: False})())
        ),
        pytest.raises(ModelUnavailableError),
    ):
        services.require_ready()


def test_the_models_on_offer_are_listed(wheel_runtime):
    listed = {status.spec.model_id: status.is_available for status in services.list_models()}
    assert listed == {"gpt2": True, "gpt2-medium": False}
