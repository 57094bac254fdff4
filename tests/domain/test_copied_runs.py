"""The longest run of tokens that a story has from a text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wheel.domain.copied_runs import longest_copied_run

tokens = st.lists(st.integers(0, 3), max_size=20)


def has_run(text, run):
    return any(text[start : start + len(run)] == run for start in range(len(text)))


@given(tokens, tokens)
def test_the_longest_run_is_that_of_trying_all(text, story):
    ends = range(len(story) + 1)
    runs = [story[start:end] for end in ends for start in range(end)]
    expected = max((len(run) for run in runs if has_run(text, run)), default=0)
    assert longest_copied_run(np.array(text, dtype=int), story) == expected


def test_a_story_that_is_a_part_of_the_text_is_copied_from_end_to_end():
    assert longest_copied_run(np.array([5, 1, 2, 3, 4]), (1, 2, 3)) == 3
