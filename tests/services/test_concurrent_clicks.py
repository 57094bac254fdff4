"""Concurrent changes of one session on every store: none is lost or applied to another context."""

import itertools
from functools import partial

import pytest

from tests.checkpoints import plain_gpt2
from tests.services.replay import assert_every_token_was_drawn_from_its_context
from tests.sessions.backends import run_at_once
from wheel import services
from wheel.domain.spin import draw_u
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import NothingToUndoError, SessionNotFoundError, StaleRevisionError
from wheel.models import SessionIndexEntry

NUM_THREADS = 10


@pytest.fixture
def session_id(shared_runtime):
    session_id = services.start_session(seed=7).session_id
    services.set_prompt(session_id=session_id, prompt="The cat sat")
    return session_id


def spin_times(session_id, number):
    for _ in range(number):
        services.spin(session_id=session_id)


def story(session_id):
    return services.get_session(session_id=session_id).session


@pytest.mark.slow
def test_two_hundred_concurrent_spins_leave_two_hundred_tokens(shared_runtime, session_id):
    run_at_once([partial(spin_times, session_id, 20)] * NUM_THREADS)
    session = story(session_id)
    assert len(session.history) == 200
    assert session.rev == 1 + 200
    assert [chosen.u for chosen in session.history] == [
        draw_u(seed=7, draw_idx=draw_idx) for draw_idx in range(200)
    ]
    model = plain_gpt2(shared_runtime.catalog)
    assert_every_token_was_drawn_from_its_context(model, session)
    assert SessionIndexEntry.objects.filter(session_id=session_id).count() == 1


def test_concurrent_spins_of_four_threads_all_count(shared_runtime, session_id):
    run_at_once([partial(spin_times, session_id, 4)] * 4)
    session = story(session_id)
    assert len(session.history) == 16
    assert_every_token_was_drawn_from_its_context(plain_gpt2(shared_runtime.catalog), session)


def test_each_answer_describes_its_own_click(session_id):
    steps = run_at_once([partial(services.spin, session_id=session_id)] * NUM_THREADS)
    by_rev = sorted(steps, key=lambda step: step.after.session.rev)
    for before, after in itertools.pairwise(by_rev):
        assert after.before.session.token_ids == before.after.session.token_ids
    for step in steps:
        assert step.after.session.token_ids[:-1] == step.before.session.token_ids
        assert step.after.session.token_ids[-1] == step.chosen.token_id
    assert by_rev[-1].after.session.token_ids == story(session_id).token_ids


CHANGES = {
    "spin": services.spin,
    "append": partial(services.append_token, token_id=5),
    "append from Other": partial(services.append_token, from_other=True),
    "undo": services.undo,
    "set prompt": partial(services.set_prompt, prompt="A dog"),
    "delete": services.delete_session,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_of_all_changes_of_the_same_revision_exactly_one_succeeds(session_id, change):
    rev = services.spin(session_id=session_id).after.session.rev

    def outcome():
        try:
            change(session_id=session_id, rev=rev)
        except (StaleRevisionError, SessionNotFoundError) as error:
            return error.code
        return "won"

    outcomes = run_at_once([outcome] * NUM_THREADS)
    lost = "session_not_found" if change is services.delete_session else "stale_revision"
    assert sorted(outcomes) == sorted(["won"] + [lost] * (NUM_THREADS - 1))
    if change is not services.delete_session:
        assert story(session_id).rev == rev + 1


def test_a_deletion_of_a_revision_never_deletes_a_later_one(session_id):
    rev = story(session_id).rev

    def delete():
        try:
            services.delete_session(session_id=session_id, rev=rev)
        except StaleRevisionError:
            return "refused"
        return "deleted"

    def spin():
        try:
            services.spin(session_id=session_id)
        except SessionNotFoundError:
            return "too late"
        return "spun"

    deletion, *spins = run_at_once([delete, spin, spin, spin])
    if deletion == "deleted":
        assert spins == ["too late"] * 3
    else:
        assert spins == ["spun"] * 3
        assert len(story(session_id).history) == 3


def test_concurrent_spins_undos_and_settings_all_count(shared_runtime, session_id):
    spin_times(session_id, 5)

    def undo_three():
        for _ in range(3):
            services.undo(session_id=session_id)

    def look():
        for temperature in (0.5, 1.0, 2.0):
            settings = WheelSettings(temperature=temperature)
            services.next_wheel(session_id=session_id, settings=settings)

    run_at_once([partial(spin_times, session_id, 5), undo_three, look, look])
    session = story(session_id)
    assert len(session.history) == 5 + 5 - 3
    assert session.rev == 1 + 5 + 5 + 3
    assert_every_token_was_drawn_from_its_context(plain_gpt2(shared_runtime.catalog), session)


def test_a_token_is_never_appended_to_a_prompt_it_was_not_drawn_for(shared_runtime, session_id):
    set_prompt = partial(services.set_prompt, session_id=session_id, prompt="A dog")
    run_at_once([partial(spin_times, session_id, 5)] * 3 + [set_prompt])
    assert_every_token_was_drawn_from_its_context(
        plain_gpt2(shared_runtime.catalog), story(session_id)
    )


def test_more_undos_than_tokens_stop_at_the_prompt(session_id):
    spin_times(session_id, 3)

    def is_undone_by_me():
        try:
            services.undo(session_id=session_id)
        except NothingToUndoError:
            return False
        return True

    assert sum(run_at_once([is_undone_by_me] * 6)) == 3
    assert story(session_id).history == ()
