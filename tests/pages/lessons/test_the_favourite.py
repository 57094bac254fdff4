"""Lesson "The favourite every time": both texts are those of a plain loop over the logits."""

import random
from concurrent.futures import Future

import numpy as np
import pytest

from tests.pages.classes import freeze, join, make_classroom
from tests.pages.conftest import start_session
from tests.pages.lessons.plain import (
    entropy_of,
    plain_probs,
    ranked,
    rows_of,
    state_of,
    text_of,
    token_ids_of,
)
from wheel import services
from wheel.errors import EngineBusyError, InvalidFieldsError
from wheel.pages.words.numbers import bits, percent

NUM_TOKENS = 40


def address(session_id, **query):
    choices = {"prediction": "loop", "seed": 7} | query
    return f"/lessons/the-favourite/{session_id}?" + "&".join(
        f"{name}={value}" for name, value in choices.items()
    )


def plain_growth(engine, token_ids, choose):
    """(token id, probability, rank, entropy) of each step, from full distributions."""
    token_ids, steps = list(token_ids), []
    for idx in range(NUM_TOKENS):
        probs = plain_probs(engine, token_ids)
        order = ranked(probs)
        rank = choose(probs, order, idx)
        steps.append((order[rank], probs[order[rank]], rank + 1, entropy_of(probs)))
        token_ids.append(order[rank])
        if order[rank] == 0:  # the only token of this vocabulary that ends a text
            break
    return steps


def favourite(_probs, _order, _idx):
    return 0


def drawn_with(seed):
    def draw(probs, order, idx):
        u = random.Random(f"{seed}:{idx}").random()
        return int(np.searchsorted(np.cumsum(probs[order]), u, side="right"))

    return draw


def test_every_number_of_the_table_is_that_of_the_logits(visitor, session_id, engine):
    html = visitor.get(address(session_id)).content.decode()
    state = services.get_session(session_id=session_id)
    greedy = plain_growth(engine, token_ids_of(session_id), favourite)
    sampled = plain_growth(engine, token_ids_of(session_id), drawn_with(7))
    rows = [row for row in rows_of(html) if row[0].isdigit()]
    assert len(rows) == max(len(greedy), len(sampled))
    for row, (token_id, prob, _rank, entropy) in zip(rows, greedy, strict=False):
        assert row[1:4] == [state.token(token_id).display_text, percent(prob), bits(entropy)]
    for row, (token_id, prob, rank, entropy) in zip(rows, sampled, strict=False):
        text = state.token(token_id).display_text
        assert row[-4:] == [text, percent(prob), str(rank), bits(entropy)]
    for steps in (greedy, sampled):
        mean = -sum(np.log2(prob) for _, prob, _, _ in steps) / len(steps)
        assert f"{bits(mean)} of surprise a token on average." in text_of(html)


def test_nothing_is_appended_to_the_text_of_the_session(visitor, session_id):
    before = state_of(session_id)
    visitor.get(address(session_id))
    assert state_of(session_id) == before


def test_the_same_luck_draws_the_same_text_and_other_luck_another(visitor, session_id):
    first, again, other = (
        rows_of(visitor.get(address(session_id, seed=seed)).content.decode()) for seed in (7, 7, 8)
    )
    assert first == again
    assert [row[-4:] for row in first] != [row[-4:] for row in other]
    assert [row[:4] for row in first if row[0].isdigit()] == [
        row[:4] for row in other if row[0].isdigit()
    ]


def test_before_a_seed_is_given_nothing_has_grown(visitor, session_id):
    html = visitor.get(f"/lessons/the-favourite/{session_id}?prediction=loop").content.decode()
    assert "Let both grow" in html
    assert "growth-table" not in html


