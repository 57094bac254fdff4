"""Reads and writes of the session store by one request, when no other request competes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.sessions.backends import CountingCache
from wheel import runtime, services
from wheel.sessions.store import SessionStore

HTMX = {"HX-Request": "true"}
KNOBS = {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "threshold": 0.01}


@pytest.fixture
def counting(wheel_runtime, db):
    """The cache of the current runtime's store."""
    cache: Any = CountingCache(caches["default"])
    store = SessionStore(cache, ttl=timedelta(hours=1), compare_and_set=cache.compare_and_set)
    with runtime.use(replace(wheel_runtime, store=store)):
        yield cache


@pytest.fixture
def session_id(counting):
    """A session whose text is "The cat" and two more tokens, one of which can be redone."""
    session_id = services.start_text(prompt="The cat").session_id
    for _ in range(3):
        services.spin(session_id=session_id)
    services.undo(session_id=session_id)
    counting.num_reads = counting.num_writes = 0
    return session_id


def traffic(counting, response, status=200):
    assert response.status_code == status
    return counting.num_reads, counting.num_writes


CHANGES = {
    "set-prompt": {"prompt": "A dog"},
    "spin": {},
    "append-token": {"token_id": 5},
    "append-token from Other": {"category": "other"},
    "append-token by text": {"token_text": " the"},
    "undo": {},
}


@pytest.mark.parametrize(("name", "body"), CHANGES.items(), ids=CHANGES.keys())
def test_a_change_at_the_api_reads_the_session_once_and_writes_it_once(
    api, counting, session_id, name, body
):
    path = f"/api/sessions/{session_id}/{name.partition(' ')[0]}"
    assert traffic(counting, api.post_json(path, body)) == (1, 1)


def test_the_wheel_at_the_api_reads_the_session_once_and_writes_only_new_settings(
    api, counting, session_id
):
    url = f"/api/sessions/{session_id}/next-token-probs"
    assert traffic(counting, api.get(url)) == (1, 0)
    assert traffic(counting, api.get(f"{url}?temperature=2")) == (2, 1)


def test_the_session_at_the_api_is_read_once(api, counting, session_id):
    assert traffic(counting, api.get(f"/api/sessions/{session_id}")) == (1, 0)


def test_a_deletion_at_the_api_reads_the_session_once(api, counting, session_id):
    assert traffic(counting, api.delete(f"/api/sessions/{session_id}")) == (1, 1)


def test_a_new_session_is_written_and_read_back_once(api, counting):
    assert traffic(counting, api.post_json("/api/sessions"), 201) == (1, 1)


ACTIONS = {
    "prompt": {"prompt": "A dog"},
    "spin": KNOBS,
    "choose": {"token_id": 5} | KNOBS,
    "undo": {},
    "redo": {},
    "rewind": {"num_kept": 1},
}


@pytest.mark.parametrize(("name", "fields"), ACTIONS.items(), ids=ACTIONS.keys())
def test_an_htmx_action_of_the_page_reads_the_session_once_and_writes_it_once(
    client, counting, session_id, name, fields
):
    fields = fields | {"rev": 5}
    response = client.post(f"/wheel/{session_id}/{name}", fields, headers=HTMX)
    assert traffic(counting, response) == (1, 1)


def test_the_page_reads_the_session_once_and_writes_only_new_settings(client, counting, session_id):
    assert traffic(counting, client.get(f"/wheel/{session_id}")) == (1, 0)
    assert traffic(counting, client.get(f"/wheel/{session_id}?temperature=2")) == (2, 1)


def test_a_search_on_the_page_reads_the_session_once(client, counting, session_id):
    response = client.post(f"/wheel/{session_id}/find", {"text": "the"}, headers=HTMX)
    assert traffic(counting, response) == (1, 0)


def test_a_start_with_a_prompt_reads_nothing_but_the_new_session_back(client, counting):
    assert traffic(counting, client.post("/", {"prompt": "The cat"}), 302) == (1, 2)
