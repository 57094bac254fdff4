"""The sum of all simulated spins of a class on its wall, drawn again from the logits."""

from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.lessons.plain_draws import plain_draws, plain_wheel, wilson
from tests.pages.markup import find_all, find_one
from tests.pages.wall.world import html_of, join
from wheel import services
from wheel.models import Classroom, Luck
from wheel.pages.words.numbers import count, percent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lesson(classroom):
    Classroom.objects.update(lesson="many-spins")
    classroom.refresh_from_db()


def address(member, num_spins, seed):
    return (
        f"/lessons/many-spins/{member.session_id}"
        f"?prediction=seldom&num_spins={num_spins}&seed={seed}"
    )


@pytest.fixture
def spun(classroom, anyone):
    """Three members who have done the lesson in a browser; one who has not."""
    members = [join(classroom) for _ in range(4)]
    for member, num_spins, seed in zip(members, (1000, 100, 10), (5, 6, 7), strict=False):
        assert anyone.get(address(member, num_spins, seed)).status_code == 200
    return members


@pytest.fixture
def wheel(wheel_runtime, spun):
    return plain_wheel(wheel_runtime, str(spun[3].session_id))


def part_of(response):
    html = html_of(response)
    return html[html.index('<section id="spins"') :].split("</section>")[0] + "</section>"


def test_every_segment_has_its_expected_share_its_count_its_share_and_its_band(wall, spun, wheel):
    draws = [
        *plain_draws(wheel, 5, 1000),
        *plain_draws(wheel, 6, 100),
        *plain_draws(wheel, 7, 10),
    ]
    counts, html = Counter(draws), part_of(wall.show())
    expected = [(wheel.probs[token_id], counts[token_id]) for token_id in wheel.above]
    num_in_other = sum(num for token_id, num in counts.items() if token_id not in wheel.above)
    expected.append((1 - wheel.above_prob, num_in_other))
    rows = find_all(html, "tr")
    shown = [row.text for row in rows if "Token" not in row.text]
    shown.insert(
        len(wheel.above), shown.pop(min(10, len(wheel.above)))
    )  # Other ends the first table
    assert len(shown) == len(expected)
    for row, (prob, num) in zip(shown, expected, strict=True):
        low, high = wilson(num, 1110)
        cells = [
            percent(prob),
            count(num),
            percent(num / 1110),
            f"{percent(low)} to {percent(high)}",
        ]
        assert " ".join(cells) in row


def test_the_ring_and_the_hub_have_all_spins(wall, spun):
    html = part_of(wall.show())
    arcs = find_all(html, "circle", with_class="observed")
    lengths = [float(arc.attributes["stroke-dasharray"].split()[0]) for arc in arcs]
    assert sum(lengths) == pytest.approx(1, abs=1e-4)
    assert find_one(html, "text", with_class="pooled-count").text == "1,110"
    assert "3 have spun · 1 has not yet" in html


def test_equal_luck_and_other_texts_are_said(wall, spun, classroom, anyone):
    anyone.get(address(join(classroom), 50, seed=5))
    elsewhere = join(classroom, " sat")
    anyone.get(address(elsewhere, 50, seed=8))
    html = part_of(wall.show())
    assert "equal spins are counted once" in html
    assert "1 has spun another text" in html
    assert find_one(html, "text", with_class="pooled-count").text == "1,110"


def test_in_a_class_with_shared_luck_the_simulated_spins_are_still_independent(
    wall, spun, classroom
):
    Classroom.objects.update(luck=Luck.SHARED)
    html = part_of(wall.show())
    assert "like a single one" not in html
    assert find_all(html, "rect", with_class="band-range")


def test_a_class_that_has_not_spun_is_asked_to(wall, classroom):
    join(classroom)
    html = part_of(wall.show())
    assert "has spun here yet" in html
    assert find_one(html, "text", with_class="pooled-count").text == "0"


def test_a_simulation_makes_another_answer_of_the_wall(wall, classroom, anyone, frozen_minute):
    member = join(classroom)
    etag = wall.poll()["ETag"]
    assert wall.poll(etag).status_code == 304
    anyone.get(address(member, 10, seed=1))
    assert wall.poll(etag).status_code == 200


def test_the_two_tables_of_the_wall_have_different_ids(wall, spun):
    services.spin(session_id=str(spun[0].session_id))
    ids = [
        one.attributes["id"]
        for one in find_all(html_of(wall.show()), "details", with_class="pooled-more")
    ]
    assert len(set(ids)) == len(ids)


def test_another_lesson_has_no_sum(wall, spun):
    Classroom.objects.update(lesson="filters")
    assert 'id="spins"' not in html_of(wall.show())


def test_a_busy_engine_is_said_and_asked_again_at_the_next_poll(wall, spun, broken_engine):
    answer = wall.poll()
    assert "ETag" not in answer
    assert "busy" in part_of(answer)


def test_the_number_of_queries_does_not_depend_on_the_number_of_members(wall, classroom, anyone):
    nums = []
    for seed in (1, 2):
        for number in range(3):
            anyone.get(address(join(classroom), 10, seed=seed * 10 + number))
        with CaptureQueriesContext(connection) as queries:
            wall.poll()
        nums.append(len(queries))
    assert nums[0] == nums[1]
