"""The pooled wheel: counts, ring, table and sentences, against the members' histories."""

from collections import Counter
from math import sqrt

import pytest
from django.template.loader import render_to_string

from tests.pages.markup import find_all, find_one
from tests.pages.wall.classes import (
    choose,
    draw,
    hide,
    make_class,
    member_of,
    next_view,
    session_id_of,
)
from wheel import services
from wheel.domain.story_tree import NodeName
from wheel.pages.wall.pooled_wheel import build_pooled_wheel
from wheel.pages.words.numbers import percent
from wheel.services import classrooms

pytestmark = pytest.mark.django_db

RANKS = (0, 0, 0, 1, 1, 2, 5, 5, 0, 3, 40, 41)


@pytest.fixture(autouse=True)
def runtime(wheel_runtime):
    """All tests here have a runtime."""


def pooled_of(classroom, fork=None):
    return build_pooled_wheel(classroom, classrooms.load_stories(classroom), fork)


def html_of(pooled):
    return render_to_string("wall/_pooled_wheel.html", {"pooled": pooled})


def rows_of(html):
    """The cells of each row of the tables, as text."""
    return [row.text for row in find_all(html, "tr")]


def first_tokens(classroom):
    histories = [story.state.session.history for story in classrooms.load_stories(classroom)]
    return [history[0].token_id for history in histories if history]


@pytest.fixture
def drawn_class():
    """Twelve members who have drawn once and three who have not."""
    classroom = make_class(15)
    for idx, rank in enumerate(RANKS):
        draw(classroom, idx, rank)
    return classroom


def wilson(count, total):
    """The roots of the quadratic equation of the score interval, for 95 %."""
    z, share = 1.959963984540054, count / total
    a, b, c = 1 + z * z / total, -(2 * share + z * z / total), share * share
    root = sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_the_table_has_the_counts_shares_and_bands_of_the_histories(drawn_class):
    pooled = pooled_of(drawn_class)
    counts, probs = Counter(first_tokens(drawn_class)), pooled.view.wheel.distribution.probs
    rows = [*pooled.rows, *pooled.further_rows]
    assert sum(row.segment.count for row in rows) + pooled.other_row.segment.count == len(RANKS)
    for row in rows:
        count = counts[row.segment.token_id]
        assert row.token.token_id == row.segment.token_id
        assert row.segment.count == count
        assert row.segment.frequency == count / len(RANKS)
        assert row.segment.expected_prob == pytest.approx(float(probs[row.segment.token_id]))
        low, high = wilson(count, len(RANKS))
        assert (row.segment.low, row.segment.high) == pytest.approx((max(low, 0), high), abs=1e-9)
        left, width = float(row.band.low), float(row.band.width)
        ends = (low * 100 / pooled.scale, high * 100 / pooled.scale)
        assert (left, left + width) == pytest.approx(ends, abs=0.02)
    row = rows[0]
    assert rows_of(html_of(pooled))[1].startswith(row.token.display_text), (
        "the first row after the head is the likeliest token"
    )
    for shown in (percent(row.segment.expected_prob), percent(row.segment.frequency)):
        assert shown in rows_of(html_of(pooled))[1]


def test_the_ring_has_an_arc_for_each_drawn_segment_as_long_as_its_share(drawn_class):
    pooled = pooled_of(drawn_class)
    arcs = pooled.arcs
    assert sum(arc.length for arc in arcs) == pytest.approx(12 / 15)
    assert sum(arc.count for arc in arcs) == 12
    assert len({arc.key for arc in arcs}) == len(arcs)
    end = 0.0
    for arc in arcs:
        assert arc.start == pytest.approx(end)
        assert arc.length == pytest.approx(arc.count / 15)
        end = arc.start + arc.length
    hues = {row.segment.segment_index: row.hue_index for row in pooled.rows + pooled.further_rows}
    indices = [int(arc.key.rpartition("-")[2]) for arc in arcs]
    assert indices == sorted(indices)
    assert [arc.hue_index for arc in arcs] == [hues.get(index) for index in indices]
    drawn = find_all(html_of(pooled), "circle", with_class="observed")
    dashes = [float(arc.attributes["stroke-dasharray"].split()[0]) for arc in drawn]
    assert dashes == pytest.approx([arc.length for arc in arcs], abs=1e-5)


