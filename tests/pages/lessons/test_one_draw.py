"""Lesson "One draw after another": the tour's steps, and the story beside the prediction."""

import math

from tests.pages.conftest import start_session
from tests.pages.lessons.plain import (
    entropy_of,
    plain_probs,
    ranked,
    rows_of,
    text_of,
)
from wheel import services
from wheel.pages.lessons.tour import TOUR_STEPS
from wheel.pages.words.numbers import bits, odds, percent

KEY = "one-draw-after-another"


def page_of(visitor, session_id, prediction="sometimes"):
    return visitor.get(f"/lessons/{KEY}/{session_id}?prediction={prediction}").content.decode()


def spin_at(session_id, *us):
    for u in us:
        services.spin(session_id=session_id, u=u)


def test_the_lesson_lists_the_five_steps_and_leads_to_the_wheel_with_the_tour(visitor, session_id):
    html = page_of(visitor, session_id)
    shown = text_of(html)
    assert len(TOUR_STEPS) == 5
    for words in TOUR_STEPS.values():
        assert str(words) in shown
    assert f'href="/wheel/{session_id}?tour=sometimes"' in html
    assert "How surprising is your story?" not in shown


def test_the_wheel_page_has_the_words_of_every_step_and_the_way_back(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}?tour=never").content.decode()
    for number, words in enumerate(TOUR_STEPS.values(), start=1):
        assert f"{number} of 5 {words}" in text_of(html)
    assert f'href="/lessons/{KEY}/{session_id}?prediction=never"' in html


def test_a_tour_of_an_unknown_prediction_leads_back_to_the_question(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}?tour=%22%3E<b>").content.decode()
    assert f'href="/lessons/{KEY}/{session_id}"' in html
    plain = visitor.get(f"/wheel/{session_id}").content.decode()
    assert "data-guide-lesson" not in plain


def test_every_number_of_the_story_is_that_of_the_logits(visitor, session_id, engine):
    for _ in range(4):
        services.spin(session_id=session_id)
    html = page_of(visitor, session_id)
    session = services.get_session(session_id=session_id).session
    rows = [row for row in rows_of(html) if row[0].isdigit()]
    total = expected = 0.0
    token_ids = list(session.prompt_token_ids)
    for row, chosen in zip(rows, session.history, strict=True):
        probs = plain_probs(engine, token_ids)
        rank = ranked(probs).index(chosen.token_id) + 1
        surprise, entropy = -math.log2(probs[chosen.token_id]), entropy_of(probs)
        assert row[2:] == [
            percent(probs[chosen.token_id]),
            str(rank),
            bits(surprise),
            bits(entropy),
        ]
        total, expected = total + surprise, expected + entropy
        token_ids.append(chosen.token_id)
    shown = text_of(html)
    assert f"Your story has {bits(total)} of surprise." in shown
    assert f"On these wheels luck makes {bits(expected)} on average." in shown
    assert f"The chance of exactly this story: {odds(2**-total)}." in shown


def story_with(num_won, num_lost):
    """Draws of a seeded session, looked for until so many are favourites and so many are not."""
    for seed in range(200):
        session_id = start_session(seed=seed)
        for _ in range(num_won + num_lost):
            services.spin(session_id=session_id)
        history = services.get_session(session_id=session_id).session.history
        if sum(chosen.rank == 1 for chosen in history) == num_won:
            return session_id
    raise AssertionError


def test_the_answer_to_the_prediction_follows_the_draws(visitor):
    won, mixed, lost = story_with(1, 0), story_with(1, 1), story_with(0, 1)
    told = {
        (won, "always"): "So far you are right.",
        (won, "sometimes"): "Not yet to be seen.",
        (won, "never"): "It came differently.",
        (mixed, "always"): "It came differently.",
        (mixed, "sometimes"): "You were right.",
        (mixed, "never"): "It came differently.",
        (lost, "always"): "It came differently.",
        (lost, "sometimes"): "Not yet to be seen.",
        (lost, "never"): "So far you are right.",
    }
    for (session_id, prediction), words in told.items():
        assert words in text_of(page_of(visitor, session_id, prediction)), (prediction, words)
    assert "The largest segment won 1 of 2 draws." in text_of(page_of(visitor, mixed))


def test_tokens_that_are_no_random_samples_are_shown_but_not_counted(visitor, session_id):
    services.spin(session_id=session_id)
    one = text_of(page_of(visitor, session_id))
    services.append_token(session_id=session_id, token_id=5)
    spin_at(session_id, 0.5)
    html = page_of(visitor, session_id)
    shown = text_of(html)
    assert "2 tokens are not counted" in shown
    assert html.count('"drawn-note"') == 2
    start = one.index("Your story has")
    assert one[start : one.index("Draw Token", start)].strip() in shown


def test_a_story_without_a_counted_draw_is_not_judged(visitor, session_id):
    services.append_token(session_id=session_id, token_id=5)
    assert "How surprising is your story?" not in text_of(page_of(visitor, session_id))
