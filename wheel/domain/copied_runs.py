"""The longest part of a story that is copied word for word from another text, in tokens."""

from collections.abc import Sequence

import numpy as np

from wheel.domain.distribution import IntArray


def longest_copied_run(text: IntArray, story: Sequence[int]) -> int:
    """The length of the longest run of the story's tokens that the text has, in one piece.

    text: (num_tokens,) int. Source: the longest common substring by dynamic programming; `runs` are
    the lengths of the runs that end at each token of the text and at the story's present token.
    """
    longest = 0
    runs = np.zeros(len(text) + 1, dtype=np.int64)  # runs[0] is before the text
    for token_id in story:
        runs[1:] = np.where(text == token_id, runs[:-1] + 1, 0)
        longest = max(longest, int(runs.max()))
    return longest
