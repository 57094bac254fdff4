"""Prompts: which are refused, and what setting one changes."""

from dataclasses import replace

import pytest

from tests.api.fakes import changed_runtime
from wheel import services
from wheel.errors import (
    EmptyPromptError,
    ModelUnavailableError,
    PromptTooLongError,
    UnknownModelError,
)
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import SessionIndexEntry

pytestmark = pytest.mark.django_db


def state_of(session_id):
    return services.get_session(session_id=session_id)


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


@pytest.mark.parametrize("model_id", [None, "", "gpt2"], ids=["none", "empty", "named"])
def test_checking_a_prompt_refuses_what_setting_it_would_refuse(wheel_runtime, model_id):
    services.check_prompt(prompt="z" * 63, model_id=model_id)
    with pytest.raises(EmptyPromptError):
        services.check_prompt(prompt=" \n", model_id=model_id)
    with pytest.raises(PromptTooLongError, match="64 tokens; at most 63"):
        services.check_prompt(prompt="z" * 64, model_id=model_id)
    with pytest.raises(PromptTooLongError, match="4001 characters; at most 4000"):
        services.check_prompt(prompt="a" * 4001, model_id=model_id)
    assert not SessionIndexEntry.objects.exists()


def test_a_prompt_is_checked_with_the_tokenizer_of_the_given_model(wheel_runtime):
    with pytest.raises(ModelUnavailableError, match="download_models gpt2-medium"):
        services.check_prompt(prompt="The cat", model_id="gpt2-medium")
    with pytest.raises(UnknownModelError):
        services.check_prompt(prompt="The cat", model_id="gpt5")


def test_without_a_default_model_a_prompt_cannot_be_checked(wheel_runtime, tmp_path):
    with (
        changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)),
        pytest.raises(ModelUnavailableError, match="No model is on this server"),
    ):
        services.check_prompt(prompt="The cat")


@pytest.mark.parametrize("prompt", ["", " ", "z" * 64, "a" * 4001])
def test_a_start_with_a_prompt_that_is_refused_leaves_no_session(
    wheel_runtime, prompt, monkeypatch
):
    created = []
    create = wheel_runtime.store.create

    def record(session):
        created.append(session)
        return create(session)

    monkeypatch.setattr(wheel_runtime.store, "create", record)
    with pytest.raises((EmptyPromptError, PromptTooLongError)):
        services.start_text(prompt=prompt)
    assert len(created) == 1
    assert services.find_sessions(session_ids=[created[0].session_id]) == []
    assert not SessionIndexEntry.objects.exists()


def test_a_start_with_a_prompt_returns_the_session_as_it_is_stored(wheel_runtime):
    session = services.start_text(prompt="The cat")
    stored = services.inspect_session(session_id=session.session_id)
    assert stored.session == session
    assert (stored.current_text, session.rev) == ("The cat", 1)
