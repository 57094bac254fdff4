"""The search for a token, and the mark of a found token on the wheel."""

import numpy as np
import pytest

from tests.pages.markup import find_all
from wheel import services
from wheel.domain.wheel_settings import WheelSettings
from wheel.pages.panels.search import find_token, find_tokens
from wheel.pages.words.numbers import bits, decimals

HTMX = {"HX-Request": "true"}


def view_of(session_id, **settings):
    return services.next_wheel(session_id=session_id, settings=WheelSettings(**settings))


def arc_by_rank(view, rank_idx):
    """Start and end in turns, summed here from the probabilities."""
    ends = np.concatenate(([0.0], np.cumsum(view.wheel.distribution.ranked_probs)))
    return float(ends[rank_idx]), float(ends[rank_idx + 1])


@pytest.mark.parametrize("text", ["dog", " dog", "The", "a", " the"])
def test_a_found_token_has_the_rank_and_the_arc_of_its_place_in_the_ranking(session_id, text):
    view = view_of(session_id)
    found = find_token(view, text, "as typed")
    assert found.token.token_id == view.state.tokenizer.encode(text)[0]
    assert view.wheel.distribution.ranked_token_ids[found.rank - 1] == found.token.token_id
    start, end = arc_by_rank(view, found.rank - 1)
    assert (found.start, found.end) == pytest.approx((start, end), abs=1e-9)
    assert found.end > found.start
    assert found.middle_degrees == pytest.approx((start + end) / 2 * 360, abs=1e-6)
    assert found.width_degrees == pytest.approx((end - start) * 360, abs=1e-6)
    assert found.start_degrees == pytest.approx(start * 360, abs=1e-6)


def test_a_found_token_has_its_own_probability_on_the_wheel_and_in_the_model(session_id):
    view = view_of(session_id, temperature=0.5)
    found = find_token(view, "dog", "as typed")
    token_id = found.token.token_id
    assert found.figures.prob == view.wheel.distribution.probs[token_id]
    assert found.figures.raw_prob == view.raw.probs[token_id]
    assert found.figures.prob != found.figures.raw_prob


def test_a_found_token_that_the_knobs_removed_keeps_the_rank_in_the_model(session_id):
    view = view_of(session_id, top_k=1)
    found = find_token(view, "dog", "as typed")
    assert found.figures.prob == 0
    assert found.rank == view.raw.rank_of(found.token.token_id) + 1


@pytest.mark.parametrize("settings", [{}, {"top_k": 1}])
@pytest.mark.parametrize("text", ["dog", "The", "the", "a", "s", "1"])
def test_the_likelier_reading_of_a_text_comes_first(session_id, text, settings):
    view = view_of(session_id, **settings)
    first, second = find_tokens(view, text)
    own = view.raw.probs
    assert own[first.token.token_id] >= own[second.token.token_id]
    assert first.rank < second.rank


def test_the_surprise_of_a_found_token_that_the_knobs_removed_is_the_model_s_own(
    visitor, session_id
):
    visitor.get(f"/wheel/{session_id}?top_k=1")
    html = visitor.post(
        f"/wheel/{session_id}/find", {"text": " dog"}, headers=HTMX
    ).content.decode()
    raw_surprisal_bits = find_token(view_of(session_id), " dog", "as typed").figures.surprisal_bits
    assert raw_surprisal_bits is not None
    shown = [element.text for element in find_all(html, "dd")]
    assert f"in the model itself {bits(raw_surprisal_bits)}" in shown
    assert "∞" not in html


def test_the_page_shows_rank_and_middle_of_a_found_token(visitor, session_id):
    html = visitor.post(
        f"/wheel/{session_id}/find", {"text": " dog"}, headers=HTMX
    ).content.decode()
    view = view_of(session_id)
    found = find_token(view, " dog", "as typed")
    shown = " | ".join(element.text for element in find_all(html, "dd"))
    assert f"{found.rank} of {view.wheel.distribution.vocabulary_size}" in shown
    assert f"{decimals(found.middle_degrees, 3)}°" in shown
    (link,) = find_all(html, "a", with_class="button-small")
    assert link.attributes["href"] == f"/wheel/{session_id}?rank={found.rank}#dial"


def mark_transforms(visitor, session_id, query):
    html = visitor.get(f"/wheel/{session_id}?{query}").content.decode()
    return [mark.attributes["transform"] for mark in find_all(html, "path", with_class="mark")]


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_mark_points_at_the_middle_of_a_token_s_segment(visitor, session_id, rank):
    start, end = arc_by_rank(view_of(session_id), rank - 1)
    (transform,) = mark_transforms(visitor, session_id, f"rank={rank}")
    assert transform == f"rotate({(start + end) / 2 * 360:.4f})"


def test_the_mark_on_an_opened_wheel_points_at_the_token_there(visitor, session_id):
    response = visitor.get(f"/wheel/{session_id}?rank=70")
    opened = response.context["stage"].opening.shown
    (group,) = [group for group in opened.groups if group.first_rank == 69]
    assert group.is_token
    (transform,) = mark_transforms(visitor, session_id, "rank=70")
    assert transform == f"rotate({(group.start + group.end) / 2 * 360:.4f})"


@pytest.mark.parametrize("query", ["", "rank=70&depth=1", "rank=3&top_k=2"])
def test_there_is_no_mark_unless_a_token_that_can_be_drawn_was_asked_for(
    visitor, session_id, query
):
    assert mark_transforms(visitor, session_id, query) == []
