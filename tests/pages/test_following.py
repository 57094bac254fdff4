"""GET /wheel/<id>/class and GET /wheel/<id>/landing."""

import pytest
from django.urls import reverse

from tests.api.fakes import store_down
from tests.api.helpers import assert_error
from tests.pages.classes import close, freeze, join, make_classroom, resume, spin_everyone
from tests.pages.conftest import start_session
from tests.pages.markup import find_all
from wheel import services
from wheel.models import Classroom
from wheel.services import classrooms


@pytest.fixture
def classroom(visitor):
    return make_classroom(temperature=0.7, locked=["temperature"])


@pytest.fixture
def member_id(classroom):
    return join(classroom)


@pytest.fixture
def ask(visitor, member_id):
    """The state of the class as the page gets it, of this member unless another is named."""

    def ask(session_id=member_id, **headers):
        return visitor.get(reverse("class-state", args=[session_id]), headers=headers)

    return ask


@pytest.fixture
def landing(visitor, member_id):
    """The landing for a page that shows this revision."""

    def landing(shown_rev):
        return visitor.get(reverse("landing", args=[member_id]), {"rev": shown_rev})

    return landing


def rev_of(session_id):
    return services.get_session(session_id=session_id).session.rev


def test_it_says_the_state_of_the_class_and_the_revision_of_the_text(ask, member_id, classroom):
    answer = ask().json()
    assert (answer["state"], answer["rev"]) == ("open", rev_of(member_id))
    services.spin(session_id=member_id)
    assert ask().json() == answer | {"rev": answer["rev"] + 1}
    for change, state in [(freeze, "frozen"), (resume, "open"), (close, "closed")]:
        change(classroom)
        assert ask().json()["state"] == state


def test_it_is_a_few_bytes(ask):
    assert len(ask().content) < 80