def test_a_class_that_has_not_drawn_has_an_empty_ring_and_no_bands(runtime):
    pooled = pooled_of(make_class(3))
    assert pooled.arcs == []
    html = html_of(pooled)
    assert "has spun here yet" in html
    assert not find_all(html, "rect", with_class="band-range")
    assert find_all(html, "rect", with_class="band-expected")


def test_a_class_without_members_has_the_wheel_of_its_prompt():
    pooled = pooled_of(make_class(0))
    assert pooled.text == "The cat sat on the"
    assert (pooled.num_places, pooled.arcs) == (0, [])
    assert html_of(pooled)


def test_a_class_without_any_text_has_no_wheel():
    classroom = make_class(2, prompt="")
    assert pooled_of(classroom) is None
    assert "There is no text yet" in html_of(None)


def test_without_a_prompt_of_the_class_the_commonest_visible_one_is_taken():
    classroom = make_class(4, prompt="")
    for idx, prompt in enumerate(["The dog", "The cat", "The cat", "The dog"]):
        services.set_prompt(session_id=session_id_of(classroom, idx), prompt=prompt)
    hide(classroom, 0)
    assert pooled_of(classroom).text == "The cat"
    hide(classroom, 1, 2, 3)
    assert pooled_of(classroom) is None


def test_tokens_chosen_by_hand_and_draws_with_other_knobs_are_named_and_not_counted():
    classroom = make_class(4)
    draw(classroom, 0, 0)
    draw(classroom, 1, 0, temperature=2.0)
    choose(classroom, 2, 5)
    pooled = pooled_of(classroom)
    assert (pooled.num_draws, pooled.num_places) == (1, 2)
    html = html_of(pooled)
    assert "1 spin with other knobs is not counted." in html
    assert "1 token chosen by hand is not counted." in html


def test_draws_that_are_no_samples_of_the_wheel_are_named_and_not_counted():
    classroom = make_class(3)
    draw(classroom, 0, 0)
    services.spin(session_id=session_id_of(classroom, 1), u=0.5)
    services.append_token(session_id=session_id_of(classroom, 2), from_other=True)
    pooled = pooled_of(classroom)
    assert pooled.num_draws == 1
    sentence = "2 draws that were repeated, or made from Other alone, are not counted."
    assert sentence in html_of(pooled)


def test_a_draw_with_another_threshold_is_from_the_same_wheel():
    classroom = make_class(1)
    draw(classroom, 0, 0, threshold=0.2)
    assert pooled_of(classroom).num_draws == 1


def test_the_settings_of_the_class_make_the_wheel():
    classroom = make_class(2, temperature=2.0, top_k=3)
    draw(classroom, 0, 0)
    pooled = pooled_of(classroom)
    assert pooled.num_draws == 1
    assert len(pooled.rows) == 3
    assert pooled.other_row is None
    assert find_all(html_of(pooled), "path", with_class="ring")


def test_a_fork_counts_the_stories_with_exactly_its_tokens():
    classroom = make_class(5)
    for idx, ranks in enumerate([(0, 0), (0, 1), (1, 0), (0,), ()]):
        draw(classroom, idx, *ranks)
    pooled = pooled_of(classroom, NodeName(member_of(classroom, 1).pk, 1))
    (first, *_), view = pooled.draws.segments, next_view(classroom, 3)
    assert first.token_id == view.wheel.segments[0].token_id
    assert (pooled.num_draws, pooled.num_places) == (2, 3)
    assert pooled.text.startswith("The cat sat on the")
    assert not pooled.is_at_prompt


@pytest.mark.parametrize("depth", [3, 10**6])
def test_a_fork_that_no_story_reaches_is_the_prompt(drawn_class, depth):
    pooled = pooled_of(drawn_class, NodeName(member_of(drawn_class, 0).pk, depth))
    assert pooled.is_at_prompt
    assert pooled_of(drawn_class, NodeName(10**6, 0)).is_at_prompt


@pytest.mark.parametrize("rank", [1, 60], ids=["with a segment", "in Other"])
def test_a_token_that_only_hidden_stories_have_is_counted_and_not_shown(rank):
    classroom = make_class(3, threshold=0.03)
    (shared_id,) = draw(classroom, 0, 0)
    draw(classroom, 1, 0)
    (hidden_id,) = draw(classroom, 2, rank)
    before = html_of(pooled_of(classroom))
    hide(classroom, 1, 2)
    pooled = pooled_of(classroom)
    html = html_of(pooled)
    text_of = pooled.view.state.token
    assert f">{text_of(hidden_id).display_text}<" in before
    assert f">{text_of(hidden_id).display_text}<" not in html
    assert f">{text_of(shared_id).display_text}<" in html
    assert f'"{hidden_id}"' not in html
    assert pooled.num_draws == 3
    assert ">hidden<" in html


