"""Look-ahead: which contexts are computed ahead, and when."""

import numpy as np
import pytest

from wheel.engine.look_ahead import MAX_SHOWN_CONTEXTS, SPECULATION_DELAY_S, LookAhead

ROW = np.array([0.0, 3.0, 1.0, 2.0], dtype=np.float32)
PARENT = ("m", (7,))


def nothing_is_known(key):
    return False


def next_keys(look_ahead, now, *, is_known=nothing_is_known, max_requests=32, is_speculative=False):
    requests = look_ahead.next_requests(is_known, now=now, max_requests=max_requests)
    assert all(request.is_look_ahead for request in requests)
    assert [request.is_speculative for request in requests] == [is_speculative] * len(requests)
    return [request.token_ids for request in requests]


@pytest.fixture
def look_ahead():
    return LookAhead(num_children=2)


def test_prefetches_go_into_one_forward_pass_the_newest_first(look_ahead):
    for token_id in range(5):
        look_ahead.prefetch(("m", (token_id,)))
    assert next_keys(look_ahead, 0, max_requests=3) == [(4,), (3,), (2,)]
    assert next_keys(look_ahead, 0, max_requests=3) == [(1,), (0,)]
    assert next_keys(look_ahead, 0) == []


def test_a_context_that_is_prefetched_twice_is_computed_once(look_ahead):
    look_ahead.prefetch(("m", (1,)))
    look_ahead.prefetch(("m", (1,)))
    assert next_keys(look_ahead, 0) == [(1,)]


def test_speculation_starts_when_a_context_has_been_on_show_for_a_while(look_ahead):
    look_ahead.start_speculation(PARENT, ROW, now=10)
    assert next_keys(look_ahead, 10 + SPECULATION_DELAY_S / 2) == []
    assert look_ahead.seconds_to_next(10 + SPECULATION_DELAY_S / 2) == pytest.approx(
        SPECULATION_DELAY_S / 2
    )
    known: set[tuple[str, tuple[int, ...]]] = set()
    for expected in [(7, 1), (7, 3)]:
        keys = next_keys(
            look_ahead,
            10 + SPECULATION_DELAY_S,
            is_known=known.__contains__,
            is_speculative=True,
        )
        assert keys == [expected]
        known.add(("m", expected))
    assert next_keys(look_ahead, 10 + SPECULATION_DELAY_S, is_known=known.__contains__) == []
    assert look_ahead.seconds_to_next(10 + SPECULATION_DELAY_S) is None


def test_there_is_no_speculation_about_a_context_that_a_session_has_left(look_ahead):
    look_ahead.start_speculation(PARENT, ROW, now=0)
    look_ahead.start_speculation(("m", (8,)), ROW, now=0)
    look_ahead.stop_speculation_on_parent(("m", (7, 2)))
    assert next_keys(look_ahead, SPECULATION_DELAY_S, is_speculative=True) == [(8, 1)]


def test_prefetching_comes_before_speculation(look_ahead):
    look_ahead.start_speculation(PARENT, ROW, now=0)
    look_ahead.prefetch(("m", (9,)))
    assert next_keys(look_ahead, SPECULATION_DELAY_S) == [(9,)]


def test_only_the_newest_shown_contexts_are_remembered(look_ahead):
    for token_id in range(MAX_SHOWN_CONTEXTS + 5):
        look_ahead.start_speculation(("m", (token_id,)), ROW, now=token_id)
    known = {
        ("m", (token_id, child))
        for token_id in range(5, MAX_SHOWN_CONTEXTS + 5)
        for child in (1, 3)
    }
    assert next_keys(look_ahead, 1000, is_known=known.__contains__) == []


def test_without_children_there_is_no_speculation():
    look_ahead = LookAhead(num_children=0)
    look_ahead.start_speculation(PARENT, ROW, now=0)
    assert look_ahead.seconds_to_next(0) is None
    assert next_keys(look_ahead, 1000) == []


def test_the_first_context_to_be_due_decides_how_long_to_wait(look_ahead):
    """Hints may arrive later than younger contexts."""
    look_ahead.start_speculation(PARENT, ROW, now=10)
    look_ahead.start_speculation(("m", (8,)), ROW, now=9)
    assert look_ahead.seconds_to_next(9) == pytest.approx(SPECULATION_DELAY_S)


def test_the_children_of_the_context_shown_last_come_first(look_ahead):
    for key in (PARENT, ("m", (8,)), PARENT):
        look_ahead.start_speculation(key, ROW, now=0)
    assert next_keys(look_ahead, SPECULATION_DELAY_S, is_speculative=True) == [(7, 1)]


def test_a_context_that_is_overdue_is_not_waited_for(look_ahead):
    look_ahead.start_speculation(PARENT, ROW, now=0)
    assert look_ahead.seconds_to_next(2 * SPECULATION_DELAY_S) == 0
