"""Refusals of a class on its members' pages: changes while it is paused or over, and other values
than the locked ones."""

import pytest

from tests.pages.classes import close, freeze, join, make_classroom
from tests.pages.conftest import history
from tests.pages.markup import find_all
from wheel import services
from wheel.models import Classroom

NOTICES = {freeze: "Your teacher has paused the class.", close: "This class is over."}
CHANGES = {
    "/spin": {},
    "/choose": {"token_id": "3"},
    "/undo": {},
    "/rewind": {"num_kept": "0"},
    "/prompt": {"prompt": "The dog"},
}
SETTING = "Your teacher has set this for the whole class."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def classroom(visitor):
    return make_classroom()


@pytest.fixture
def session_id(classroom):
    session_id = join(classroom)
    services.spin(session_id=session_id)
    return session_id


def html_of(response):
    return response.content.decode()


def problem(response):
    (element,) = find_all(html_of(response), "div", id="problem")
    return element.text


@pytest.mark.parametrize("stop", NOTICES, ids=lambda stop: stop.__name__)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "parts"])
@pytest.mark.parametrize("action", CHANGES)
def test_a_change_that_comes_too_late_shows_the_notice_and_changes_nothing(
    visitor, wheel_page, classroom, session_id, stop, headers, action
):
    fields = visitor.form(wheel_page, action)["fields"] | CHANGES[action]
    stop(classroom)
    before = services.get_session(session_id=session_id).session.history
    response = visitor.post(f"/wheel/{session_id}{action}", fields, headers=headers)
    assert response.status_code == 409
    (notice,) = find_all(html_of(response), "p", id="class-notice")
    assert NOTICES[stop] in notice.text
    assert problem(response) == ""
    (spin,) = find_all(html_of(response), "button", id="spin")
    assert "disabled" in spin.attributes
    assert "announcement" in response["HX-Trigger-After-Swap"]
    assert history(session_id) == before


@pytest.mark.parametrize("stop", NOTICES, ids=lambda stop: stop.__name__)
def test_looking_stays_possible(visitor, wheel_page, classroom, session_id, stop):
    stop(classroom)
    url = f"/wheel/{session_id}"
    for query in ({"rank": "9"}, {"temperature": "0.5"}):
        assert visitor.get(url, query).status_code == 200
    assert visitor.send(wheel_page, "/find", text="dog").status_code == 200
    for export in ("export.json", "export.csv", "wheel.svg"):
        assert visitor.get(f"{url}/{export}").status_code == 200
    assert "disabled" not in find_all(html_of(wheel_page), "button", id="spin")[0].attributes


@pytest.mark.parametrize("action", ["/spin", "/choose"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "parts"])
def test_another_value_than_the_locked_one_is_refused_with_that_of_the_class(
    visitor, wheel_page, classroom, session_id, action, headers
):
    fields = visitor.form(wheel_page, action)["fields"] | CHANGES[action]
    Classroom.objects.update(locked=["top_k", "temperature"], top_k=2, temperature=0.5)
    response = visitor.post(f"/wheel/{session_id}{action}", fields, headers=headers)
    assert response.status_code == 400
    assert "Your teacher has set" in problem(response)
    assert "Top-k" in problem(response)
    (field,) = find_all(html_of(response), "input", id="knob-top_k")
    assert (field.attributes["value"], "readonly" in field.attributes) == ("2", True)
    assert "name" not in field.attributes
    assert html_of(response).count(SETTING) == 2
    assert len(history(session_id)) == 1
    again = visitor.form(response, action)["fields"] | CHANGES[action]
    assert visitor.post(f"/wheel/{session_id}{action}", again).status_code == 302


@pytest.mark.parametrize("headers", [{}, HTMX | {"HX-Trigger": "knobs-form"}], ids=["page", "htmx"])
def test_a_locked_knob_in_the_address_is_refused_with_the_wheel_of_the_class(
    visitor, classroom, session_id, headers
):
    Classroom.objects.update(locked=["top_k"], top_k=2)
    response = visitor.get(f"/wheel/{session_id}", {"top_k": "7"}, headers=headers)
    assert response.status_code == 400
    assert "Your teacher has set Top-k" in problem(response)
    (field,) = find_all(html_of(response), "input", id="knob-top_k")
    assert (field.attributes["value"], "readonly" in field.attributes) == ("2", True)


def test_a_locked_prompt_is_shown_fixed_and_refused(visitor, wheel_page, classroom, session_id):
    fields = visitor.form(wheel_page, "/prompt")["fields"] | {"prompt": "The dog"}
    Classroom.objects.update(locked=["prompt"])
    response = visitor.post(f"/wheel/{session_id}/prompt", fields)
    assert response.status_code == 400
    assert "Your teacher has set this text for the whole class" in problem(response)
    (field,) = find_all(html_of(response), "textarea", id="id_prompt")
    assert "readonly" in field.attributes
    assert "New prompt" not in html_of(response)
    assert services.get_session(session_id=session_id).initial_prompt == classroom.prompt


def test_the_reset_of_the_knobs_leaves_out_the_locked_ones(visitor, classroom, session_id):
    Classroom.objects.update(locked=["top_k"], top_k=2)
    page = visitor.get(f"/wheel/{session_id}")
    assert not [link for link in find_all(html_of(page), "a") if link.text == "Reset"]
    page = visitor.get(f"/wheel/{session_id}", {"temperature": "2"})
    (link,) = [link for link in find_all(html_of(page), "a") if link.text == "Reset"]
    assert "top_k" not in link.attributes["href"]
    assert visitor.get(link.attributes["href"]).status_code == 200


@pytest.mark.parametrize("changed", ["text", "rules"])
def test_a_page_that_follows_its_class_gets_the_parts_and_one_announcement(
    visitor, classroom, session_id, changed
):
    rev = services.get_session(session_id=session_id).session.rev
    headers = HTMX | {"Class-Change": changed, "Shown-Rev": str(rev)}
    response = visitor.get(f"/wheel/{session_id}", headers=headers)
    assert response.status_code == 200
    html = html_of(response)
    is_about_rules = changed == "rules"
    assert bool(find_all(html, "section", id="class-card")) == is_about_rules
    assert bool(find_all(html, "details", id="new-text-panel")) == is_about_rules
    assert response["HX-Trigger-After-Swap"].count("announcement") == 1


def test_the_words_of_the_menu_fit_the_class(visitor, wheel_page, classroom):
    html = html_of(wheel_page)
    assert "Leave the class and delete my text" in html
    assert "Delete my session" not in html
    assert html.count(classroom.members.get().pseudonym) >= 3
