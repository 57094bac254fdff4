"""Queries and reads of the store that a wall takes: the same for every number of members."""

import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.wall.world import join
from wheel import runtime
from wheel.models import Member
from wheel.sessions.store import SessionStore


def copy_members(classroom, member, number):
    """More members with the same story."""
    store = runtime.current().store
    session = store.read(str(member.session_id)).session
    for _ in range(number):
        session_id = uuid.uuid4()
        store.create(replace(session, session_id=str(session_id)))
        Member.objects.create(
            classroom=classroom, session_id=session_id, pseudonym=f"otter {session_id}"
        )


@pytest.mark.parametrize("query", ["", "?unfolded=on&order=surprise"])
def test_two_hundred_members_take_as_many_queries_and_reads_as_two(
    wall, classroom, query, monkeypatch
):
    member = join(classroom, " sat on the")
    copy_members(classroom, member, 1)
    reads = []
    load_many = SessionStore.load_many

    def counted(self, session_ids):
        reads.append(list(session_ids))
        return load_many(self, reads[-1])

    monkeypatch.setattr(SessionStore, "load_many", counted)
    wall.poll(query=query)
    numbers = []
    for num_more in (0, 198):
        copy_members(classroom, member, num_more)
        reads.clear()
        with CaptureQueriesContext(connection) as queries:
            assert wall.poll(query=query).status_code == 200
        numbers.append((len(queries), len(reads)))
    assert numbers[0] == numbers[1]
    assert len(reads[0]) == 200
