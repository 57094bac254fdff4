"""Sessions whose model is made by counting."""

from collections import Counter
from pathlib import Path

import pytest

from tests.api.fakes import changed_runtime
from tests.checkpoints import CORPUS
from wheel import services
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS, WheelSettings
from wheel.errors import (
    EmptyPromptError,
    InvalidFieldsError,
    ModelUnavailableError,
    PromptTooLongError,
)
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2_MEDIUM, REGISTRY
from wheel.models import SessionIndexEntry
from wheel.services.counting import MAX_TEXT_CHARACTERS
from wheel.sessions.store import session_key
from wheel.shipped_texts import FOLDER, SHIPPED_TEXTS

pytestmark = pytest.mark.django_db

TEXT = " ".join(CORPUS)


@pytest.fixture(autouse=True)
def of_this_process(wheel_runtime):
    """The runtime of the tests."""


def start(text=TEXT, prompt="The cat sat on the", order=3, **options):
    return services.start_counting(text=text, prompt=prompt, order=order, **options)


def wheel_of(session, settings=NEUTRAL_SETTINGS):
    return services.next_wheel(session_id=session.session_id, settings=settings).wheel


def counted_probs(state, text, order):
    """The probabilities of the next token, counted with dictionaries."""
    text_ids = state.tokenizer.encode(text)

    def probs(context):
        length = len(context)
        counts = Counter(
            text_ids[end]
            for end in range(length, len(text_ids))
            if text_ids[end - length : end] == context
        )
        total = counts.total()
        if not context:
            return {token_id: count / total for token_id, count in counts.items()}
        lower = probs(context[1:])
        left = 0.5 * len(counts)
        return (
            {i: (max(counts[i] - 0.5, 0) + left * lower[i]) / total for i in lower}
            if total
            else lower
        )

    return probs(state.session.token_ids[1 - order :])


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("prompt", ["The cat sat on the", "The capital of", "zzz"])
def test_the_wheel_has_the_probabilities_that_counting_gives(order, prompt):
    session = start(prompt=prompt, order=order)
    state = services.get_session(session_id=session.session_id)
    distribution = wheel_of(session).distribution
    expected = counted_probs(state, TEXT, order)
    for token_id, prob in enumerate(distribution.probs):
        assert prob == pytest.approx(expected.get(token_id, 0), abs=1e-6)


def test_a_session_says_which_model_it_has():
    assert [start(order=order).model_id for order in (2, 3)] == ["counting-2", "counting-3"]


def test_no_model_of_the_registry_has_the_name_of_a_counting_model():
    assert not [model_id for model_id in REGISTRY if model_id.startswith("counting")]


def test_a_story_grows_and_shrinks_as_any_other():
    session = start(seed=1)
    for _ in range(12):
        services.spin(session_id=session.session_id)
    services.undo(session_id=session.session_id)
    services.redo(session_id=session.session_id)
    state = services.get_session(session_id=session.session_id)
    assert len(state.session.history) == 12
    seen = set(state.tokenizer.encode(TEXT))
    assert {chosen.token_id for chosen in state.session.history} <= seen
    assert all(0 < chosen.prob <= 1 for chosen in state.session.history)


def test_equal_seeds_draw_equal_stories():
    sessions = [start(seed=7), start(seed=7)]
    for session in sessions:
        for _ in range(8):
            services.spin(session_id=session.session_id)
    one, other = (services.get_session(session_id=s.session_id).session for s in sessions)
    assert one.token_ids == other.token_ids


def test_a_token_that_is_not_in_the_text_is_never_drawn_and_may_be_chosen_by_hand():
    session = start(text="The cat sat on the mat.")
    state = services.get_session(session_id=session.session_id)
    (token_id,) = state.tokenizer.encode("z")
    assert wheel_of(session).distribution.probs[token_id] == 0
    chosen = services.append_token(session_id=session.session_id, token_id=token_id).chosen
    assert (chosen.prob, chosen.log_prob, chosen.raw_prob) == (0, None, 0)
    services.spin(session_id=session.session_id)


def test_filters_and_temperature_reshape_the_wheel():
    session = start()
    favourite = wheel_of(session, WheelSettings(top_k=1)).distribution
    assert favourite.num_possible == 1
    assert favourite.probs.max() == 1
    flat = wheel_of(session, WheelSettings(temperature=2)).distribution
    assert flat.entropy_bits > wheel_of(session).distribution.entropy_bits
    assert flat.num_possible == wheel_of(session).distribution.num_possible


def test_many_spins_draw_only_tokens_of_the_text():
    session = start()
    drawn = services.simulate(session_id=session.session_id, num_spins=1000, seed=1).draws
    state = services.get_session(session_id=session.session_id)
    assert set(drawn.counts) <= set(state.tokenizer.encode(TEXT))
    assert drawn.num_spins == 1000


# Isolation and storage


