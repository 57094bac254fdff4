"""Lesson "What the filters cut": every number is that of the logits, and nothing is changed."""

import pytest

from tests.pages.classes import freeze, join, make_classroom
from tests.pages.conftest import start_session
from tests.pages.lessons.plain import (
    plain_probs,
    ranked,
    rows_of,
    state_of,
    text_of,
    token_ids_of,
)
from wheel import services
from wheel.pages.words.numbers import count, percent

NAMES = ("top_k", "top_p", "min_p")
ASKED = {"top_k": 10, "top_p": 0.9, "min_p": 0.05}


def address(session_id, **query):
    choices = {"prediction": "top_p"} | query
    return f"/lessons/filters/{session_id}?" + "&".join(f"{k}={v}" for k, v in choices.items())


def nums_kept(sorted_probs, values):
    """How many of the likeliest tokens each filter keeps, counted one by one."""
    total, num = 0.0, 0
    for prob in sorted_probs:
        if total >= values["top_p"]:
            break
        total, num = total + prob, num + 1
    is_likely = [prob >= values["min_p"] * sorted_probs[0] for prob in sorted_probs]
    return values["top_k"] or len(sorted_probs), num, sum(is_likely)


@pytest.mark.parametrize("values", [ASKED, {"top_k": 3, "top_p": 0.31, "min_p": 0.4}])
def test_every_number_is_that_of_the_logits(visitor, session_id, engine, values):
    html = visitor.get(address(session_id, **values)).content.decode()
    shown = text_of(html)
    probs = plain_probs(engine, token_ids_of(session_id))
    order = ranked(probs)
    kept = nums_kept([probs[token_id] for token_id in order], values)
    for num in kept:
        assert f"keeps {count(num)} tokens." in shown
        left = probs[order[:num]].sum()
        assert f"{percent(left)} of the model's own distribution is left." in shown
        removed = probs[order[num:]].sum()
        assert f"It cuts {count(len(probs) - num)} tokens, which had {percent(removed)} " in shown
        favourite = probs[order[0]]
        grown = f"from {percent(favourite)} to {percent(favourite / left)}."
        assert f"So the favourite grows {grown}" in shown
    limit = percent(values["min_p"] * probs[order[0]])
    assert f"The favourite has {percent(probs[order[0]])}, so the limit is {limit}." in shown
    assert f"All three keep the {min(kept)} likeliest tokens." in shown
    assert f"They do not agree on the next {max(kept) - min(kept)}." in shown


def test_the_table_has_each_share_by_filter_and_each_place_where_one_stops(
    visitor, session_id, engine
):
    html = visitor.get(address(session_id)).content.decode()
    probs = plain_probs(engine, token_ids_of(session_id))
    order = ranked(probs)
    kept = nums_kept([probs[token_id] for token_id in order], ASKED)
    rows = {row[0]: row for row in rows_of(html) if len(row) == 6 and row[0].isdigit()}
    for rank in [1, 2, *kept, *(num + 1 for num in kept)]:
        prob = probs[order[rank - 1]]
        shares = [
            percent(prob / probs[order[:num]].sum()) if rank <= num else "cut" for num in kept
        ]
        assert rows[str(rank)][2:] == [percent(prob), *shares]
    num_between = sum(int(row[0].split()[0]) for row in rows_of(html) if "between" in row[0])
    num_after = next(int(row[0].split()[0]) for row in rows_of(html) if "after it" in row[0])
    assert len(rows) + num_between + num_after == len(probs)


def test_the_answer_to_the_prediction_is_about_the_values_of_the_question(
    visitor, session_id, engine
):
    probs = sorted(plain_probs(engine, token_ids_of(session_id)), reverse=True)
    kept = dict(zip(NAMES, nums_kept(probs, ASKED), strict=True))
    winner = max(NAMES, key=lambda name: kept[name])
    loser = min(NAMES, key=lambda name: kept[name])
    # With these values the winner keeps one token; the question is another one.
    changed = {"top_k": 1, "top_p": 0.001, "min_p": 1}
    for query in ({}, changed):
        right = visitor.get(address(session_id, prediction=winner, **query)).content.decode()
        wrong = visitor.get(address(session_id, prediction=loser, **query)).content.decode()
        assert "You were right. Top-k 10 keeps 10 tokens." in text_of(right)
        assert "It came differently here. Top-k 10 keeps 10 tokens." in text_of(wrong)


def test_a_filter_that_is_off_keeps_every_token(visitor, session_id):
    shown = text_of(visitor.get(address(session_id, top_k=0, top_p=1, min_p=0)).content.decode())
    assert shown.count("It is off, so every token stays. It cuts nothing here.") == 3
    assert shown.count("100% of the model's own distribution is left.") == 3
    assert "Here all three stop at the same place." in shown


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("top_p", "0", "Must be greater than 0 and at most 1."),
        ("top_p", "1.5", "Must be greater than 0 and at most 1."),
        ("min_p", "-0.1", "Must be between 0 and 1."),
        ("top_k", "-1", "Must be 0 (off) or a number of tokens."),
        ("top_k", "2.5", "Enter a whole number."),
        ("top_k", "100000", "Must be at most the vocabulary size"),
        ("min_p", "lots", "Enter a number."),
        ("top_p", "nan", "Enter a number."),
    ],
)
def test_a_value_out_of_range_is_refused_with_a_sentence_and_what_was_typed(
    visitor, session_id, name, value, words
):
    before = state_of(session_id)
    refused = visitor.get(address(session_id, **{name: value}))
    assert refused.status_code == 400
    html = refused.content.decode()
    assert words in text_of(html)
    assert f'value="{value}"' in html
    assert state_of(session_id) == before


def test_a_decimal_comma_is_a_decimal_point(visitor, session_id):
    shown = text_of(visitor.get(address(session_id, top_p="0,5")).content.decode())
    assert "Top-p 0.5 keeps" in shown


def test_htmx_gets_the_error_in_its_place_and_the_sentences_to_announce(visitor, session_id):
    htmx = {"HX-Request": "true"}
    refused = visitor.get(address(session_id, top_p=2), headers=htmx)
    assert (refused["HX-Retarget"], refused["HX-Reswap"]) == ("#problem", "none")
    shown = visitor.get(address(session_id), headers=htmx)
    assert "Top-k 10 keeps 10 tokens." in shown["HX-Trigger-After-Swap"]


def test_a_busy_engine_gives_a_friendly_sentence_and_a_time_to_wait(
    visitor, session_id, broken_engine
):
    busy = visitor.get(address(session_id))
    assert busy.status_code == 503
    assert busy.has_header("Retry-After")
    assert "The model is busy" in busy.content.decode()


def test_a_member_of_a_frozen_class_that_locks_the_filters_may_compare_them(visitor):
    classroom = make_classroom(locked=["top_k", "top_p", "min_p"], top_k=2)
    session_id = join(classroom)
    freeze(classroom)
    before = state_of(session_id)
    shown = text_of(visitor.get(address(session_id)).content.decode())
    assert "Top-k 10 keeps 10 tokens." in shown
    assert state_of(session_id) == before


def test_a_wheel_that_the_student_has_reshaped_is_compared_by_the_model_itself(visitor):
    session_id = start_session()
    plain = text_of(visitor.get(address(session_id)).content.decode())
    services.next_wheel(
        session_id=session_id,
        settings=services.get_session(session_id=session_id).session.settings.with_overrides(
            {"temperature": 3.0, "top_k": 2}
        ),
    )
    assert text_of(visitor.get(address(session_id)).content.decode()) == plain
