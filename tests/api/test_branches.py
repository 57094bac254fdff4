"""GET /api/sessions/{id}/branches and POST /api/sessions/{id}/branches/{n}/restore."""

import pytest

from tests.api.classes import close, freeze, join, new_classroom, resume
from tests.api.fakes import InterruptedEngine, changed_runtime
from tests.api.helpers import (
    HISTORY_FIELDS,
    append,
    assert_error,
    assert_field_error,
    new_session,
    spin,
    state,
    wheel,
)
from wheel.models import Classroom
from wheel.services import classrooms

A, B, C, D = 300, 301, 302, 303


def branches(api, url):
    answer = api.get(f"{url}/branches")
    assert answer.status_code == 200, answer.content
    return answer.json()


def restore(api, url, number, **body):
    answer = api.post_json(f"{url}/branches/{number}/restore", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def append_all(api, url, *token_ids):
    for token_id in token_ids:
        append(api, url, token_id=token_id)


def undo(api, url, num_tokens):
    for _ in range(num_tokens):
        assert api.post_json(f"{url}/undo").status_code == 200


def ids(items):
    return [item["token_id"] for item in items]


@pytest.fixture
def url(api, session_url):
    """A story that went A B C, then back to A and on with D: branches 1 and 2."""
    append_all(api, session_url, A, B, C)
    undo(api, session_url, 2)
    append_all(api, session_url, D)
    return session_url


def test_a_session_without_a_prompt_has_no_branches(api):
    answer = branches(api, new_session(api, prompt=None))
    assert (answer["branches"], answer["rev"]) == ([], 0)


def test_a_story_that_never_parted_is_one_branch(api, session_url):
    append_all(api, session_url, A)
    answer = branches(api, session_url)
    assert set(answer) == {"session_id", "rev", "current_text", "branches"}
    assert answer["current_text"] == state(api, session_url)["current_text"]
    assert answer["branches"] == [
        {
            "branch": 1,
            "is_current": True,
            "num_shared": 1,
            "tokens": [],
            "text": answer["current_text"],
        }
    ]


def test_a_way_that_was_left_is_a_branch_with_the_receipts_of_its_tokens(api, session_url):
    append_all(api, session_url, A)
    left = spin(api, session_url, u=0.3)
    undo(api, session_url, 1)
    append_all(api, session_url, D)
    first, second = branches(api, session_url)["branches"]
    assert (first["branch"], first["is_current"], first["num_shared"]) == (1, False, 1)
    assert first["tokens"] == left["token_history"][1:]
    assert set(first["tokens"][0]) >= HISTORY_FIELDS
    assert first["text"] == left["current_text"]
    assert (second["branch"], second["is_current"], second["num_shared"]) == (2, True, 2)


def test_undone_tokens_are_on_the_branch_of_the_text_after_it(api, session_url):
    append_all(api, session_url, A, B)
    undo(api, session_url, 1)
    (only,) = branches(api, session_url)["branches"]
    assert (only["num_shared"], ids(only["tokens"])) == (1, [B])


def test_reading_the_branches_changes_nothing(api, url):
    before = state(api, url)
    branches(api, url)
    assert state(api, url) == before


def test_going_back_to_a_branch_makes_its_tokens_the_text(api, session_url):
    append_all(api, session_url, A)
    left = spin(api, session_url, u=0.3)
    undo(api, session_url, 1)
    append_all(api, session_url, D)
    before = state(api, session_url)
    answer = restore(api, session_url, 1)
    assert set(answer) == {
        *("session_id", "previous_text", "current_text", "token_history", "rev", "ended"),
        *("branch", "message"),
    }
    assert answer["previous_text"] == before["current_text"]
    assert answer["current_text"] == left["current_text"]
    assert answer["token_history"] == left["token_history"]
    assert (answer["branch"], answer["rev"]) == (1, before["rev"] + 1)
    assert answer["message"] == "Branch restored successfully"
    after = state(api, session_url)
    assert after["token_history"] == left["token_history"]
    assert after["rev"] == before["rev"] + 1


def test_the_way_that_is_left_can_be_gone_back_to_in_its_turn(api, url):
    before = state(api, url)
    restore(api, url, 1)
    assert [b["is_current"] for b in branches(api, url)["branches"]] == [True, False]
    restore(api, url, 2)
    assert state(api, url) == before | {"rev": before["rev"] + 2}


def test_a_restored_text_goes_on_from_its_end(api, url):
    restore(api, url, 1)
    append_all(api, url, D)
    assert ids(state(api, url)["token_history"]) == [A, B, C, D]
    assert len(branches(api, url)["branches"]) == 2


def test_the_branch_of_the_text_brings_back_what_was_undone(api, session_url):
    append_all(api, session_url, A, B)
    undo(api, session_url, 2)
    assert ids(restore(api, session_url, 1)["token_history"]) == [A, B]
    rev = state(api, session_url)["rev"]
    assert restore(api, session_url, 1)["rev"] == rev


@pytest.mark.parametrize("number", [0, 3, 99, 999_999_999])
def test_an_unknown_branch_is_not_found_and_changes_nothing(api, url, number):
    before = state(api, url)
    error = assert_error(api.post_json(f"{url}/branches/{number}/restore"), 404, "branch_not_found")
    assert f"no branch {number}" in error["detail"]
    assert state(api, url) == before


@pytest.mark.parametrize("number", ["x", "-1", "1.0", "", "1e3", "９", "1" * 5000])
def test_an_address_without_a_number_is_no_address(api, url, number):
    before = state(api, url)
    assert_error(api.post_json(f"{url}/branches/{number}/restore"), 404, "not_found")
    assert state(api, url) == before


def test_a_stale_revision_restores_nothing(api, url):
    before = state(api, url)
    answer = api.post_json(f"{url}/branches/1/restore?history=last", {"rev": before["rev"] - 1})
    error = assert_error(answer, 409, "stale_revision")
    assert error["rev"] == before["rev"]
    assert len(error["token_history"]) == 1
    assert state(api, url) == before


def test_the_current_revision_is_accepted_and_one_that_is_no_number_is_refused(api, url):
    rev = state(api, url)["rev"]
    assert_field_error(api.post_json(f"{url}/branches/1/restore", {"rev": "x"}), "rev")
    assert restore(api, url, 1, rev=rev)["rev"] == rev + 1


@pytest.mark.parametrize(("part", "shown"), [("all", [A, B, C]), ("last", [C]), ("none", [])])
def test_an_answer_repeats_as_much_of_the_history_as_is_asked_for(api, url, part, shown):
    answer = api.post_json(f"{url}/branches/1/restore?history={part}").json()
    assert ids(answer["token_history"]) == shown


def test_a_new_prompt_clears_the_branches(api, url):
    api.post_json(f"{url}/set-prompt", {"prompt": "Once"})
    assert len(branches(api, url)["branches"]) == 1
    assert_error(api.post_json(f"{url}/branches/2/restore"), 404, "branch_not_found")


def test_the_branches_of_a_deleted_session_are_gone(api, url):
    api.delete(url)
    assert_error(api.get(f"{url}/branches"), 404, "session_not_found")
    assert_error(api.post_json(f"{url}/branches/1/restore"), 404, "session_not_found")


def test_a_spin_that_is_sent_again_after_going_back_is_answered_as_the_first_time(api, url):
    headers = {"Idempotency-Key": "a"}

    def send():
        return api.post(f"{url}/spin", {}, content_type="application/json", headers=headers).json()

    first = send()
    restore(api, url, 1)
    before = state(api, url)
    assert send() == first
    assert state(api, url) == before


def test_a_spin_meets_the_branch_that_was_restored_while_its_wheel_was_computed(
    api, url, wheel_runtime
):
    def restore_meanwhile():
        restore(api, url, 1)

    engine = InterruptedEngine(wheel_runtime.engine, restore_meanwhile)
    with changed_runtime(engine=engine):
        answer = api.post_json(f"{url}/spin", {})
    assert ids(answer.json()["token_history"])[:-1] == [A, B, C]


@pytest.mark.parametrize(
    ("stop", "code"), [(freeze, "classroom_frozen"), (close, "classroom_closed")]
)
def test_a_member_of_a_paused_class_sees_its_branches_and_cannot_go_back(api, stop, code):
    classroom = new_classroom()
    url = join(api, classroom)
    append_all(api, url, A)
    undo(api, url, 1)
    append_all(api, url, B)
    stop(classroom)
    before = state(api, url)
    assert_error(api.post_json(f"{url}/branches/1/restore"), 409, code)
    assert state(api, url) == before
    assert len(branches(api, url)["branches"]) == 2
    resume(classroom)
    restore(api, url, 1)


def test_a_reset_by_the_teacher_clears_the_branches_of_the_members(api):
    classroom = new_classroom()
    url = join(api, classroom)
    append_all(api, url, A)
    undo(api, url, 1)
    append_all(api, url, B)
    classrooms.reset_all(Classroom.objects.get(pk=classroom.pk))
    (only,) = branches(api, url)["branches"]
    assert (only["branch"], only["num_shared"], only["tokens"]) == (1, 0, [])


def test_a_common_spin_makes_a_branch_of_what_a_member_had_undone(api):
    classroom = new_classroom(top_k=1)  # so that the token of the spin is known
    url = join(api, classroom)
    (likeliest,) = ids(wheel(api, url, top_k=1)["above_threshold_tokens"])
    assert likeliest != A
    append_all(api, url, A, B)
    undo(api, url, 2)
    classrooms.spin_everyone(classroom, round_number=1)
    first, second = branches(api, url)["branches"]
    assert (ids(first["tokens"]), first["is_current"]) == ([A, B], False)
    assert ids(state(api, url)["token_history"]) == [likeliest]
    assert (second["num_shared"], second["is_current"]) == (1, True)


def test_a_held_copy_has_no_branches(api):
    classroom = new_classroom()
    url = join(api, classroom)
    append_all(api, url, A)
    undo(api, url, 1)
    append_all(api, url, B)
    member = classroom.members.get()
    classrooms.hold_stories(classroom, [member.pk])
    (copy,) = classrooms.load_held_stories(classroom)
    assert copy.state.session.branches.left == ()
    assert len(branches(api, url)["branches"]) == 2
