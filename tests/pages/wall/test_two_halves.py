"""The two halves of a class with two prompts: their wheels, computed again from the logits, their
draws and their trees."""

from collections import Counter

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.markup import find_all, find_one
from tests.pages.wall.classes import hide
from tests.pages.wall.world import html_of, join, live_part, text_of
from wheel import services
from wheel.models import Classroom, Member
from wheel.pages.wall.two_halves import build_two_halves
from wheel.pages.words.numbers import decimals, percent
from wheel.services import classrooms

pytestmark = pytest.mark.django_db
FIRST, SECOND = "The cat", "The dog sat"


@pytest.fixture(autouse=True)
def two_prompts(classroom):
    Classroom.objects.update(other_prompt=SECOND)
    classroom.refresh_from_db()


@pytest.fixture
def members(classroom):
    return [join(classroom) for _ in range(6)]


@pytest.fixture
def probs(engine, members):
    """The probabilities after each prompt, through plain numpy."""

    def after(member):
        session = services.get_session(session_id=str(member.session_id)).session
        logits = engine.next_logits("gpt2", session.prompt_token_ids).result(30).astype(np.float64)
        shares = np.exp(logits - logits.max())
        return shares / shares.sum()

    return after(members[0]), after(members[1])


def part_of(response):
    html = html_of(response)
    return html[html.index('<section id="pooled"') :].split("</section>")[0] + "</section>"


def tokens_of(member):
    return services.get_session(session_id=str(member.session_id)).tokenizer.tokens


def drawn_first(members):
    """The first drawn token of each member."""
    sessions = [services.get_session(session_id=str(one.session_id)).session for one in members]
    return [session.history[0].token_id for session in sessions if session.history]


def halves_of(classroom):
    halves = build_two_halves(classroom, classrooms.load_stories(classroom))
    assert halves is not None
    return halves


def test_members_get_the_two_prompts_in_turn(members):
    assert [text_of(member) for member in members] == [FIRST, SECOND] * 3


def test_virtual_members_do_too(classroom):
    classrooms.add_virtual_members(classroom, 4)
    texts = [text_of(member) for member in Member.objects.order_by("pk")]
    assert texts == [FIRST, SECOND] * 2


def test_both_texts_have_their_wheel_with_what_their_half_has_drawn(wall, members, classroom):
    classrooms.spin_everyone(classroom, 1)
    html = part_of(wall.show())
    texts = [one.text for one in find_all(html, "p", with_class="pooled-text")]
    assert texts == [FIRST, SECOND]
    assert [one.text for one in find_all(html, "text", with_class="pooled-count")] == ["3", "3"]
    halves = halves_of(classroom)
    for half, side in ((members[::2], halves.first), (members[1::2], halves.second)):
        counts = Counter(drawn_first(half))
        rows = [*side.rows, *side.further_rows]
        assert [row.segment.count for row in rows] == [counts[row.segment.token_id] for row in rows]
        own_ids = {row.segment.token_id for row in rows}
        num_in_other = sum(num for one, num in counts.items() if one not in own_ids)
        assert side.other_row is not None
        assert side.other_row.segment.count == num_in_other


def test_the_share_that_changes_hands_is_the_total_variation_distance(wall, probs):
    before, after = probs
    distance = float(np.abs(before - after).sum() / 2)
    html = part_of(wall.show())
    assert find_one(html, "p", with_class="distance-sentence").text.startswith(percent(distance))
    assert percent((1 + distance) / 2) in html


def test_the_tokens_that_gained_and_lost_most_are_those_of_the_probabilities(wall, probs, members):
    before, after = probs
    change, tokens = after - before, tokens_of(members[0])
    order = np.argsort(-change, kind="stable").tolist()
    expected = [*order[:6], *order[-6:]]
    table = find_all(part_of(wall.show()), "table", with_class="tokens")[0].text
    position = 0
    for token_id in expected:
        points = change[token_id] * 100
        sign = "+" if points > 0 else ""
        words = f"{percent(before[token_id])} {percent(after[token_id])} {sign}"
        words += decimals(float(points), 1 if abs(points) >= 1 else 2)
        assert words in table, tokens[token_id]
        assert table.index(words) > position or position == 0
        position = table.index(words)


