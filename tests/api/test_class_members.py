"""Sessions of members: their class in the answers, a paused class, locked settings, luck."""

import pytest

from tests.api.classes import PROMPT, close, freeze, join, new_classroom, resume
from tests.api.helpers import (
    DELETE_SESSION,
    NEXT_TOKEN_PROBS,
    SIMULATE,
    append,
    assert_error,
    new_session,
    spin,
    state,
    token_ids,
    wheel,
)
from wheel.services import classrooms

CHANGES = {
    "set-prompt": ("/set-prompt", {"prompt": "A dog"}),
    "append-token by id": ("/append-token", {"token_id": 5}),
    "append-token by text": ("/append-token", {"token_text": " the"}),
    "append-token from Other": ("/append-token", {"category": "other"}),
    "spin": ("/spin", {}),
    "spin again with its u": ("/spin", {"u": 0.5}),
    "undo": ("/undo", {}),
}
every_change = pytest.mark.parametrize(("tail", "body"), CHANGES.values(), ids=CHANGES)
KEYED = [name for name in CHANGES if name.startswith(("append-token", "spin"))]
NOT_OPEN = {"classroom_frozen": freeze, "classroom_closed": close}
every_stop = pytest.mark.parametrize(("code", "stop"), NOT_OPEN.items(), ids=NOT_OPEN)
OTHER_VALUES = {"threshold": 0.2, "temperature": 2.0, "top_k": 3, "top_p": 0.5, "min_p": 0.25}
CLASS_VALUES = {"threshold": 0.05, "temperature": 1.5, "top_k": 40, "top_p": 0.9, "min_p": 0.125}
every_setting = pytest.mark.parametrize("name", CLASS_VALUES)


@pytest.fixture
def classroom(api):
    return new_classroom(code="ABC234")


@pytest.fixture
def member_url(api, classroom):
    """A member who has spun once."""
    url = join(api, classroom)
    spin(api, url)
    return url


def test_the_session_of_a_member_names_its_class_and_pseudonym(api, classroom, member_url):
    for stop, expected in ((resume, "open"), (freeze, "frozen"), (close, "closed")):
        stop(classroom)
        session = api.get(member_url).json()
        assert session["classroom"] == {"code": "ABC234", "title": "Class 4b", "state": expected}
        assert session["pseudonym"] == classroom.members.get().pseudonym


def test_the_conflict_of_a_stale_revision_names_them_too(api, classroom, member_url):
    answer = api.post_json(f"{member_url}/spin", {"rev": 0})
    body = assert_error(answer, 409, "stale_revision")
    assert body["classroom"]["code"] == "ABC234"
    assert body["pseudonym"] == classroom.members.get().pseudonym


def test_other_sessions_have_no_such_fields_and_cost_no_query(
    api, classroom, member_url, django_assert_num_queries
):
    url = new_session(api)
    with django_assert_num_queries(0):
        session = api.get(url).json()
        stale = api.post_json(f"{url}/spin", {"rev": 0}).json()
    assert set(api.get(member_url).json()) - set(session) == {"classroom", "pseudonym"}
    assert not {"classroom", "pseudonym"} & set(stale)


def test_a_member_of_a_deleted_class_has_no_such_fields(api, classroom, member_url):
    classroom.delete()  # the row alone: an older backup of the database was restored
    assert not {"classroom", "pseudonym"} & set(api.get(member_url).json())


@every_stop
@every_change
def test_a_text_does_not_change_while_its_class_is_not_open(
    api, classroom, member_url, tail, body, code, stop
):
    before = state(api, member_url)
    stop(classroom)
    assert_error(api.post_json(member_url + tail, body), 409, code)
    resume(classroom)
    assert state(api, member_url) == before
    assert api.post_json(member_url + tail, body).status_code == 200


@every_change
def test_other_classes_and_sessions_go_on(api, classroom, member_url, tail, body):
    others = [join(api, new_classroom()), new_session(api)]
    freeze(classroom)
    for url in others:
        spin(api, url)
        assert api.post_json(url + tail, body).status_code == 200