def test_sessions_with_other_texts_never_answer_from_each_others_counts():
    one, other = start(text="the cat the cat"), start(text="the dog the dog")
    seen = {}
    for session in (one, other, one):
        state = services.get_session(session_id=session.session_id)
        possible = wheel_of(session).distribution.probs.nonzero()[0].tolist()
        seen[session.session_id] = state.tokenizer.decode(possible)
    assert "dog" not in seen[one.session_id]
    assert "cat" not in seen[other.session_id]


def test_a_session_of_the_language_model_keeps_the_engine_of_the_process(wheel_runtime):
    start()
    session_id = services.start_text(prompt="The cat").session_id
    assert services.get_session(session_id=session_id).engine is wheel_runtime.engine


def test_the_text_is_gone_with_the_session(wheel_runtime):
    session = start()
    key = session_key(session.session_id)
    assert wheel_runtime.store.read(session.session_id).document.count("packed") == 1
    services.delete_session(session_id=session.session_id)
    assert wheel_runtime.store._cache.get(key) is None


def test_another_process_reads_the_model_from_the_store(wheel_runtime, store):
    """A store that has decoded nothing yet stands for another process."""
    session = start()
    before = wheel_of(session).distribution.probs
    store._decoded.forget(session_key(session.session_id))
    assert wheel_of(session).distribution.probs.tobytes() == before.tobytes()


def test_the_row_of_a_session_has_nothing_of_the_text():
    start(text="canarybird sat on the mat")
    entry = SessionIndexEntry.objects.get()
    assert entry.model_id == "counting-3"
    assert "canary" not in str(SessionIndexEntry.objects.values().get())


def test_spins_write_the_text_back_unchanged():
    session = start()
    for _ in range(5):
        services.spin(session_id=session.session_id)
    state = services.get_session(session_id=session.session_id)
    assert state.session.counted_text == session.counted_text


# Shipped texts


@pytest.mark.parametrize("key", SHIPPED_TEXTS)
def test_each_shipped_text_becomes_a_model(key):
    session = services.start_counting(text_key=key, prompt="a", order=2)
    assert session.counted_text is not None
    assert session.counted_text.text_key == key
    model = session.counted_text.model()
    state = services.get_session(session_id=session.session_id)
    assert state.tokenizer.decode(model.text.tolist()) == SHIPPED_TEXTS[key].read()


def test_the_shipped_texts_are_those_of_the_five_languages_and_nothing_else_is_in_their_folder():
    assert list(SHIPPED_TEXTS) == ["en", "de", "es", "fr", "nb"]
    assert {path.stem for path in Path(FOLDER).glob("*.txt")} == set(SHIPPED_TEXTS)


@pytest.mark.parametrize("key", SHIPPED_TEXTS)
def test_a_shipped_text_is_long_enough_to_count_and_may_be_pasted_too(key):
    text = SHIPPED_TEXTS[key].read()
    assert 5_000 < len(text) <= MAX_TEXT_CHARACTERS
    assert text.endswith("\n")
    assert "\n\n" not in text
    assert "\r" not in text


# Refusals: nothing is left behind


@pytest.mark.parametrize("text", [None, "", " \n\t "])
def test_a_text_without_words_is_refused(text):
    with pytest.raises(InvalidFieldsError, match="text: Paste a text"):
        start(text=text)
    assert not SessionIndexEntry.objects.exists()


def test_a_text_may_have_twenty_thousand_characters_and_no_more():
    start(text="a" * 20_000)
    with pytest.raises(InvalidFieldsError, match="20001 characters; at most 20000"):
        start(text="a" * 20_001)
    assert SessionIndexEntry.objects.count() == 1


@pytest.mark.parametrize("order", [-1, 0, 1, 4, 10**9])
def test_only_pairs_and_triples_can_be_counted(order):
    with pytest.raises(InvalidFieldsError, match="order"):
        start(order=order)
    assert not SessionIndexEntry.objects.exists()


@pytest.mark.parametrize("key", ["", "xx", "../en", "en.txt"])
def test_a_text_that_does_not_ship_is_refused(key):
    with pytest.raises(InvalidFieldsError, match="text_key"):
        services.start_counting(text_key=key, prompt="a", order=2)
    assert not SessionIndexEntry.objects.exists()


def test_a_prompt_that_is_refused_leaves_no_session():
    with pytest.raises(EmptyPromptError):
        start(prompt=" ")
    with pytest.raises(PromptTooLongError):
        start(prompt="z" * 64)
    assert not SessionIndexEntry.objects.exists()


def test_a_text_of_one_token_has_one_certain_wheel():
    session = start(text="z", prompt="a")
    assert wheel_of(session).distribution.probs.max() == 1
    assert services.spin(session_id=session.session_id).chosen.prob == 1


def test_a_session_whose_tokenizer_is_gone_says_so(models_dir):
    session = start()
    with (
        changed_runtime(catalog=ModelCatalog([GPT2_MEDIUM], models_dir)),
        pytest.raises(ModelUnavailableError, match="no longer offers gpt2"),
    ):
        services.get_session(session_id=session.session_id)


def test_only_a_counting_session_has_a_counting_model():
    model = services.counting_model(session=start())
    assert model is not None
    assert model.num_tokens > 100
    assert services.counting_model(session=services.start_session()) is None
