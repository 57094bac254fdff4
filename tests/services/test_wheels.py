"""Wheels: the settings they are served with, and the tokens chosen from them."""

import pytest

from wheel import services
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings
from wheel.errors import (
    InvalidFieldsError,
    InvalidInputError,
    InvalidTokenIdError,
    NoOtherTokensError,
    NotOneTokenError,
    TokenMismatchError,
)

pytestmark = pytest.mark.django_db

SHARP = WheelSettings(threshold=0.05, temperature=0.5, top_k=20)


def session_of(session_id):
    return services.get_session(session_id=session_id).session


def test_the_first_wheel_shows_the_models_own_distribution(session_id):
    view = services.next_wheel(session_id=session_id)
    assert view.settings == NEUTRAL_SETTINGS
    assert view.wheel.distribution.probs == pytest.approx(view.raw.probs)


def test_the_raw_distribution_is_the_same_whatever_the_settings(session_id):
    plain = services.next_wheel(session_id=session_id)
    sharp = services.next_wheel(session_id=session_id, settings=SHARP)
    assert sharp.raw.probs == pytest.approx(plain.raw.probs, abs=1e-12)
    assert sharp.wheel.distribution.entropy_bits < plain.wheel.distribution.entropy_bits


def test_later_calls_use_the_settings_of_the_wheel_last_served(session_id):
    services.next_wheel(session_id=session_id, settings=SHARP)
    assert services.next_wheel(session_id=session_id).settings == SHARP
    assert services.spin(session_id=session_id).chosen.settings == SHARP
    assert services.append_token(session_id=session_id, token_id=5).chosen.settings == SHARP


def test_overrides_replace_single_settings_for_one_spin_only(session_id):
    services.next_wheel(session_id=session_id, settings=SHARP)
    chosen = services.spin(session_id=session_id, overrides={"temperature": 2.0}).chosen
    assert chosen.settings == SHARP.with_overrides({"temperature": 2.0})
    assert session_of(session_id).settings == SHARP


def test_a_new_prompt_keeps_the_settings(session_id):
    services.next_wheel(session_id=session_id, settings=SHARP)
    services.set_prompt(session_id=session_id, prompt="A dog")
    assert services.next_wheel(session_id=session_id).settings == SHARP


def test_serving_a_wheel_leaves_the_revision(session_id):
    rev = session_of(session_id).rev
    services.next_wheel(session_id=session_id, settings=SHARP)
    assert session_of(session_id).rev == rev


def test_serving_the_same_wheel_again_writes_nothing(session_id):
    services.next_wheel(session_id=session_id, settings=SHARP)
    version = session_of(session_id).version
    services.next_wheel(session_id=session_id, settings=SHARP)
    assert session_of(session_id).version == version


def test_settings_that_are_refused_are_not_remembered(session_id):
    too_many = WheelSettings(top_k=10**6)
    with pytest.raises(InvalidFieldsError):
        services.next_wheel(session_id=session_id, settings=too_many)
    with pytest.raises(InvalidFieldsError):
        services.spin(session_id=session_id, overrides={"top_k": 10**6})
    with pytest.raises(InvalidFieldsError):
        services.spin(session_id=session_id, overrides={"temperature": float("nan")})
    assert session_of(session_id).settings == NEUTRAL_SETTINGS
    assert session_of(session_id).history == ()


def test_a_token_is_appended_by_its_id(session_id):
    view = services.next_wheel(session_id=session_id)
    step = services.append_token(session_id=session_id, token_id=5)
    assert step.after.session.token_ids == (*step.before.session.token_ids, 5)
    assert step.chosen.prob == pytest.approx(view.wheel.distribution.probs[5])
    assert not step.chosen.is_drawn


def test_a_token_is_appended_by_its_text(session_id):
    step = services.append_token(session_id=session_id, token_text=" the")
    assert step.after.current_text == "The cat the"


def test_id_and_text_must_agree(session_id):
    tokenizer = services.get_session(session_id=session_id).tokenizer
    the = tokenizer.find_token(" the")
    services.append_token(session_id=session_id, token_id=the.token_id, token_text=" the")
    with pytest.raises(TokenMismatchError, match="' the', not 'the'"):
        services.append_token(session_id=session_id, token_id=the.token_id, token_text="the")


def test_a_draw_from_other_wins_over_an_id(session_id):
    settings = WheelSettings(threshold=0.02)
    view = services.next_wheel(session_id=session_id, settings=settings)
    step = services.append_token(session_id=session_id, token_id=5, from_other=True)
    assert step.chosen.is_drawn_from_other
    assert step.chosen.segment_index == view.wheel.num_above
    assert step.chosen.prob < 0.02


@pytest.mark.parametrize(
    ("choice", "error"),
    [
        ({"token_id": 10**6}, InvalidTokenIdError),
        ({"token_id": -1}, InvalidTokenIdError),
        ({"token_text": ""}, NotOneTokenError),
        ({"token_text": "the cat sat on the mat"}, NotOneTokenError),
        ({"from_other": True, "overrides": {"threshold": 0.0}}, NoOtherTokensError),
        ({"from_other": True, "overrides": {"top_k": 1}}, NoOtherTokensError),
        ({}, InvalidInputError),
    ],
    ids=["no such id", "negative id", "empty text", "long text", "no other", "one left", "nothing"],
)
def test_a_choice_that_cannot_be_made_changes_nothing(session_id, choice, error):
    before = session_of(session_id)
    with pytest.raises(error):
        services.append_token(session_id=session_id, **choice)
    assert session_of(session_id).version == before.version


def test_a_token_that_a_filter_removed_may_still_be_picked_by_hand(session_id):
    view = services.next_wheel(session_id=session_id, settings=WheelSettings(top_k=1))
    removed = int(view.wheel.distribution.ranked_token_ids[-1])
    chosen = services.append_token(session_id=session_id, token_id=removed).chosen
    assert (chosen.prob, chosen.log_prob) == (0, None)


def test_an_end_of_text_token_marks_the_session_ended_and_spins_go_on(session_id):
    step = services.append_token(session_id=session_id, token_id=0)
    assert step.after.has_ended
    assert step.after.current_text == "The cat<|endoftext|>"
    assert services.spin(session_id=session_id).after.has_ended
    for _ in range(2):
        services.undo(session_id=session_id)
    assert not services.get_session(session_id=session_id).has_ended


def test_a_wheel_depends_on_the_token_ids_and_not_only_on_the_text(session_id):
    """The same text in other tokens is another context."""
    tokenizer = services.get_session(session_id=session_id).tokenizer
    whole = tokenizer.encode(" the")
    assert len(whole) == 1
    services.append_token(session_id=session_id, token_id=whole[0])
    as_one = services.next_wheel(session_id=session_id)
    services.undo(session_id=session_id)
    for letter in (" ", "t", "h", "e"):
        services.append_token(session_id=session_id, token_text=letter)
    as_four = services.next_wheel(session_id=session_id)
    assert as_one.state.current_text == as_four.state.current_text
    assert as_four.raw.probs != pytest.approx(as_one.raw.probs, abs=1e-3)
