"""Rewinding to before a token, and redoing what was removed."""

import pytest

from wheel import services
from wheel.errors import InvalidInputError, NothingToRedoError, StaleRevisionError


def spin_often(session_id, times=3):
    for _ in range(times):
        services.spin(session_id=session_id)
    return history(session_id)


def history(session_id):
    return services.get_session(session_id=session_id).session.history


def test_rewinding_keeps_the_first_tokens(session_id):
    before = spin_often(session_id)
    services.rewind(session_id=session_id, num_kept=1)
    assert history(session_id) == before[:1]


def test_each_redo_restores_one_token_with_its_receipt(session_id):
    before = spin_often(session_id)
    services.rewind(session_id=session_id, num_kept=0)
    for num in (1, 2, 3):
        services.redo(session_id=session_id)
        assert history(session_id) == before[:num]
    with pytest.raises(NothingToRedoError):
        services.redo(session_id=session_id)


def test_redo_after_undo_and_rewind_follows_the_order_of_the_text(session_id):
    before = spin_often(session_id)
    services.undo(session_id=session_id)
    services.rewind(session_id=session_id, num_kept=0)
    services.redo(session_id=session_id)
    assert history(session_id) == before[:1]


@pytest.mark.parametrize(
    "draw", [services.spin, lambda **k: services.append_token(token_id=5, **k)]
)
def test_removed_tokens_cannot_be_redone_after_another_token_is_added(session_id, draw):
    spin_often(session_id)
    services.rewind(session_id=session_id, num_kept=1)
    draw(session_id=session_id)
    with pytest.raises(NothingToRedoError):
        services.redo(session_id=session_id)


def test_a_new_prompt_leaves_nothing_to_redo(session_id):
    spin_often(session_id)
    services.undo(session_id=session_id)
    services.set_prompt(session_id=session_id, prompt="The dog")
    with pytest.raises(NothingToRedoError):
        services.redo(session_id=session_id)


def test_undo_and_redo_return_the_session_before_and_after_and_the_token(session_id):
    spun = services.spin(session_id=session_id)
    undone = services.undo(session_id=session_id)
    assert undone.before.session.history == (spun.chosen,)
    assert undone.after.session.history == ()
    redone = services.redo(session_id=session_id)
    assert redone.before.session.history == ()
    assert redone.after.session.history == (spun.chosen,)
    assert redone.after.session == services.inspect_session(session_id=session_id).session
    assert undone.chosen == redone.chosen == spun.chosen
    assert undone.view is redone.view is None


def test_undo_and_redo_of_a_stale_revision_change_nothing(session_id):
    spin_often(session_id)
    before = services.undo(session_id=session_id).after.session
    for change in (services.undo, services.redo):
        with pytest.raises(StaleRevisionError):
            change(session_id=session_id, rev=before.rev - 1)
    assert history(session_id) == before.history
    services.redo(session_id=session_id, rev=before.rev)


@pytest.mark.parametrize("num_kept", [-1, 3, 99])
def test_rewinding_to_a_token_that_does_not_exist_is_refused(session_id, num_kept):
    before = spin_often(session_id)
    with pytest.raises(InvalidInputError):
        services.rewind(session_id=session_id, num_kept=num_kept)
    assert history(session_id) == before


def test_a_stale_revision_rewinds_nothing(session_id):
    before = spin_often(session_id)
    with pytest.raises(StaleRevisionError):
        services.rewind(session_id=session_id, num_kept=0, rev=1)
    assert history(session_id) == before
