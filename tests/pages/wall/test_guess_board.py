"""The guesses of a class on its wall, computed again from the logits."""

import math
import re
from collections import Counter

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.markup import find_all, find_one
from tests.pages.wall.classes import hide
from tests.pages.wall.world import html_of, join
from wheel import services
from wheel.models import Classroom, Luck
from wheel.pages.words.numbers import bits, percent

pytestmark = pytest.mark.django_db
COVERED = "appear when everybody has guessed"


@pytest.fixture(autouse=True)
def lesson(classroom):
    Classroom.objects.update(lesson="guess-first", luck=Luck.SHARED)
    classroom.refresh_from_db()


def guess(member, token_id):
    session_id = str(member.session_id)
    rev = services.get_session(session_id=session_id).session.rev
    services.guess(session_id=session_id, token_id=token_id, rev=rev)


def probs_at(engine, member, position=0):
    """(vocabulary_size,) float64, through plain numpy."""
    session = services.get_session(session_id=str(member.session_id)).session
    token_ids = session.token_ids[: len(session.prompt_token_ids) + position]
    logits = engine.next_logits("gpt2", token_ids).result(30).astype(np.float64)
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()


def board_of(response):
    return find_one(html_of(response), "section", id="guesses")


def rows_of(response):
    """The cells of the rows of the table of guesses."""
    html = html_of(response)
    html = html[html.index('id="guesses"') :].split("</section>")[0]
    return [row.text for row in find_all(html, "tr")][1:]


@pytest.fixture
def guessed(classroom):
    """Six members who have guessed three tokens, thrice, twice and once."""
    members = [join(classroom) for _ in range(6)]
    for member, token_id in zip(members, (100, 100, 100, 200, 200, 300), strict=True):
        guess(member, token_id)
    return members


def test_each_row_has_the_number_of_guesses_the_models_share_and_the_surprise(
    wall, guessed, engine
):
    probs, page = probs_at(engine, guessed[0]), wall.show()
    tokens = services.get_session(session_id=str(guessed[0].session_id)).tokenizer.tokens
    rows = rows_of(page)
    favourites = np.argsort(-probs, kind="stable")[:3].tolist()
    counts = Counter({100: 3, 200: 2, 300: 1})
    expected_ids = [100, 200, 300, *(one for one in favourites if one not in counts)]
    assert len(rows) == len(expected_ids)
    for row, token_id in zip(rows, expected_ids, strict=True):
        assert row.startswith(tokens[token_id].display_text)
        figures = row.split()[-5:]
        cells = [str(counts[token_id]), percent(probs[token_id]), bits(-math.log2(probs[token_id]))]
        assert " ".join(cells) in row, (cells, figures)


def test_bars_and_marks_are_as_long_as_the_shares(wall, guessed, engine):
    probs, html = probs_at(engine, guessed[0]), html_of(wall.show())
    bars = [
        float(one.attributes["width"]) for one in find_all(html, "rect", with_class="guess-count")
    ]
    assert bars[:3] == pytest.approx([100, 100 * 2 / 3, 100 / 3], abs=0.01)  # 50% is the end
    assert "From 0 to 50%" in board_of(wall.show()).text
    svgs = html[html.index('class="pooled-table guess-table"') :]
    marks = [
        float(one.attributes["x"]) + float(one.attributes["width"]) / 2
        for one in find_all(svgs.split("</table>")[0], "rect", with_class="band-expected")
    ]
    expected = [max(0.6, probs[token_id] / 0.5 * 100) for token_id in (100, 200, 300)]
    assert marks[:3] == pytest.approx(expected, abs=0.02)


def test_the_mean_is_beside_what_other_ways_to_guess_would_have_cost(wall, guessed, engine):
    probs = probs_at(engine, guessed[0])
    costs = -np.log2(probs)
    mean = (3 * costs[100] + 2 * costs[200] + costs[300]) / 6
    entropy = float((probs * costs).sum())
    text = board_of(wall.show()).text
    for figure in (mean, costs.min(), entropy, math.log2(len(probs))):
        assert bits(float(figure)) in text


