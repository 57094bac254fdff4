"""Hues of two wheels side by side: a token has the same hue on both, and neighbours look different.

The tokens of both wheels are the nodes of a graph whose edges join neighbours. Each gets the hue
that clashes with the fewest neighbours; some passes over all tokens remove most clashes that an
earlier choice has caused (min-conflicts search). With two wheels not every one can be avoided, but
no two neighbours have the same hue.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from wheel.pages.drawing.palette import HUE_ORDER

# Hues that every eye tells apart (ΔE_OK of 0.08 and more, decision 0011).
APART: dict[int, frozenset[int]] = {
    0: frozenset({6, 7, 8, 9}),
    1: frozenset({5, 6, 7, 8, 9}),
    2: frozenset({5, 6, 7, 8}),
    3: frozenset({6, 7, 8, 11}),
    5: frozenset({1, 2, 9}),
    6: frozenset({0, 1, 2, 3}),
    7: frozenset({0, 1, 2, 3}),
    8: frozenset({0, 1, 2, 3, 11}),
    9: frozenset({0, 1, 5}),
    11: frozenset({3, 8}),
}
NUM_PASSES = 6
SAME_HUE_COST, CLASH_COST = 100, 1

Graph = dict[int, set[int]]


def shared_hues(
    first: Sequence[int], second: Sequence[int], *, are_closed: tuple[bool, bool]
) -> dict[int, int]:
    """A hue for each token. first, second: the tokens with a segment, clockwise. are_closed:
    whether the last segment of each wheel touches its first."""
    graph = neighbours_of((first, second), are_closed)
    hues: dict[int, int] = {}
    for _ in range(NUM_PASSES):
        before = dict(hues)
        for token in graph:
            hues.pop(token, None)
            hues[token] = best_hue(token, graph, hues)
        if hues == before:
            break
    return hues


def neighbours_of(wheels: Sequence[Sequence[int]], are_closed: Sequence[bool]) -> Graph:
    graph: Graph = {token: set() for wheel in wheels for token in wheel}
    for wheel, is_closed in zip(wheels, are_closed, strict=True):
        ring = [*wheel, *wheel[:1]] if is_closed else wheel
        for one, other in pairwise(ring):
            if one != other:
                graph[one].add(other)
                graph[other].add(one)
    return graph


def best_hue(token: int, graph: Graph, hues: dict[int, int]) -> int:
    """The hue with the least cost; of equals the one that is used least, then the first of the
    order."""
    taken = [hues[other] for other in graph[token] if other in hues]
    uses = Counter(hues.values())
    return min(HUE_ORDER, key=lambda hue: (cost_of(hue, taken), uses[hue]))


def cost_of(hue: int, taken: Sequence[int]) -> int:
    return sum(
        SAME_HUE_COST if hue == other else CLASH_COST * (other not in APART[hue]) for other in taken
    )
