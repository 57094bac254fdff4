"""`manage.py prune_sessions`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.api.fakes import store_down, store_later
from wheel import services
from wheel.errors import SessionNotFoundError
from wheel.models import SessionIndexEntry


@pytest.fixture
def session_ids(wheel_runtime, db):
    return [services.start_session().session_id for _ in range(3)]


def prune():
    out = StringIO()
    call_command("prune_sessions", stdout=out)
    return out.getvalue().strip()


def test_live_sessions_are_kept(session_ids):
    assert prune() == "0 ended sessions dropped."
    assert SessionIndexEntry.objects.count() == 3
    assert services.get_session(session_id=session_ids[0])


def test_sessions_that_have_ended_are_dropped(session_ids, wheel_runtime):
    wheel_runtime.store.delete(wheel_runtime.store.read(session_ids[0]))
    assert prune() == "1 ended sessions dropped."
    assert {str(entry.pk) for entry in SessionIndexEntry.objects.all()} == set(session_ids[1:])


def test_sessions_that_have_expired_are_dropped(session_ids):
    with store_later(minutes=62):
        assert prune() == "3 ended sessions dropped."
        with pytest.raises(SessionNotFoundError):
            services.get_session(session_id=session_ids[0])


def test_pruning_without_sessions_is_no_error(wheel_runtime, db):
    assert prune() == "0 ended sessions dropped."


def test_a_store_that_is_down_ends_the_command_with_a_sentence_and_drops_nothing(session_ids):
    with store_down(), pytest.raises(CommandError, match="does not answer"):
        prune()
    assert SessionIndexEntry.objects.count() == 3
