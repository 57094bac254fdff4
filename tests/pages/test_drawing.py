"""The drawing of the wheel on the page: labels, names, the hub, the ring, opened wheels."""

import re

import pytest

from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.domain.segments import Wheel
from wheel.domain.wheel_settings import WheelSettings
from wheel.pages.drawing.opening import find_opening
from wheel.pages.drawing.wheel import WheelPicture
from wheel.pages.words.numbers import count, percent
from wheel.pages.words.spoken import spoken


def view_of(session_id, **settings):
    return services.next_wheel(session_id=session_id, settings=WheelSettings(**settings))


def html_of(visitor, session_id, query=""):
    return visitor.get(f"/wheel/{session_id}{query}").content.decode()


@pytest.mark.parametrize("file_name", ["", "/wheel.svg"])
def test_each_label_is_rotated_and_moved_onto_its_own_segment(visitor, session_id, file_name):
    picture = WheelPicture(view_of(session_id))
    labels = [segment.label for segment in picture.segments if segment.label]
    assert any(label.is_upright for label in labels)
    assert any(not label.is_upright for label in labels)
    drawn = find_all(html_of(visitor, session_id, file_name), "g")
    drawn = [group for group in drawn if "transform" in group.attributes]
    assert len(drawn) == len(labels)
    for group, label in zip(drawn, labels, strict=True):
        assert group.text.startswith(label.text)
        numbers = re.fullmatch(
            r"rotate\((\S+)\) translate\((\S+) (\S+)\)", group.attributes["transform"]
        )
        assert numbers
        shown = [float(number) for number in numbers.groups()]
        assert shown == pytest.approx([label.rotation_degrees, label.x, label.y], abs=0.0006)
        assert group.attributes["text-anchor"] == label.anchor


@pytest.mark.parametrize("query", ["", "?rank=300&depth=1"])
def test_screen_readers_get_the_wheel_s_summary_as_its_name(visitor, session_id, query):
    page = visitor.get(f"/wheel/{session_id}{query}")
    summary = page.context["stage"].picture.summary
    disc = find_one(page.content.decode(), "svg", with_class="disc")
    assert disc.attributes["aria-label"] == summary
    assert disc.attributes["role"] == "img"
    assert re.search(r"\d%", summary)


def test_the_summary_names_the_three_largest_segments(session_id):
    view = view_of(session_id)
    distribution = view.wheel.distribution
    for token_id in distribution.ranked_token_ids[:3]:
        name = spoken(view.state.token(int(token_id)))
        assert f"{name}, {percent(float(distribution.probs[token_id]))}" in (
            WheelPicture(view).summary
        )


@pytest.mark.parametrize("top_k", [0, 3])
def test_the_hub_says_how_many_tokens_can_be_drawn(visitor, session_id, top_k):
    num_possible = view_of(session_id, top_k=top_k).wheel.distribution.num_possible
    hub = find_one(html_of(visitor, session_id, f"?top_k={top_k}"), "text", with_class="hub-number")
    assert hub.text == str(num_possible)
    assert top_k in (0, num_possible)


def test_the_label_of_a_wide_other_is_its_number_with_the_words_below(visitor, session_id):
    view = view_of(session_id, threshold=1.0)
    other = WheelPicture(view).segments[-1]
    assert other.label
    assert other.label.is_upright
    assert other.label.text == count(view.wheel.num_other)
    assert other.label.caption == (f"other tokens, {percent(view.wheel.other_prob)}",)
    assert other.title == f"{view.wheel.num_other} other tokens {percent(view.wheel.other_prob)}"
    (label,) = find_all(html_of(visitor, session_id, "?threshold=1"), "g", with_class="label")
    assert label.text == f"{other.label.text} {other.label.caption[0]}"


def test_the_title_of_the_ring_s_rest_gives_the_share_of_all_tokens_without_an_arc(session_id):
    view = view_of(session_id, top_k=2)
    raw = Wheel(view.raw, view.wheel.threshold)
    *arcs, rest = WheelPicture(view).ring
    assert len(arcs) == raw.num_above
    assert rest.hue_index is None
    assert rest.title == (
        f"In the model itself: {raw.num_other} other tokens, {percent(raw.other_prob)}"
    )


def test_a_click_on_a_segment_of_several_tokens_opens_those_tokens(visitor, session_id):
    """The query on the drawing leads to the ranks of the segment, on every level."""
    query, num_opened = "?threshold=0.01", 0
    while True:
        page = visitor.get(f"/wheel/{session_id}{query}")
        stage, html = page.context["stage"], page.content.decode()
        grey = [path for path in find_all(html, "path") if "data-opens" in path.attributes]
        if not grey:
            break
        num_opened += 1
        depth = stage.opening.depth if stage.opening else 0
        expected = (
            [
                (group.first_rank, group.end_rank)
                for group in stage.opening.shown.groups
                if not group.is_token
            ]
            if stage.opening
            else [(stage.view.wheel.num_above, stage.num_possible)]
        )
        for path, ranks in zip(grey, expected, strict=True):
            assert path.attributes["data-opens"] == f"rank={ranks[0] + 1}&depth={depth + 1}"
            opening = find_opening(stage.view, ranks[0], depth + 1)
            assert opening
            assert (opening.shown.first_rank, opening.shown.end_rank) == ranks
        query = f"?{grey[-1].attributes['data-opens']}"
    assert num_opened >= 2


def test_breadcrumbs_lead_from_other_to_the_wheel_on_show(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}?rank=300")
    opening = page.context["stage"].opening
    assert opening.depth >= 2
    queries = [crumb.query for crumb in opening.breadcrumbs]
    assert queries == [f"rank=300&depth={depth}" for depth in range(1, opening.depth + 1)]
    assert opening.breadcrumbs[0].text == "Other"
    assert all(crumb.text.startswith("ranks ") for crumb in opening.breadcrumbs[1:])
    for depth, crumb in enumerate(opening.breadcrumbs, start=1):
        back = visitor.get(f"/wheel/{session_id}?{crumb.query}").context["stage"].opening
        assert back.depth == depth
        assert back.shown.first_rank == opening.wheels[depth - 1].first_rank