def test_the_wheel_of_a_place_that_only_hidden_stories_have_is_not_shown():
    classroom = make_class(2)
    draw(classroom, 0, 0)
    draw(classroom, 1, 3)
    hide(classroom, 1)
    assert pooled_of(classroom, NodeName(member_of(classroom, 1).pk, 1)).is_at_prompt


def test_if_all_draws_are_in_other_its_tokens_are_named_with_their_numbers():
    classroom = make_class(4, threshold=1.0)
    for idx, rank in enumerate([0, 0, 7, 9]):
        draw(classroom, idx, rank)
    pooled = pooled_of(classroom)
    assert pooled.rows == []
    assert pooled.other_row.segment.count == 4
    assert [drawn.count for drawn in pooled.drawn_in_other] == [2, 1, 1]
    assert sum(arc.length for arc in pooled.arcs) == pytest.approx(1)
    assert " × 2" in html_of(pooled)


def test_with_a_full_context_window_the_text_stays_and_the_reason_is_said():
    classroom = make_class(1)
    num_left = 64 - len(next_view(classroom, 0).state.session.token_ids)
    choose(classroom, 0, *[5] * num_left)
    pooled = pooled_of(classroom, NodeName(member_of(classroom, 0).pk, num_left))
    assert pooled.view is None
    assert "context window is full" in html_of(pooled)
    assert pooled.text


@pytest.mark.usefixtures("broken_engine")
def test_a_busy_engine_is_said_in_place_of_the_wheel():
    pooled = pooled_of(make_class(0))
    assert pooled.view is None
    assert "busy" in html_of(pooled)


def test_members_with_the_same_luck_tell_nothing_about_shares():
    classroom = make_class(6, luck="shared")
    for idx in range(6):
        draw(classroom, idx, 0)
    html = html_of(pooled_of(classroom))
    assert "the same luck" in html
    assert not find_all(html, "rect", with_class="band-range")
    assert "often than expected" not in html


def test_a_verdict_is_said_where_chance_does_not_explain_the_count():
    classroom = make_class(9)
    for idx in range(9):
        draw(classroom, idx, 12)
    pooled = pooled_of(classroom)
    told = [row for row in [*pooled.rows, *pooled.further_rows] if row.segment.verdict]
    assert [row.segment.count for row in told if row.verdict == "more often than expected"] == [9]
    assert html_of(pooled).count("more often than expected") == 1
    assert "chance does not explain every count" in html_of(pooled)


def test_the_sentences_say_what_this_number_of_draws_can_show(drawn_class):
    pooled = pooled_of(drawn_class)
    html = html_of(pooled)
    assert "After 12 spins, chance alone still explains every count." in html
    assert "A token of 1% is missed by 12 spins in 89% of all classes." in html
    needed = pooled.draws.telling_counts(pooled.rows[0].segment).smallest_more
    assert f"would stand out with {needed} or more of 12." in html


def test_a_single_draw_says_nothing_yet():
    classroom = make_class(2)
    draw(classroom, 0, 0)
    assert "With 1 spin nothing can be said yet" in html_of(pooled_of(classroom))


def test_all_segments_have_a_row_with_their_share_of_the_wheel(drawn_class):
    pooled = pooled_of(drawn_class)
    rows = [*pooled.rows, *pooled.further_rows, pooled.other_row]
    assert sum(row.segment.expected_prob for row in rows) == pytest.approx(1)
    # Two heads: one for each table.
    assert len(find_all(html_of(pooled), "tr")) == len(rows) + 1


def test_the_picture_has_a_name_and_the_decoration_has_none(drawn_class):
    html = html_of(pooled_of(drawn_class))
    disc = find_one(html, "svg", with_class="disc")
    assert disc.attributes["role"] == "img"
    assert "12 spins of the class" in disc.attributes["aria-label"]
    assert all(
        band.attributes["aria-hidden"] == "true"
        for band in find_all(html, "svg", with_class="band")
    )


def test_hostile_prompts_are_escaped():
    classroom = make_class(1, prompt="\u202e<script>alert(1)</script> \"'><svg/onload=x>")
    draw(classroom, 0, 0)
    html = html_of(pooled_of(classroom))
    assert "<script" not in html
    assert "<svg/onload" not in html
    assert "&lt;script&gt;" in html