@pytest.fixture
def always_the_same(wheel_runtime, monkeypatch):
    """An engine whose favourite comes in turns of two, so that the favourite's text is a loop."""

    def answer(self, model_id, token_ids, **_):
        logits = np.zeros(400, dtype=np.float32)
        logits[50 + len(token_ids) % 2] = 9.0
        future: Future[np.ndarray] = Future()
        future.set_result(logits)
        return future

    monkeypatch.setattr(type(wheel_runtime.engine), "next_logits", answer)


def test_a_loop_is_marked_and_answers_the_prediction(visitor, always_the_same):
    session_id = start_session()
    right = visitor.get(address(session_id)).content.decode()
    told = "From token 1 on, the same 2 tokens come again and again, 20 times so far."
    assert f"You were right. {told}" in text_of(right)
    assert right.count("grown-round") >= 20
    assert "growth-band" in right
    for wrong in ("best", "same"):
        html = visitor.get(address(session_id, prediction=wrong)).content.decode()
        assert f"It turns in circles. {told}" in text_of(html)


def test_without_a_loop_the_prediction_stays_open(visitor, session_id):
    growth = services.grow_texts(state=services.get_session(session_id=session_id), seed=7)
    assert growth.greedy.loop is None
    num = len(growth.greedy.added)
    loop = text_of(visitor.get(address(session_id)).content.decode())
    assert f"Not in these {num} tokens: nothing came three times in a row." in loop
    best = text_of(visitor.get(address(session_id, prediction="best")).content.decode())
    assert f"You may be right so far: in these {num} tokens nothing goes in circles." in best


def test_a_full_context_window_ends_both_texts(visitor, session_id):
    state = services.get_session(session_id=session_id)
    for _ in range(state.context_length - len(state.session.token_ids) - 3):
        services.append_token(session_id=session_id, token_id=5)
    html = visitor.get(address(session_id)).content.decode()
    assert text_of(html).count("Here the context window is full.") == 2
    assert max(int(row[0]) for row in rows_of(html) if row[0].isdigit()) == 3


@pytest.mark.parametrize("seed", ["-1", "9007199254740992", "x", "1.5"])
def test_a_seed_out_of_range_is_refused(visitor, session_id, seed):
    assert visitor.get(address(session_id, seed=seed)).status_code == 400


def test_a_number_of_tokens_out_of_range_is_refused(session_id):
    state = services.get_session(session_id=session_id)
    for num_tokens in (0, 41):
        with pytest.raises(InvalidFieldsError):
            services.grow_texts(state=state, seed=1, num_tokens=num_tokens)


def test_a_busy_engine_gives_a_friendly_sentence(visitor, session_id, broken_engine):
    busy = visitor.get(address(session_id))
    assert busy.status_code == 503
    assert busy.has_header("Retry-After")
    assert "The model is busy" in busy.content.decode()


def test_an_engine_that_becomes_busy_on_the_way_keeps_what_has_grown(
    visitor, session_id, wheel_runtime, monkeypatch
):
    answer, num_asked = type(wheel_runtime.engine).next_logits, []

    def answer_some(self, model_id, token_ids, **options):
        num_asked.append(1)
        if len(num_asked) <= 6:
            return answer(self, model_id, token_ids, **options)
        future: Future[None] = Future()
        future.set_exception(EngineBusyError())
        return future

    monkeypatch.setattr(type(wheel_runtime.engine), "next_logits", answer_some)
    html = visitor.get(address(session_id)).content.decode()
    assert "The model is busy, so the texts stop here for now." in html
    assert max(int(row[0]) for row in rows_of(html) if row[0].isdigit()) == 3
    assert f"/lessons/the-favourite/{session_id}?prediction=loop&amp;seed=7" in html


def test_a_member_of_a_frozen_class_may_let_both_grow(visitor):
    classroom = make_classroom(locked=["temperature"], temperature=0.5)
    session_id = join(classroom)
    freeze(classroom)
    before = state_of(session_id)
    assert visitor.get(address(session_id)).status_code == 200
    assert state_of(session_id) == before
