"""The teacher's actions on the wall, with and without JavaScript."""

import json

import pytest
from django import forms

from tests.api.fakes import store_down
from tests.pages.markup import find_all, find_one
from tests.pages.wall.world import ACTIONS, cards_of, html_of, join, text_of
from wheel import services
from wheel.errors import EngineBusyError
from wheel.models import ClassState
from wheel.services import classrooms
from wheel.services.classrooms import common_spin

BOTH_WAYS = pytest.mark.parametrize("way", ["act", "act_live"])


def announced_by(response):
    return json.loads(response["HX-Trigger-After-Swap"])["announcement"]


def problem_of(response):
    """On a page, before the words for problems without an answer."""
    return find_all(html_of(response), "p", with_class="problem")[0].text


@BOTH_WAYS
@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("freeze-class", ClassState.FROZEN),
        ("end-class", ClassState.CLOSED),
        ("resume-class", ClassState.OPEN),
    ],
)
def test_the_class_is_frozen_resumed_and_ended(wall, classroom, way, name, state):
    classrooms.set_state(classroom, ClassState.FROZEN if state == "open" else ClassState.OPEN)
    response = getattr(wall, way)(name)
    assert response.status_code == 200
    classroom.refresh_from_db()
    assert classroom.state == state
    assert find_all(html_of(response), "div", with_class=f"wall-{state}")


@BOTH_WAYS
def test_everyone_spins_once(wall, classroom, way):
    members = [join(classroom), join(classroom, " sat")]
    response = getattr(wall, way)("spin-class", round=1)
    assert [num_tokens_of(member) for member in members] == [1, 2]
    assert "Everyone has spun." in html_of(response)
    assert find_all(html_of(response), "input", name="round", value="2")


def num_tokens_of(member):
    return len(services.get_session(session_id=str(member.session_id)).session.history)


def test_a_round_that_was_sent_twice_is_spun_once(wall, classroom):
    member = join(classroom)
    wall.act("spin-class", round=1)
    text = text_of(member)
    assert wall.act_live("spin-class", round=1).status_code == 200
    assert text_of(member) == text


@pytest.mark.parametrize("round_number", [0, 3, -1, "x", "", 2**40])
def test_another_round_than_the_next_one_is_refused(wall, classroom, round_number):
    member = join(classroom)
    response = wall.act_live("spin-class", round=round_number)
    assert response.status_code in (400, 409)
    assert response["HX-Retarget"] == "#problem"
    assert text_of(member) == "The cat"


def test_a_round_that_an_error_has_ended_can_be_finished(wall, classroom, monkeypatch):
    members = [join(classroom), join(classroom)]
    spin_member = common_spin.spin_member

    def spin_the_first(story, round_number):
        if story.member == members[1]:
            raise EngineBusyError
        return spin_member(story, round_number)

    monkeypatch.setattr(common_spin, "spin_member", spin_the_first)
    response = wall.act_live("spin-class", round=1)
    assert response.status_code == 503
    monkeypatch.undo()
    html = html_of(wall.show())
    assert "Spun 1 of 2" in html
    assert [e.attributes["value"] for e in find_all(html, "input", name="round")] == ["1", "2"]
    first = text_of(members[0])
    assert "Everyone has spun." in html_of(wall.act("spin-class", round=1))
    assert text_of(members[0]) == first
    assert text_of(members[1]) != "The cat"


@BOTH_WAYS
def test_all_are_reset_to_the_prompt(wall, classroom, way):
    member = join(classroom, " sat on")
    response = getattr(wall, way)("reset-class")
    assert response.status_code == 200
    assert text_of(member) == "The cat"


@BOTH_WAYS
def test_all_get_a_new_prompt(wall, classroom, way):
    member = join(classroom, " sat on")
    getattr(wall, way)("prompt-class", prompt="The dog ")
    assert text_of(member) == "The dog "
    classroom.refresh_from_db()
    assert classroom.prompt == "The dog "


@pytest.mark.parametrize("prompt", ["", "   ", "cat " * 2000])
def test_an_invalid_prompt_is_explained_and_changes_nothing(wall, classroom, prompt):
    member = join(classroom, " sat")
    live = wall.act_live("prompt-class", prompt=prompt)
    page = wall.act("prompt-class", prompt=prompt)
    assert (live.status_code, page.status_code) == (400, 400)
    assert problem_of(live) == problem_of(page) != ""
    assert text_of(member) == "The cat sat"
    classroom.refresh_from_db()
    assert classroom.prompt == "The cat"


@BOTH_WAYS
def test_virtual_members_are_added(wall, classroom, way):
    join(classroom)
    response = getattr(wall, way)("virtual-members", num_added=3)
    assert classroom.members.filter(is_virtual=True).count() == 3
    assert "and 3 virtual members" in html_of(response)


@pytest.mark.parametrize("num_added", [0, -1, 31, "", "many", 2**70])
def test_a_number_of_virtual_members_out_of_range_is_explained(wall, classroom, num_added):
    response = wall.act_live("virtual-members", num_added=num_added)
    assert response.status_code == 400
    assert problem_of(response)
    assert not classroom.members.exists()


def test_at_most_thirty_virtual_members_in_all(wall, classroom):
    wall.act("virtual-members", num_added=29)
    assert wall.act_live("virtual-members", num_added=2).status_code == 400
    html = html_of(wall.act_live("virtual-members", num_added=1))
    assert classroom.members.count() == 30
    assert "disabled" in find_one(html, "input", name="num_added").attributes


