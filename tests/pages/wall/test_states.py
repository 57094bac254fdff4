"""The join strip, the state of the class and the cards on the wall."""

from math import log2

import pytest

from tests.pages.markup import find_all, find_one
from tests.pages.wall.world import cards_of, html_of, join, live_part, tell
from wheel import services
from wheel.models import Classroom, ClassState
from wheel.services import classrooms


def strip_of(response):
    return find_one(html_of(response), "section", id="join")


def test_before_the_first_spin_the_code_is_large(wall, classroom):
    join(classroom)
    strip = strip_of(wall.show())
    assert "join-large" in strip.classes
    assert "ABC 234" in strip.text.replace("ABC234", "ABC 234")
    assert "testserver" in strip.text
    assert "1 has joined" in strip.text
    assert find_all(html_of(wall.show()), "svg", with_class="qr-code")


def test_the_strip_is_one_line_once_spins_have_begun_and_can_be_brought_back(wall, classroom):
    join(classroom, " sat")
    page = wall.show()
    assert "join-line" in strip_of(page).classes
    (link,) = find_all(html_of(page), "a", id="join-size")
    assert "join-large" in strip_of(wall.show(link.attributes["href"])).classes


def test_all_here_makes_the_strip_one_line(wall, classroom):
    (link,) = find_all(html_of(wall.show()), "a", id="join-size")
    assert link.text == "All here"
    assert "join-line" in strip_of(wall.show(link.attributes["href"])).classes


def test_a_class_that_is_over_has_no_code_on_its_wall(wall, classroom):
    classrooms.set_state(classroom, ClassState.CLOSED)
    html = html_of(wall.show("?join=large"))
    assert "ABC" not in strip_of(wall.show("?join=large")).text
    assert "The class is over" in html
    assert not find_all(html, "button", id="spin-everyone")


def test_a_frozen_class_says_so(wall, classroom):
    classrooms.set_state(classroom, ClassState.FROZEN)
    assert find_one(html_of(wall.show()), "p", with_class="wall-state").text.startswith("Frozen")


def test_nobody_has_joined(wall):
    html = html_of(wall.show())
    assert "0 have joined" in strip_of(wall.show()).text
    assert "The stories appear here" in html
    assert "disabled" in find_one(html, "button", id="spin-everyone").attributes


def test_virtual_members_are_counted_apart(wall, classroom):
    join(classroom, is_virtual=True)
    strip = strip_of(wall.show())
    assert "0 have joined" in strip.text
    assert "1 virtual member" in strip.text


def test_a_class_without_a_prompt_says_that_there_is_no_wheel(wall, classroom):
    Classroom.objects.update(prompt="")
    classroom.refresh_from_db()
    join(classroom)
    page = wall.show()
    assert "There is no text yet" in html_of(page)
    assert not find_all(html_of(page), "svg", with_class="disc")
    assert "No text yet" in cards_of(page)[0]


def test_the_note_for_the_teacher_is_not_on_the_wall(wall, classroom):
    Classroom.objects.update(look_for="the favourite wins less often than they think")
    assert "favourite wins" not in html_of(wall.show())


def test_a_card_shows_the_end_of_the_text_its_newest_token_and_its_surprise(wall, classroom):
    member = join(classroom, " sat on the")
    (card,) = cards_of(wall.show())
    assert member.pseudonym in card
    assert "The cat sat on" in card
    (newest,) = find_all(html_of(wall.show()), "span", with_class="newest-sign")
    assert newest.text == "␣the"
    bits = total_bits(member)
    assert f"3 tokens · {bits:.1f} bits · {bits / 3:.1f} bits per token" in card


def total_bits(member):
    session = services.get_session(session_id=str(member.session_id)).session
    return sum(-log2(chosen.prob) for chosen in session.history)


def test_a_long_text_shows_its_end_only(wall, classroom):
    join(classroom, " sat on the mat and the dog sat on the log" * 3)
    (text,) = find_all(html_of(wall.show()), "p", with_class="card-text")
    assert text.text.startswith("…")
    assert text.text.endswith("sat on the␣log log")
    assert len(text.text) < 140


def test_the_newest_change_is_first(wall, classroom):
    first, second = join(classroom, " sat"), join(classroom, " on")
    assert second.pseudonym in cards_of(wall.show())[0]
    tell(first, " on")
    assert first.pseudonym in cards_of(wall.show())[0]


def test_the_most_surprising_story_is_first_if_wished(wall, classroom):
    members = [join(classroom, story) for story in (" sat", " sat on the mat", " sat on")]
    most = max(members, key=total_bits)
    html = html_of(wall.show())
    (link,) = find_all(html, "a", id="order-surprise")
    cards = cards_of(wall.show(link.attributes["href"]))
    assert most.pseudonym in cards[0]
    assert len(cards) == 3


def test_a_hidden_story_is_nowhere_in_the_page(wall, classroom):
    hidden = join(classroom, " dog Paris")
    join(classroom, " sat")
    classrooms.set_story_hidden(classroom, hidden.pk, is_hidden=True)
    for query in ("", "?unfolded=on", f"?follow={hidden.pk}", f"?fork={hidden.pk}.1"):
        html = html_of(wall.show(query))
        assert "Hidden by the teacher" in html
        assert "Paris" not in html
    assert "Paris" not in html_of(wall.poll())


def test_a_blurred_story_is_closed_until_it_is_tapped(wall, classroom):
    Classroom.objects.update(blurs_stories=True)
    join(classroom, " sat")
    tree, story = find_all(html_of(wall.show()), "details", with_class="veil")
    for veil in (tree, story):
        assert "open" not in veil.attributes
    assert "The cat" in story.text


def test_the_tree_of_a_class_with_blurred_stories_is_behind_its_veil(wall, classroom):
    Classroom.objects.update(blurs_stories=True)
    for _ in range(2):
        join(classroom, " sat")
    html = html_of(wall.show())
    tree = html[
        html.index('id="veil-tree"') : html.index("</details>", html.index('id="veil-tree"'))
    ]
    assert html.count("tree-picture") == tree.count("tree-picture") > 0


def test_titles_questions_and_texts_are_escaped(wall, classroom):
    Classroom.objects.update(title="<b>4b</b>", question="<script>1</script>")
    join(classroom, "<b>")
    html = html_of(wall.show())
    for markup in ("<b>4b", "<script>1", "cat<b>"):
        assert markup not in html


def test_the_page_reloads_itself_without_javascript(wall):
    html = html_of(wall.show())
    assert '<meta http-equiv="refresh" content="10">' in html.partition("<noscript>")[2]


def test_screen_readers_get_sentences_about_the_class(wall, classroom):
    join(classroom)
    classrooms.set_state(classroom, ClassState.FROZEN)
    data = live_part(wall.show()).attributes
    assert data["data-said-joined"] == "1 has joined."
    assert data["data-said-state"] == "The class is frozen."
    assert data["data-said-spin"] == ""


@pytest.mark.parametrize("query", ["?fork=x", "?fork=9.9&root=1.0&follow=7", "?order=&join=tiny"])
def test_a_view_that_does_not_exist_falls_back_to_the_prompt(wall, classroom, query):
    join(classroom, " sat")
    assert wall.show(query).status_code == 200
