"""What is computed ahead, and when: on a clock that stands still until it is moved."""

import numpy as np
import pytest

from wheel.engine.look_ahead import MAX_WHEELS, REST_S, LookAhead

ROW = np.array([0.0, 3.0, 1.0, 2.0], dtype=np.float32)
PARENT = ("m", (7,))


def nothing_is_known(key):
    return False


def next_keys(look_ahead, now, *, is_known=nothing_is_known, max_requests=32):
    requests = look_ahead.next_requests(is_known, now=now, max_requests=max_requests)
    assert all(request.is_look_ahead for request in requests)
    return [request.token_ids for request in requests]


@pytest.fixture
def look_ahead():
    return LookAhead(num_children=2)


def test_all_that_is_expected_goes_into_one_pass_the_newest_first(look_ahead):
    for token_id in range(5):
        look_ahead.prefetch(("m", (token_id,)))
    assert next_keys(look_ahead, 0, max_requests=3) == [(4,), (3,), (2,)]
    assert next_keys(look_ahead, 0, max_requests=3) == [(1,), (0,)]
    assert next_keys(look_ahead, 0) == []


def test_what_is_expected_twice_is_computed_once(look_ahead):
    look_ahead.prefetch(("m", (1,)))
    look_ahead.prefetch(("m", (1,)))
    assert next_keys(look_ahead, 0) == [(1,)]


def test_a_wheel_rests_before_anybody_guesses_what_comes_after_it(look_ahead):
    look_ahead.show(PARENT, ROW, now=10)
    assert next_keys(look_ahead, 10 + REST_S / 2) == []
    assert look_ahead.seconds_to_next(10 + REST_S / 2) == pytest.approx(REST_S / 2)
    known: set[tuple[str, tuple[int, ...]]] = set()
    for expected in [(7, 1), (7, 3)]:
        keys = next_keys(look_ahead, 10 + REST_S, is_known=known.__contains__)
        assert keys == [expected]
        known.add(("m", expected))
    assert next_keys(look_ahead, 10 + REST_S, is_known=known.__contains__) == []
    assert look_ahead.seconds_to_next(10 + REST_S) is None


def test_a_wheel_that_somebody_has_left_is_not_guessed_about(look_ahead):
    look_ahead.show(PARENT, ROW, now=0)
    look_ahead.show(("m", (8,)), ROW, now=0)
    look_ahead.pass_by(("m", (7, 2)))
    assert next_keys(look_ahead, REST_S) == [(8, 1)]


def test_what_is_expected_comes_before_guesses(look_ahead):
    look_ahead.show(PARENT, ROW, now=0)
    look_ahead.prefetch(("m", (9,)))
    assert next_keys(look_ahead, REST_S) == [(9,)]


def test_no_more_wheels_are_remembered_than_there_is_room_for(look_ahead):
    for token_id in range(MAX_WHEELS + 5):
        look_ahead.show(("m", (token_id,)), ROW, now=token_id)
    known = {("m", (token_id, child)) for token_id in range(5, MAX_WHEELS + 5) for child in (1, 3)}
    assert next_keys(look_ahead, 1000, is_known=known.__contains__) == []


def test_without_children_there_is_nothing_to_wait_for():
    look_ahead = LookAhead(num_children=0)
    look_ahead.show(PARENT, ROW, now=0)
    assert look_ahead.seconds_to_next(0) is None
    assert next_keys(look_ahead, 1000) == []