@BOTH_WAYS
def test_names_are_hidden_and_shown(wall, classroom, way):
    member = join(classroom)
    hidden = html_of(getattr(wall, way)("class-names", is_hidden="on"))
    assert member.pseudonym not in hidden
    assert "Story 1" in hidden
    assert member.pseudonym in html_of(getattr(wall, way)("class-names"))


@BOTH_WAYS
def test_a_story_is_hidden_and_shown(wall, classroom, way):
    member = join(classroom, " sat")
    assert "Hidden by the teacher" in html_of(getattr(wall, way)("hide-story", hide=member.pk))
    member.refresh_from_db()
    assert member.is_hidden
    assert "Hidden by" not in html_of(getattr(wall, way)("hide-story", show=member.pk))


@pytest.mark.parametrize("value", ["x", "0", "-1", "9" * 30])
def test_a_story_that_does_not_exist_cannot_be_hidden(wall, classroom, value):
    member = join(classroom)
    assert wall.act_live("hide-story", hide=value).status_code in (200, 400)
    member.refresh_from_db()
    assert not member.is_hidden


@BOTH_WAYS
def test_stories_are_held_up_as_they_are_and_put_back(wall, classroom, way):
    members = [join(classroom, " sat"), join(classroom, " on the")]
    response = getattr(wall, way)("hold-stories", member_id=[member.pk for member in members])
    assert "The cat sat" in held_of(response)[0]
    classrooms.reset_all(classroom)
    assert "The cat sat" in held_of(wall.show())[0]
    assert held_of(getattr(wall, way)("release-stories")) == []


def held_of(response):
    cards = find_all(html_of(response), "li", with_class="held-card")
    return [card.text.replace("␣", " ").replace("  ", " ") for card in cards]


def test_a_story_that_is_hidden_later_is_no_longer_held_up(wall, classroom):
    members = [join(classroom, " sat"), join(classroom, " on the")]
    wall.act("hold-stories", member_id=[member.pk for member in members])
    wall.act("hide-story", hide=members[0].pk)
    (held,) = held_of(wall.show())
    assert members[1].pseudonym in held


def test_a_hidden_story_is_not_held_up_again_when_its_member_leaves(wall, classroom):
    members = [join(classroom, " sat"), join(classroom, " on the")]
    wall.act("hold-stories", member_id=[member.pk for member in members])
    wall.act("hide-story", hide=members[0].pk)
    services.delete_session(session_id=str(members[0].session_id))
    (held,) = held_of(wall.show())
    assert members[1].pseudonym in held


ERRORS_WITHOUT_A_CLASS = {"spin-class": 409, "hold-stories": 400}


@BOTH_WAYS
@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_on_a_class_that_was_just_deleted_is_answered_404(
    wall, classroom, monkeypatch, way, name
):
    """The class is deleted after the view has read it. What needs no wall says what is wrong."""
    join(classroom, " sat")
    is_valid = forms.BaseForm.is_valid

    def delete_class(form):
        classrooms.delete_classroom(classroom)
        return is_valid(form)

    monkeypatch.setattr(forms.BaseForm, "is_valid", delete_class)
    expected = ERRORS_WITHOUT_A_CLASS.get(name, 404) if way == "act_live" else 404
    assert getattr(wall, way)(name, **ACTIONS[name]).status_code == expected


@pytest.mark.parametrize("num_held", [0, 7])
def test_none_and_more_than_six_stories_cannot_be_held_up(wall, classroom, num_held):
    member_ids = [join(classroom).pk for _ in range(num_held)]
    response = wall.act_live("hold-stories", member_id=member_ids)
    assert response.status_code == 400
    assert "1 to 6" in problem_of(response)
    assert not classroom.held_stories.exists()


def test_ids_that_are_none_are_refused(wall, classroom):
    assert wall.act_live("hold-stories", member_id=["x"]).status_code == 400


def test_an_action_keeps_the_view(wall, classroom):
    join(classroom, " sat")
    page = wall.act("freeze-class", "?order=surprise&join=large")
    assert page.redirect_chain == [(wall.address() + "?order=surprise&join=large", 302)]
    live = html_of(wall.act_live("resume-class", "?order=surprise&join=large"))
    assert find_all(live, "section", with_class="join-large")


def test_what_the_wall_does_not_say_is_announced(wall, classroom):
    member = join(classroom, " sat")
    assert announced_by(wall.act_live("hide-story", hide=member.pk)) == "The story is hidden."
    assert "HX-Trigger-After-Swap" not in wall.act_live("freeze-class")


def test_a_store_that_is_down_is_told_beside_the_unchanged_wall(wall, classroom):
    join(classroom)
    with store_down():
        live, page = wall.act_live("reset-class"), wall.act("reset-class")
    assert (live.status_code, page.status_code) == (503, 503)
    assert live["HX-Retarget"] == "#problem"
    assert "does not answer at the moment" in problem_of(live)
    assert "does not answer at the moment" in html_of(page)


def test_every_form_of_the_page_works_without_javascript(wall, classroom):
    join(classroom)
    for action, changes in {
        "/spin": {},
        "/freeze": {},
        "/resume": {},
        "/prompt": {"prompt": "The dog"},
        "/virtual": {"num_added": "1"},
        "/names": {},
        "/reset": {},
        "/end": {},
    }.items():
        response = wall.send(wall.show(), action, **changes)
        assert response.status_code == 200, action
    classroom.refresh_from_db()
    assert (classroom.state, classroom.prompt, classroom.hides_names) == ("closed", "The dog", True)
    assert len(cards_of(response)) == 2
