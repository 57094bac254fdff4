"""The query parameter `history`: how much of the history an answer repeats."""

import pytest

from tests.api.helpers import (
    APPEND_TOKEN,
    DELETE_SESSION,
    GET_SESSION,
    SET_PROMPT,
    SPIN,
    UNDO,
    append,
    assert_error,
    assert_field_error,
    state,
)

REPEATING = [GET_SESSION, APPEND_TOKEN, SPIN, UNDO]
CHANGING = [SET_PROMPT, APPEND_TOKEN, SPIN, UNDO, DELETE_SESSION]
every_repeating = pytest.mark.parametrize("endpoint", REPEATING, ids=str)


@pytest.fixture
def url(session_url, api):
    """A session with three chosen tokens."""
    for token_id in (3, 4, 5):
        append(api, session_url, token_id=token_id)
    return session_url


def call(api, url, endpoint, query):
    """The endpoint's call with a query."""
    return api.generic(
        endpoint.method, f"{url}{endpoint.tail}?{query}", endpoint.body or "", "application/json"
    )


@every_repeating
def test_an_answer_repeats_the_whole_history_by_default(api, url, endpoint):
    answer = endpoint.call(api, url).json()
    assert answer["token_history"] == state(api, url)["token_history"]
    assert len(answer["token_history"]) >= 2


@every_repeating
@pytest.mark.parametrize(("part", "shown"), [("all", slice(None)), ("last", slice(-1, None))])
def test_an_answer_repeats_the_part_that_is_asked_for(api, url, endpoint, part, shown):
    answer = call(api, url, endpoint, f"history={part}")
    assert answer.status_code == 200
    assert answer.json()["token_history"] == state(api, url)["token_history"][shown]


@every_repeating
def test_the_field_is_an_empty_list_if_no_history_is_asked_for(api, url, endpoint):
    assert call(api, url, endpoint, "history=none").json()["token_history"] == []


def test_the_last_item_of_an_empty_history_is_an_empty_list(api, session_url):
    assert api.get(f"{session_url}?history=last").json()["token_history"] == []


@every_repeating
def test_the_parameter_changes_no_other_field(api, url, endpoint):
    """Two sessions of one history, the same call on each."""
    other = f"/api/sessions/{api.start('The cat sat on the')}"
    for token_id in (3, 4, 5):
        append(api, other, token_id=token_id)
    of_its_own = {"session_id", "token_history", "created_at", "last_accessed"}
    whole, part = endpoint.call(api, url).json(), call(api, other, endpoint, "history=none").json()
    assert whole.keys() == part.keys()
    assert {name: whole[name] for name in whole.keys() - of_its_own} == {
        name: part[name] for name in part.keys() - of_its_own
    }


@pytest.mark.parametrize("endpoint", [GET_SESSION, *CHANGING], ids=str)
@pytest.mark.parametrize("query", ["history=", "history=some", "history=ALL", "history=all,last"])
def test_another_value_is_refused_and_changes_nothing(api, url, endpoint, query):
    before = state(api, url)
    assert_field_error(call(api, url, endpoint, query), "history")
    assert state(api, url) == before


@pytest.mark.parametrize("endpoint", [GET_SESSION, *CHANGING], ids=str)
def test_a_repeated_parameter_is_refused(api, url, endpoint):
    assert_field_error(call(api, url, endpoint, "history=all&history=last"), "history")


@pytest.mark.parametrize("endpoint", CHANGING, ids=str)
@pytest.mark.parametrize(("part", "num_items"), [("all", 3), ("last", 1), ("none", 0)])
def test_a_conflict_repeats_the_part_that_is_asked_for(api, url, endpoint, part, num_items):
    query = f"history={part}"
    if endpoint is DELETE_SESSION:
        answer = api.delete(f"{url}?rev=1&{query}")
    else:
        body = {"prompt": "The cat", "token_id": 5, "rev": 1}
        answer = api.post_json(f"{url}{endpoint.tail}?{query}", body)
    shown = assert_error(answer, 409, "stale_revision")["token_history"]
    assert shown == state(api, url)["token_history"][3 - num_items :]


@pytest.mark.parametrize("part", ["last", "none"])
def test_an_answer_without_the_history_stays_small_on_a_long_text(api, session_url, part):
    sizes = [
        len(call(api, session_url, SPIN, f"history={part}").content)
        - 2 * len(state(api, session_url)["current_text"].encode())
        for _ in range(40)
    ]
    assert max(sizes[1:]) < 2 * min(sizes)