def test_while_a_student_has_not_guessed_the_wall_shows_no_word_and_no_wheel(
    wall, guessed, classroom
):
    join(classroom)
    page = html_of(wall.show())
    assert COVERED in page
    assert "6 have guessed" in page
    assert "1 has not yet" in page
    for part in ("pooled", "tree", "stories"):
        assert f'id="{part}"' not in page
    token = services.get_session(session_id=str(guessed[0].session_id)).tokenizer.tokens[100]
    assert token.display_text not in re.sub("<[^>]+>", " ", page)


def test_the_teacher_uncovers_the_guesses_and_goes_on_to_the_next_round(wall, guessed, classroom):
    join(classroom)
    page = wall.send(wall.show(), "/guesses")
    assert COVERED not in html_of(page)
    assert len(rows_of(page)) >= 3
    assert 'id="pooled"' in html_of(page)
    page = wall.send(page, "/guesses")
    assert "Round 2 of 10" in board_of(page).text
    assert COVERED in html_of(page)
    guess(guessed[0], 310)
    assert "1 has guessed" in board_of(wall.show()).text
    classroom.refresh_from_db()
    assert (classroom.guess_round, classroom.shows_guesses) == (2, False)


def test_the_wheel_on_the_wall_is_that_of_the_round(wall, guessed):
    wall.act("class-guesses", round=2)
    for member in guessed:
        guess(member, 320)
    session = services.get_session(session_id=str(guessed[0].session_id))
    page = wall.show()
    text = session.tokenizer.decode(session.session.token_ids[:-1])
    place = " ".join(text.split())  # a drawn token may be a tab
    assert place in board_of(page).text
    assert place in find_one(html_of(page), "section", id="pooled").text


def test_a_hidden_members_guess_counts_without_its_word(wall, guessed, classroom):
    hide(classroom, 5)
    rows = rows_of(wall.show())
    token = services.get_session(session_id=str(guessed[5].session_id)).tokenizer.tokens[300]
    assert not any(row.startswith(token.display_text) for row in rows)
    assert rows[-1].startswith("hidden 1")
    assert "6 have guessed" in board_of(wall.show()).text
    hide(classroom, 4)  # another member has guessed the same
    assert any("2" in row.split() for row in rows_of(wall.show())[:2])


def test_a_guess_makes_another_answer_of_the_wall(wall, classroom, frozen_minute):
    member = join(classroom)
    etag = wall.poll()["ETag"]
    assert wall.poll(etag).status_code == 304
    guess(member, 100)
    assert wall.poll(etag).status_code == 200


def test_another_lesson_has_no_guesses(wall, guessed):
    Classroom.objects.update(lesson="many-spins")
    assert 'id="guesses"' not in html_of(wall.show())


def test_a_busy_engine_is_said_and_asked_again_at_the_next_poll(wall, guessed, broken_engine):
    answer = wall.poll()
    assert answer.status_code == 200
    assert "ETag" not in answer
    assert "busy" in board_of(answer).text


def test_the_number_of_queries_does_not_depend_on_the_number_of_members(wall, classroom):
    nums = []
    for _ in range(2):
        for member in [join(classroom) for _ in range(3)]:
            guess(member, 100)
        with CaptureQueriesContext(connection) as queries:
            wall.poll()
        nums.append(len(queries))
    assert nums[0] == nums[1]


@pytest.mark.parametrize("number", ["0", "11", "x", ""])
def test_a_round_that_does_not_exist_changes_nothing(wall, guessed, classroom, number):
    assert wall.act("class-guesses", round=number, is_shown="on").status_code == 400
    classroom.refresh_from_db()
    assert (classroom.guess_round, classroom.shows_guesses) == (1, False)