def post_with_key(api, path, body, key):
    headers = {"Idempotency-Key": key}
    return api.post(path, body, content_type="application/json", headers=headers)


@every_stop
@pytest.mark.parametrize("name", KEYED)
def test_a_repeated_request_is_answered_while_its_class_is_not_open(
    api, classroom, member_url, name, code, stop
):
    tail, body = CHANGES[name]
    first = post_with_key(api, member_url + tail, body, "k1")
    assert first.status_code == 200
    stop(classroom)
    again = post_with_key(api, member_url + tail, body, "k1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert_error(post_with_key(api, member_url + tail, body, "k2"), 409, code)


def test_a_key_that_was_refused_while_frozen_is_new_after_that(api, classroom, member_url):
    freeze(classroom)
    refused = post_with_key(api, f"{member_url}/spin", {}, "k1")
    assert_error(refused, 409, "classroom_frozen")
    resume(classroom)
    rev = api.get(member_url).json()["rev"]
    assert post_with_key(api, f"{member_url}/spin", {}, "k1").json()["rev"] == rev + 1


def test_a_stale_revision_is_told_before_the_pause(api, classroom, member_url):
    freeze(classroom)
    assert_error(api.post_json(f"{member_url}/spin", {"rev": 0}), 409, "stale_revision")


@every_stop
def test_a_member_reads_its_wheel_and_deletes_its_session_while_not_open(
    api, classroom, member_url, code, stop
):
    stop(classroom)
    assert NEXT_TOKEN_PROBS.call(api, member_url).status_code == 200
    assert SIMULATE.call(api, member_url).status_code == 200
    assert DELETE_SESSION.call(api, member_url).status_code == 200
    assert_error(api.get(member_url), 404, "session_not_found")


def test_a_common_spin_and_a_reset_reach_the_members_of_a_frozen_class(api, classroom, member_url):
    freeze(classroom)
    before = token_ids(api, member_url)
    classrooms.spin_everyone(classroom, 1)
    assert len(token_ids(api, member_url)) == len(before) + 1
    classrooms.reset_all(classroom)
    assert api.get(member_url).json()["current_text"] == PROMPT


@pytest.fixture
def locked_url(api):
    """A member of a class that locks every setting."""
    return join(api, new_classroom(locked=list(CLASS_VALUES), **CLASS_VALUES))


def assert_locked(answer, *names):
    assert set(assert_error(answer, 400, "setting_locked")["errors"]) == set(names)


@pytest.mark.parametrize("tail", ["/spin", "/append-token", "/simulate"])
@every_setting
def test_another_value_of_a_locked_setting_is_refused_and_nothing_changes(
    api, locked_url, tail, name
):
    before = state(api, locked_url)
    body = {"token_id": 5, "num_spins": 5, name: OTHER_VALUES[name]}
    answer = api.post_json(locked_url + tail, body)
    assert_locked(answer, name)
    assert state(api, locked_url) == before


@every_setting
def test_a_wheel_with_another_value_of_a_locked_setting_is_refused(api, locked_url, name):
    before = state(api, locked_url)
    answer = api.get(f"{locked_url}/next-token-probs", {name: OTHER_VALUES[name]})
    assert_locked(answer, name)
    assert state(api, locked_url) == before


def test_every_locked_setting_that_would_change_is_named(api, locked_url):
    body = {"temperature": 2, "top_k": 3, "top_p": CLASS_VALUES["top_p"]}
    assert_locked(api.post_json(f"{locked_url}/spin", body), "temperature", "top_k")


@every_setting
def test_the_value_of_the_class_itself_is_accepted(api, locked_url, name):
    value = {name: CLASS_VALUES[name]}
    assert wheel(api, locked_url, **value)[name] == CLASS_VALUES[name]
    assert spin(api, locked_url, **value)["spin"]["settings"] == CLASS_VALUES
    append(api, locked_url, token_id=5, **value)


def test_a_locked_setting_that_is_not_given_has_the_value_of_the_class(api, locked_url):
    answer = wheel(api, locked_url)
    assert {name: answer[name] for name in CLASS_VALUES} == CLASS_VALUES
    assert spin(api, locked_url)["spin"]["settings"] == CLASS_VALUES
    append(api, locked_url, token_id=5)
    assert SIMULATE.call(api, locked_url).json()["settings"] == CLASS_VALUES
    assert api.get(locked_url).json()["settings"] == CLASS_VALUES


def test_the_other_settings_of_a_class_can_be_changed(api):
    url = join(api, new_classroom(temperature=1.5, locked=["temperature"]))
    answer = wheel(api, url, top_k=3)
    assert (answer["temperature"], answer["top_k"]) == (1.5, 3)
    receipt = spin(api, url, top_p=0.5)["spin"]
    assert receipt["settings"] == answer_settings(temperature=1.5, top_k=3, top_p=0.5)


def answer_settings(**changed):
    neutral = {"threshold": 0.01, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    return neutral | changed


def test_a_lock_that_the_teacher_sets_later_holds_from_the_next_wheel_on(api, classroom):
    url = join(api, classroom)
    assert wheel(api, url, temperature=2)["temperature"] == 2
    classroom.locked = ["temperature"]
    classroom.save()
    assert spin(api, url)["spin"]["settings"]["temperature"] == 1
    assert_locked(api.post_json(f"{url}/spin", {"temperature": 2}), "temperature")


def test_a_locked_prompt_cannot_be_replaced(api):
    url = join(api, new_classroom(locked=["prompt"]))
    spin(api, url)
    before = state(api, url)
    assert_locked(api.post_json(f"{url}/set-prompt", {"prompt": "A dog"}), "prompt")
    assert state(api, url) == before
    assert spin(api, url)


def test_a_locked_prompt_of_a_frozen_class_is_answered_as_frozen(api):
    classroom = new_classroom(locked=["prompt"])
    url = join(api, classroom)
    freeze(classroom)
    answer = api.post_json(f"{url}/set-prompt", {"prompt": "A dog"})
    assert_error(answer, 409, "classroom_frozen")


def drawn(api, url, num_spins):
    return [spin(api, url)["spin"]["u"] for _ in range(num_spins)]


def test_members_who_share_their_luck_draw_the_same_tokens(api):
    classroom = new_classroom(luck="shared")
    first, second = (join(api, classroom) for _ in range(2))
    assert drawn(api, first, 6) == drawn(api, second, 6)
    assert token_ids(api, first) == token_ids(api, second)
    assert token_ids(api, join(api, new_classroom(luck="shared"))) != token_ids(api, first)


def test_shared_luck_depends_on_the_text_and_not_on_what_was_undone(api):
    classroom = new_classroom(luck="shared")
    first, second = (join(api, classroom) for _ in range(2))
    us = drawn(api, first, 4)
    assert drawn(api, second, 2) == us[:2]
    api.post_json(f"{second}/undo")
    append(api, second, token_id=token_ids(api, first)[-3])
    assert drawn(api, second, 2) == us[2:]
    assert token_ids(api, first) == token_ids(api, second)
    for _ in range(3):
        api.post_json(f"{second}/undo")
    assert drawn(api, second, 3) == us[1:]


def test_shared_luck_holds_for_other_too_and_for_the_common_spin(api):
    classroom = new_classroom(luck="shared", threshold=0.3)
    urls = [join(api, classroom) for _ in range(3)]
    first = [append(api, url, category="other")["appended_token"]["token_id"] for url in urls]
    assert len(set(first)) == 1
    classrooms.spin_everyone(classroom, 1)
    assert len({tuple(token_ids(api, url)) for url in urls}) == 1


def test_members_with_luck_of_their_own_draw_independently(api, classroom):
    urls = [join(api, classroom) for _ in range(4)]
    assert len({u for url in urls for u in drawn(api, url, 3)}) == 12