def test_a_token_has_the_same_hue_on_both_wheels(members, classroom):
    halves = halves_of(classroom)
    first, second = halves.first.hue_by_token_id, halves.second.hue_by_token_id
    common = first.keys() & second.keys()
    assert common
    assert {one: first[one] for one in common} == {one: second[one] for one in common}
    for side in (halves.first, halves.second):
        drawn = {one.token_id: one.hue_index for one in side.segments if one.token_id}
        assert drawn == {one: side.hue_by_token_id[one] for one in drawn}


def test_each_half_has_its_tree(wall, members):
    for member, story in ((members[0], 200), (members[1], 210)):
        services.append_token(session_id=str(member.session_id), token_id=story)
    page = wall.show()
    links = find_all(html_of(page), "a", aria_current="true")
    assert "First text" in [link.text for link in links]
    assert tokens_of(members[0])[200].display_text in tree_of(page)
    page = wall.show("?half=second")
    assert tokens_of(members[0])[210].display_text in tree_of(page)
    assert "3 stories begin with another text" in tree_of(page)


def tree_of(response):
    return find_one(html_of(response), "section", id="tree").text


def test_a_fork_takes_the_place_of_the_two_wheels_until_the_way_back(wall, members):
    services.append_token(session_id=str(members[1].session_id), token_id=200)
    page = wall.show(f"?fork={members[1].pk}.1&half=second")
    assert "halves" not in part_of(page)
    assert SECOND in find_one(html_of(page), "p", with_class="pooled-text").text
    [back] = find_all(html_of(page), "a", id="pooled-back")
    assert 'class="halves"' in part_of(wall.show(back.attributes["href"].partition("#")[0]))


def test_a_reset_puts_every_member_back_to_the_text_of_its_half(wall, members, classroom):
    classrooms.spin_everyone(classroom, 1)
    services.set_prompt(session_id=str(members[1].session_id), prompt="Something else")
    wall.act("reset-class")
    assert [text_of(member) for member in members] == [FIRST, SECOND] * 3


def test_the_wall_sets_both_prompts(wall, members, classroom):
    page = wall.show()
    fields = wall.form(page, "/prompt")["fields"]
    assert (fields["prompt"], fields["other_prompt"]) == (FIRST, SECOND)
    wall.send(page, "/prompt", prompt="A tree", other_prompt="A house")
    assert [text_of(member) for member in members] == ["A tree", "A house"] * 3
    wall.act("prompt-class", prompt="One for all")
    assert {text_of(member) for member in members} == {"One for all"}
    assert "halves" not in part_of(wall.show())


def test_a_second_prompt_that_is_too_long_changes_nothing(wall, members, classroom):
    answer = wall.act("prompt-class", prompt="A tree", other_prompt="a b " * 2000)
    assert answer.status_code == 400
    classroom.refresh_from_db()
    assert (classroom.prompt, classroom.other_prompt) == (FIRST, SECOND)
    assert [text_of(member) for member in members] == [FIRST, SECOND] * 3


def test_a_word_that_only_a_hidden_story_has_is_not_shown(wall, members, probs):
    before, after = probs
    gained = int(np.argmax(after - before))
    name = tokens_of(members[0])[gained].display_text
    services.append_token(session_id=str(members[1].session_id), token_id=gained)
    assert name in live_part(wall.show("?half=second")).text
    hide(members[1].classroom, 1)
    assert name not in chart_of(wall.show("?half=second"))


def chart_of(response):
    html = part_of(response)
    chart = find_all(html, "svg", with_class="change-chart")
    return " ".join(one.text for one in chart) + chart[0].attributes["aria-label"]


def test_a_busy_engine_is_said_and_asked_again_at_the_next_poll(wall, members, broken_engine):
    answer = wall.poll()
    assert "ETag" not in answer
    assert "busy" in part_of(answer)


def test_the_number_of_queries_does_not_depend_on_the_number_of_members(wall, classroom):
    nums = []
    for _ in range(2):
        for _ in range(4):
            join(classroom, " sat")
        with CaptureQueriesContext(connection) as queries:
            wall.poll()
        nums.append(len(queries))
    assert nums[0] == nums[1]


def test_a_copy_of_the_class_keeps_both_prompts(classroom):
    copy = classrooms.copy_classroom(classroom, title="5a", owner_id=None)
    assert (copy.prompt, copy.other_prompt) == (FIRST, SECOND)
