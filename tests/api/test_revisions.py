"""Optimistic locking by `rev`, and concurrent changes without it."""

import pytest

from tests.api.fakes import InterruptedEngine, changed_runtime, store_down
from tests.api.helpers import (
    APPEND_TOKEN,
    SET_PROMPT,
    SPIN,
    UNDO,
    append,
    assert_error,
    assert_field_error,
    new_session,
    spin,
    state,
    token_ids,
    wheel,
)
from wheel import services

CHANGES = [SET_PROMPT, APPEND_TOKEN, UNDO, SPIN]
every_change = pytest.mark.parametrize("endpoint", CHANGES, ids=str)


@pytest.fixture
def url(session_url, api):
    """A session with one chosen token, so that every change can be made."""
    append(api, session_url, token_id=3)
    return session_url


def call_with_rev(api, url, endpoint, rev):
    body = (endpoint.body or "{}").strip()[:-1]
    separator = "," if endpoint.body else ""
    return api.post_json(url + endpoint.tail, f'{body}{separator} "rev": {rev}}}')


@every_change
def test_each_change_raises_the_revision_by_one(api, url, endpoint):
    before = state(api, url)["rev"]
    assert endpoint.call(api, url).json()["rev"] == before + 1
    assert state(api, url)["rev"] == before + 1


def test_a_read_leaves_the_revision(api, url):
    before = state(api, url)["rev"]
    assert wheel(api, url, temperature=2)["rev"] == before
    assert state(api, url)["rev"] == before


@every_change
def test_the_current_revision_is_accepted(api, url, endpoint):
    rev = state(api, url)["rev"]
    assert call_with_rev(api, url, endpoint, rev).status_code == 200


@every_change
@pytest.mark.parametrize("rev", [0, -1, 1, 3, 10**30], ids=str)
def test_a_stale_revision_changes_nothing(api, url, endpoint, rev):
    before = state(api, url)
    assert before["rev"] == 2
    answer = assert_error(call_with_rev(api, url, endpoint, rev), 409, "stale_revision")
    shown = {name: answer[name] for name in before} | {"last_accessed": None}
    assert shown == before
    assert state(api, url) == before


@every_change
@pytest.mark.parametrize("rev", ["true", '"two"', "1.5", "[2]", "{}", "1e999"])
def test_a_revision_that_is_no_integer_is_refused(api, url, endpoint, rev):
    assert_field_error(call_with_rev(api, url, endpoint, rev), "rev")


@every_change
def test_a_revision_of_null_is_the_same_as_no_revision(api, url, endpoint):
    assert call_with_rev(api, url, endpoint, "null").status_code == 200


def test_a_stale_delete_deletes_nothing(api, url):
    assert_error(api.delete(f"{url}?rev=1"), 409, "stale_revision")
    assert_field_error(api.delete(f"{url}?rev=x"), "rev")
    assert api.delete(f"{url}?rev=2").status_code == 200


def test_the_same_click_sent_twice_counts_once(api, url):
    rev = state(api, url)["rev"]
    first = call_with_rev(api, url, SPIN, rev)
    second = call_with_rev(api, url, SPIN, rev)
    assert first.status_code == 200
    assert_error(second, 409, "stale_revision")
    assert len(state(api, url)["token_history"]) == 2


def test_a_store_failure_during_a_conflict_is_reported_instead_of_it(api, url):
    with store_down(after_num_reads=1):
        assert_error(call_with_rev(api, url, SPIN, 0), 503, "store_unavailable")


def interrupted(engine, change):
    return changed_runtime(engine=InterruptedEngine(engine, change))


def append_meanwhile(url, engine, token_id=9):
    """Another request appends a token while the engine computes the previous context."""

    def change():
        with changed_runtime(engine=engine):
            services.append_token(session_id=url.rpartition("/")[2], token_id=token_id)

    return interrupted(engine, change)


def test_two_concurrent_clicks_both_count_each_on_its_own_context(
    api, url, engine, reference_probs
):
    before = token_ids(api, url)
    with append_meanwhile(url, engine):
        change = spin(api, url, u=0.25)
    assert token_ids(api, url) == [*before, 9, change["appended_token"]["token_id"]]
    expected = reference_probs([*before, 9])[change["appended_token"]["token_id"]]
    assert change["appended_token"]["probability"] == pytest.approx(expected, abs=1e-5)
    assert change["previous_text"] == state(api, new_copy(api, [*before, 9]))["current_text"]


def new_copy(api, ids):
    """Another session with the same ids: the first as its prompt, the others appended."""
    url = new_session(api)
    num_prompt_tokens = len(token_ids(api, url))
    assert token_ids(api, url) == ids[:num_prompt_tokens]
    for token_id in ids[num_prompt_tokens:]:
        append(api, url, token_id=token_id)
    return url


def test_of_two_concurrent_clicks_with_a_revision_the_later_is_refused(api, url, engine):
    before = token_ids(api, url)
    with append_meanwhile(url, engine):
        answer = call_with_rev(api, url, SPIN, 2)
    assert_error(answer, 409, "stale_revision")
    assert token_ids(api, url) == [*before, 9]


def test_a_click_on_a_session_deleted_meanwhile_is_not_found(api, url, engine):
    def delete():
        services.delete_session(session_id=url.rpartition("/")[2])

    with interrupted(engine, delete):
        answer = api.post_json(f"{url}/spin", {})
    assert_error(answer, 404, "session_not_found")