def test_an_unchanged_class_is_answered_with_304_and_a_changed_one_is_not(
    ask, member_id, classroom
):
    response = ask()
    assert "no-store" not in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    again = ask(if_none_match=response["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    freeze(classroom)
    assert ask(if_none_match=response["ETag"]).status_code == 200


def test_another_member_and_hidden_names_change_nothing(ask, classroom):
    before = ask().json()
    services.spin(session_id=join(classroom))
    classrooms.set_names_hidden(classroom, is_hidden=True)
    assert ask().json() == before


@pytest.mark.parametrize(
    "change",
    [
        {"title": "4c"},
        {"question": "And now?"},
        {"temperature": 2.0},
        {"locked": ["temperature", "top_k"]},
        {"locked": []},
        {"locked": ["temperature", "prompt"]},
    ],
    ids=str,
)
def test_the_rules_change_with_everything_that_the_page_shows_of_the_class(ask, change):
    before = ask().json()
    Classroom.objects.update(**change)
    after = ask().json()
    assert after["rules"] != before["rules"]
    assert after | {"rules": before["rules"]} == before


def test_a_setting_that_is_not_locked_is_no_rule(ask):
    before = ask().json()
    Classroom.objects.update(top_k=5, look_for="a note", seed=1)
    assert ask().json() == before


def test_it_takes_one_query_beside_the_read_of_the_store(ask, django_assert_num_queries):
    with django_assert_num_queries(1):  # the store of the tests is in memory
        ask()


def test_it_does_not_count_as_a_use_of_the_session(ask, member_id, wheel_runtime):
    before = wheel_runtime.store.read(member_id)
    ask()
    assert wheel_runtime.store.read(member_id) == before


def test_sessions_without_a_class_and_missing_ones_are_404(ask, member_id):
    assert_error(ask(start_session()), 404, "classroom_not_found")
    assert_error(ask("nowhere"), 404, "session_not_found")
    services.delete_session(session_id=member_id)
    assert_error(ask(), 404, "session_not_found")


def test_a_class_that_was_deleted_is_404(ask, classroom):
    classrooms.delete_classroom(classroom)
    assert ask().status_code == 404


def test_a_store_that_is_down_is_503_with_the_time_to_wait(ask):
    with store_down():
        response = ask()
    assert_error(response, 503, "store_unavailable")
    assert response["Retry-After"]


def test_the_page_of_a_member_has_both_addresses_and_the_rules_and_others_have_not(
    visitor, ask, member_id
):
    html = visitor.get(f"/wheel/{member_id}").content.decode()
    (card,) = find_all(html, "section", id="class-card")
    assert card.attributes["data-url"] == reverse("class-state", args=[member_id])
    assert card.attributes["data-landing-url"] == reverse("landing", args=[member_id])
    assert card.attributes["data-rules"] == ask().json()["rules"]
    assert "class-card" not in visitor.get(f"/wheel/{start_session()}").content.decode()


def test_a_common_spin_lands_where_it_was_drawn(classroom, member_id, landing):
    shown_rev = rev_of(member_id)
    spin_everyone(classroom)
    response = landing(shown_rev)
    assert response.status_code == 200
    html = response.content.decode()
    (receipt,) = (e for e in find_all(html, "div") if "data-receipt" in e.attributes)
    state = services.get_session(session_id=member_id)
    drawn = state.session.history[-1]
    assert drawn.u is not None
    assert receipt.attributes["data-token-id"] == str(drawn.token_id)
    assert float(receipt.attributes["data-angle-degrees"]) == drawn.u * 360
    assert receipt.attributes["data-rev"] == str(shown_rev + 1)
    assert receipt.attributes["data-announcement"].startswith("Everyone spins: ")
    (disc,) = (e for e in find_all(html, "svg") if e.attributes["data-depth"] == "0")
    wheel = services.next_wheel(session_id=join(classroom)).wheel
    paths = find_all(html, "path", data_kind="token")[: wheel.num_above]
    drawn_ids = {path.attributes["data-token-id"] for path in paths}
    assert {str(segment.token_id) for segment in wheel.segments[: len(paths)]} == drawn_ids
    assert disc.attributes["aria-label"]


def test_a_page_that_lacks_more_than_the_common_spin_gets_no_landing(classroom, member_id, landing):
    shown_rev = rev_of(member_id)
    spin_everyone(classroom)
    assert landing(shown_rev + 1).status_code == 204  # it has the token already
    spin_everyone(classroom)
    assert landing(shown_rev).status_code == 204
    assert landing(shown_rev + 1).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda member: services.spin(session_id=str(member.session_id)),
        lambda member: services.undo(session_id=str(member.session_id)),
        lambda member: services.append_token(session_id=str(member.session_id), token_id=3),
        lambda member: classrooms.reset_all(member.classroom),
        lambda member: classrooms.set_prompt_for_all(member.classroom, "A dog"),
    ],
    ids=["spin", "undo", "choice", "reset", "new prompt"],
)
def test_other_changes_after_a_common_spin_have_no_landing(classroom, member_id, landing, change):
    spin_everyone(classroom)
    spin_everyone(classroom)
    shown_rev = rev_of(member_id)
    change(classroom.members.get())
    assert landing(shown_rev).status_code == 204


def test_a_token_that_is_brought_back_has_no_landing(classroom, member_id, landing):
    spin_everyone(classroom)
    services.undo(session_id=member_id)
    shown_rev = rev_of(member_id)
    services.redo(session_id=member_id)
    assert landing(shown_rev).status_code == 204


@pytest.mark.parametrize("query", [{}, {"rev": "x"}, {"rev": str(2**40)}])
def test_a_landing_needs_a_revision(visitor, member_id, query):
    response = visitor.get(reverse("landing", args=[member_id]), query)
    assert_error(response, 400, "invalid")


def test_polling_takes_nothing_of_the_limit_for_what_the_student_does(
    visitor, member_id, ask, settings
):
    from limits import parse

    settings.LIMITS = {"session": parse("3/10 seconds")}
    fresh = type(visitor)()  # a client whose middleware has the new limits
    url = reverse("class-state", args=[member_id])
    assert [fresh.get(url).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert fresh.get(f"/wheel/{member_id}").status_code == 200
