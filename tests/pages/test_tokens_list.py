"""The list of the wheel's tokens: their rows, bars and hues, and the rows of groups."""

from math import log

import pytest

from tests.pages.markup import find_all
from wheel import services
from wheel.domain.wheel_settings import WheelSettings
from wheel.pages.drawing.opening import find_opening
from wheel.pages.panels.table import GroupRow, SegmentTable
from wheel.pages.words.numbers import bits, decimals


def view_of(session_id, **settings):
    return services.next_wheel(session_id=session_id, settings=WheelSettings(**settings))


def html_of(visitor, session_id, query=""):
    return visitor.get(f"/wheel/{session_id}{query}").content.decode()


def test_the_bar_of_a_row_is_as_wide_as_the_token_s_probability_in_percent(visitor, session_id):
    view = view_of(session_id)
    widths = [
        float(bar.attributes["width"])
        for bar in find_all(html_of(visitor, session_id), "rect", with_class="bar-fill")
    ]
    probs = view.wheel.distribution.ranked_probs[: len(widths)]
    assert len(widths) == view.wheel.num_above + 10
    assert widths == pytest.approx([100 * prob for prob in probs], abs=0.0006)


def test_the_mark_on_a_bar_is_at_the_model_s_own_probability(visitor, session_id):
    view = view_of(session_id, top_k=3)
    html = html_of(visitor, session_id, "?top_k=3")
    marks = [float(mark.attributes["x"]) for mark in find_all(html, "rect", with_class="bar-mark")]
    assert marks == pytest.approx(view.raw.ranked_probs[: len(marks)] * 99, abs=0.0006)
    assert len(marks) == 8


def test_a_row_has_the_hue_of_its_segment_and_a_row_of_other_has_none(visitor, session_id):
    html = html_of(visitor, session_id)
    segments = find_all(html, "path", with_class="segment-token")
    bars = find_all(html, "rect", with_class="bar-fill")
    swatches = find_all(html, "th", with_class="col-token")
    hues = [[name for name in segment.classes if name.startswith("hue-")] for segment in segments]
    assert len({tuple(hue) for hue in hues}) > 2
    assert [bar.classes[1:] for bar in bars] == hues + [[]] * 10
    assert len(swatches) == len(bars)
    cells = find_all(html, "span", with_class="swatch")
    in_rows = [cell.classes[1:] for cell in cells]
    assert in_rows[: len(hues)] == hues
    assert in_rows[len(hues) :] == [["swatch-other"]] * 11  # Other itself and ten of its tokens


def test_a_removed_token_keeps_the_model_s_rank_and_has_no_probability(session_id):
    view = view_of(session_id, top_k=2)
    rows = SegmentTable(view).removed_rows
    by_model = view.raw.ranked_token_ids[2:7].tolist()
    assert [row.token.token_id for row in rows] == by_model
    assert [row.rank for row in rows] == [3, 4, 5, 6, 7]
    assert [row.figures.prob for row in rows] == [0] * 5
    assert [row.figures.raw_prob for row in rows] == [
        view.raw.probs[token_id] for token_id in by_model
    ]
    assert [row.hue_index for row in rows] == [None] * 5


def test_a_removed_token_s_logarithm_and_surprise_are_the_model_s_own(visitor, session_id):
    html = html_of(visitor, session_id, "?top_k=1")
    view = view_of(session_id, top_k=1)
    removed = [row.token.token_id for row in SegmentTable(view).removed_rows]
    log_probs = [float(view.raw.log_probs[token_id]) for token_id in removed]
    for column, texts in {
        "col-log": [decimals(log_prob, 2) for log_prob in log_probs],
        "col-bits": [bits(-log_prob / log(2)) for log_prob in log_probs],
    }.items():
        cells = [cell.text for cell in find_all(html, "td", with_class=column)]
        assert cells[0] in ("0", "0 bits")
        assert cells[1:] == [f"model: {text}" for text in texts]
    assert "∞" not in html


def test_the_buttons_of_removed_tokens_choose_what_the_model_ranks_next(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}?top_k=2")
    buttons = visitor.form(page, "/choose")["buttons"]
    by_model = view_of(session_id, top_k=2).raw.ranked_token_ids[:7].tolist()
    assert buttons == [("token_id", str(token_id)) for token_id in by_model]


@pytest.mark.parametrize("query", ["?rank=300&depth=1", "?rank=300&depth=2"])
def test_the_row_of_a_group_opens_that_group_one_wheel_deeper(visitor, session_id, query):
    page = visitor.get(f"/wheel/{session_id}{query}")
    stage = page.context["stage"]
    rows = [row for row in stage.opened_table.rows if isinstance(row, GroupRow)]
    groups = [group for group in stage.opening.shown.groups if not group.is_token]
    assert rows
    for row, group in zip(rows, groups, strict=True):
        rank = group.first_rank + 1
        assert row.query == f"rank={rank}&depth={stage.opening.depth + 1}"
        opening = find_opening(stage.view, group.first_rank, stage.opening.depth + 1)
        assert opening
        assert (opening.shown.first_rank, opening.shown.end_rank) == (
            group.first_rank,
            group.end_rank,
        )
    links = find_all(page.content.decode(), "td", with_class="col-choose")
    assert len(links) == len(stage.opened_table.rows)
    for row in rows:
        addresses = find_all(
            page.content.decode(), "a", href=f"/wheel/{stage.session_id}?{row.query}#dial"
        )
        assert any(link.text == "Open" for link in addresses)
