"""Loops, against brute force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.loops import MAX_PERIOD, MIN_REPEATS, Loop, find_loop


def brute_force(token_ids):
    """Of all passages of at most MAX_PERIOD tokens that end the text three times or more, the one
    that begins first, then the shortest."""
    n = len(token_ids)
    for start in range(n):
        for period in range(1, min(MAX_PERIOD, (n - start) // MIN_REPEATS) + 1):
            if all(token_ids[i] == token_ids[i + period] for i in range(start, n - period)):
                return Loop(start, period, (n - start) // period)
    return None


@given(st.lists(st.integers(0, 2), max_size=30))
def test_the_loop_of_any_text_is_that_of_brute_force(token_ids):
    assert find_loop(token_ids) == brute_force(token_ids)


@given(
    st.lists(st.integers(10, 20), max_size=10),
    st.lists(st.integers(0, 5), min_size=1, max_size=MAX_PERIOD),
    st.integers(MIN_REPEATS, 6),
)
def test_a_repeated_passage_is_found(beginning, passage, num_repeats):
    loop = find_loop(beginning + passage * num_repeats)
    assert loop is not None
    assert loop.start == len(beginning)
    assert loop.period <= len(passage)


@pytest.mark.parametrize(
    ("token_ids", "loop"),
    [
        ([], None),
        ([1], None),
        ([1, 1], None),
        ([1, 1, 1], Loop(0, 1, 3)),
        ([5, 1, 2, 1, 2, 1, 2], Loop(1, 2, 3)),
        ([1, 2, 1, 2, 1], None),
        ([9, 1, 2, 1, 2, 1, 2, 1], Loop(1, 2, 3)),
        ([1, 2, 3], None),
        ([1, 0, 0, 0] * 3, Loop(0, 4, 3)),
    ],
)
def test_short_texts(token_ids, loop):
    assert find_loop(token_ids) == loop
