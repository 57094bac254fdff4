"""GET /api/classrooms/{code} and POST /api/classrooms/{code}/sessions."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils.timezone import now

from tests.api.classes import PROMPT, close, freeze, join, new_classroom
from tests.api.fakes import changed_runtime, store_down
from tests.api.helpers import assert_error, is_timestamp
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import LOCKABLE_NAMES, Classroom, Member, SessionIndexEntry

NEUTRAL = {"threshold": 0.01, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
CALLS = {"look up": ("get", ""), "join": ("post", "/sessions")}
every_call = pytest.mark.parametrize(("method", "tail"), CALLS.values(), ids=CALLS)


@pytest.fixture
def classroom(api):
    return new_classroom(code="ABC234")


def look_up(api, code="ABC234"):
    answer = api.get(f"/api/classrooms/{code}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_code_is_answered_with_what_a_member_would_have(api, classroom):
    assert look_up(api) == {
        "title": "Class 4b",
        "model_name": "gpt2",
        "prompt": PROMPT,
        "other_prompt": "",
        "lesson": "",
        "settings": NEUTRAL,
        "locked": [],
        "luck": "own",
        "state": "open",
        "num_members": 0,
    }


def test_the_settings_the_luck_and_the_state_are_those_of_the_class(api):
    new_classroom(code="ABC234", temperature=1.5, top_k=40, luck="shared", state="frozen")
    found = look_up(api)
    assert found["settings"] == NEUTRAL | {"temperature": 1.5, "top_k": 40}
    assert (found["luck"], found["state"]) == ("shared", "frozen")


def test_the_lesson_and_the_second_prompt_are_those_of_the_class(api):
    new_classroom(code="ABC234", lesson="one-word-changed", other_prompt="The dog sat on the")
    found = look_up(api)
    assert (found["lesson"], found["prompt"]) == ("one-word-changed", PROMPT)
    assert found["other_prompt"] == "The dog sat on the"


def test_every_second_member_has_the_second_prompt(api):
    classroom = new_classroom(code="ABC234", other_prompt="The dog sat on the")
    texts = [api.get(join(api, classroom)).json()["current_text"] for _ in range(4)]
    assert texts == [PROMPT, "The dog sat on the"] * 2


def test_the_locked_names_have_one_order_however_they_were_saved(api):
    new_classroom(code="ABC234", locked=list(reversed(LOCKABLE_NAMES)))
    assert look_up(api)["locked"] == [
        *("prompt", "threshold", "temperature", "top_k", "top_p", "min_p")
    ]


def test_the_model_of_the_class_is_answered_also_if_it_is_not_on_the_server(api):
    new_classroom(code="ABC234", model_id="gpt2-medium")
    assert look_up(api)["model_name"] == "gpt2-medium"


def test_looking_a_code_up_fixes_no_model_and_starts_no_session(api, classroom):
    look_up(api)
    classroom.refresh_from_db()
    assert classroom.model_id == ""
    assert not Member.objects.exists()
    assert not SessionIndexEntry.objects.exists()


def test_members_are_counted(api, classroom):
    other = new_classroom()
    for _ in range(3):
        join(api, classroom)
    join(api, other)
    assert look_up(api)["num_members"] == 3


@every_call
@pytest.mark.parametrize("code", ["abc234", " ABC 234 ", "abc-234", "a b c\u20132 3 4"])
def test_a_code_is_found_however_it_is_typed(api, classroom, method, tail, code):
    answer = getattr(api, method)(f"/api/classrooms/{quote(code)}{tail}")
    assert answer.status_code in (200, 201)


@every_call
@pytest.mark.parametrize("code", ["XYZ234", "ABC23", "ABC2345", "0", "\0", "%", "\U0001f3a1" * 6])
def test_a_wrong_code_is_not_found(api, classroom, method, tail, code):
    answer = getattr(api, method)(f"/api/classrooms/{quote(code)}{tail}")
    assert_error(answer, 404, "classroom_not_found")
    assert not Member.objects.exists()


@every_call
def test_a_closed_and_an_expired_class_are_answered_as_a_wrong_code(api, classroom, method, tail):
    wrong = getattr(api, method)(f"/api/classrooms/XYZ234{tail}")
    close(classroom)
    closed = getattr(api, method)(f"/api/classrooms/ABC234{tail}")
    Classroom.objects.update(state="open", expires_at=now() - timedelta(seconds=1))
    expired = getattr(api, method)(f"/api/classrooms/ABC234{tail}")
    for answer in (closed, expired):
        assert (answer.status_code, answer.content) == (wrong.status_code, wrong.content)


def test_joining_answers_a_session_with_a_pseudonym_and_its_class(api, classroom):
    answer = api.post_json("/api/classrooms/ABC234/sessions")
    assert answer.status_code == 201
    joined = answer.json()
    assert set(joined) == {
        *("session_id", "model_name", "created_at", "rev", "seed", "pseudonym", "classroom")
    }
    assert (joined["model_name"], joined["seed"]) == ("gpt2", None)
    assert is_timestamp(joined["created_at"])
    assert joined["classroom"] == {"code": "ABC234", "title": "Class 4b", "state": "open"}
    assert joined["pseudonym"] == Member.objects.get().pseudonym


def test_the_session_of_a_member_has_the_prompt_and_the_settings_of_its_class(api):
    url = join(api, new_classroom(temperature=1.5))
    session = api.get(url).json()
    assert session["current_text"] == session["initial_prompt"] == PROMPT
    assert session["settings"]["temperature"] == 1.5
    assert api.post_json(f"{url}/spin").status_code == 200


def test_in_a_class_without_a_prompt_each_member_sets_one(api):
    url = join(api, new_classroom(prompt=""))
    assert api.get(url).json()["current_text"] == ""
    assert_error(api.post_json(f"{url}/spin"), 400, "no_prompt")
    assert api.post_json(f"{url}/set-prompt", {"prompt": "A dog"}).status_code == 200


def test_members_have_different_sessions_and_pseudonyms(api, classroom):
    joined = [api.post_json("/api/classrooms/ABC234/sessions").json() for _ in range(20)]
    for name in ("session_id", "pseudonym"):
        assert len({member[name] for member in joined}) == 20


def test_a_frozen_class_can_be_joined(api, classroom):
    freeze(classroom)
    answer = api.post_json("/api/classrooms/ABC234/sessions")
    assert answer.status_code == 201
    assert answer.json()["classroom"]["state"] == "frozen"


def test_a_class_whose_model_is_not_here_cannot_be_joined(api):
    new_classroom(code="ABC234", model_id="gpt2-medium")
    assert_error(api.post_json("/api/classrooms/ABC234/sessions"), 503, "model_unavailable")
    assert not Member.objects.exists()


def test_a_server_without_a_model_says_so(api, classroom, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        assert_error(api.get("/api/classrooms/ABC234"), 503, "model_unavailable")


def test_a_prompt_that_has_become_too_long_is_an_error_and_nobody_has_joined(api, classroom):
    with changed_runtime(max_prompt_characters=5):
        answer = api.post_json("/api/classrooms/ABC234/sessions")
    assert_error(answer, 400, "prompt_too_long")
    assert not Member.objects.exists()


def test_joining_with_the_store_down_is_an_error_and_nobody_has_joined(api, classroom):
    with store_down():
        answer = api.post_json("/api/classrooms/ABC234/sessions")
    assert_error(answer, 503, "store_unavailable")
    assert not Member.objects.exists()


@every_call
def test_a_database_that_does_not_answer_is_an_error(api, classroom, method, tail):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE wheel_member RENAME TO elsewhere")
        answer = getattr(api, method)(f"/api/classrooms/ABC234{tail}")
        cursor.execute("ALTER TABLE elsewhere RENAME TO wheel_member")
    assert_error(answer, 503, "store_unavailable")


@pytest.mark.parametrize("body", ["", "{", '{"model_name": "gpt2-medium"}', "[1]"])
def test_the_body_of_a_join_makes_no_difference(api, classroom, body):
    answer = api.post_json("/api/classrooms/ABC234/sessions", body)
    assert (answer.status_code, answer.json()["model_name"]) == (201, "gpt2")
