"""Hues of two wheels side by side: a token has the same hue on both, and neighbours look different.

The tokens of both wheels are the nodes of a graph whose edges join neighbours. The first wheel
begins with its usual hues; then the tokens that clash with a neighbour get other hues, one at a
time (min-conflicts search). With two wheels not every clash can be avoided, but no two neighbours
have the same hue.
"""

import random
from collections.abc import Sequence
from itertools import pairwise

from wheel.pages.drawing.palette import HUE_ORDER, hue_indices

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
NUM_STEPS = 300
SAME_HUE_COST, CLASH_COST = 100, 1

Graph = dict[int, set[int]]


def shared_hues(
    first: Sequence[int], second: Sequence[int], *, are_closed: tuple[bool, bool]
) -> dict[int, int]:
    """A hue for each token. first, second: the tokens with a segment, clockwise. are_closed:
    whether the last segment of each wheel touches its first."""
    graph = neighbours_of((first, second), are_closed)
    own = hue_indices(len(first), is_closed=are_closed[0])
    hues = dict(zip(first, own, strict=True))
    luck = random.Random(0)  # noqa: S311 - the same hues for the same wheels
    for token in second:
        if token not in hues:
            hues[token] = best_hue(graph[token], hues, luck)
    return with_fewer_clashes(hues, graph, luck)


def with_fewer_clashes(hues: dict[int, int], graph: Graph, luck: random.Random) -> dict[int, int]:
    """The best of the colourings that the search passes through."""
    best, best_cost = dict(hues), cost_of_all(hues, graph)
    for _ in range(NUM_STEPS):
        clashing = [token for token in graph if cost_of(hues[token], graph[token], hues)]
        if not clashing:
            return hues
        token = luck.choice(clashing)
        hues[token] = best_hue(graph[token], hues, luck)
        if (cost := cost_of_all(hues, graph)) < best_cost:
            best, best_cost = dict(hues), cost
    return best


def neighbours_of(wheels: Sequence[Sequence[int]], are_closed: Sequence[bool]) -> Graph:
    graph: Graph = {token: set() for wheel in wheels for token in wheel}
    for wheel, is_closed in zip(wheels, are_closed, strict=True):
        ring = [*wheel, *wheel[:1]] if is_closed else wheel
        for one, other in pairwise(ring):
            if one != other:
                graph[one].add(other)
                graph[other].add(one)
    return graph


def best_hue(neighbours: set[int], hues: dict[int, int], luck: random.Random) -> int:
    """The hue with the least cost; one of them if there are several."""
    costs = {hue: cost_of(hue, neighbours, hues) for hue in HUE_ORDER}
    least = min(costs.values())
    return luck.choice([hue for hue, cost in costs.items() if cost == least])


def cost_of(hue: int, neighbours: set[int], hues: dict[int, int]) -> int:
    taken = [hues[other] for other in neighbours if other in hues]
    return sum(
        SAME_HUE_COST if hue == other else CLASH_COST * (other not in APART[hue]) for other in taken
    )


def cost_of_all(hues: dict[int, int], graph: Graph) -> int:
    return sum(cost_of(hues[token], neighbours, hues) for token, neighbours in graph.items())
