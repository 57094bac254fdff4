"""Colour differences (ΔE_OK) between neighbouring segments; see decision 0011.

    python -m bench.hues

Prints the smallest difference in two orders of the hues, for each theme and kind of colour vision,
and for every number of hues the best that any choice and order of them can reach.
"""

import argparse
from itertools import combinations, pairwise

from bench.colour import EYES, Theme, distance, seen_by, themes
from wheel.pages.drawing.palette import HUE_ORDER, NUM_HUES

STEPS_OF_FIVE = tuple(5 * step % NUM_HUES for step in range(NUM_HUES))
Distances = dict[tuple[int, int], float]


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    print(f"{'':26}" + "".join(f"{eyes:>14}" for eyes in EYES))
    for name, theme in themes().items():
        for label, hues in (("steps of five", STEPS_OF_FIVE), ("HUE_ORDER", HUE_ORDER)):
            smallest = [smallest_in_cycle(hues, distances(theme, eyes)) for eyes in EYES]
            print(f"{name:8}{label:18}" + "".join(f"{value:14.3f}" for value in smallest))
    worst = worst_distances()
    for num_hues in range(NUM_HUES, 5, -1):
        print(f"best of {num_hues:2} hues: {best_smallest(num_hues, worst):.3f}")


def distances(theme: Theme, eyes: str) -> Distances:
    """ΔE_OK of each pair of hue indices, as this kind of colour vision sees them."""
    seen = [seen_by(eyes, colour) for colour in theme.hues]
    pairs = ((one, other) for one in range(NUM_HUES) for other in range(NUM_HUES))
    return {(one, other): distance(seen[one], seen[other]) for one, other in pairs}


def worst_distances() -> Distances:
    """The smallest difference of each pair over all kinds of colour vision and both themes."""
    tables = [distances(theme, eyes) for theme in themes().values() for eyes in EYES]
    return {pair: min(table[pair] for table in tables) for pair in tables[0]}


def smallest_in_cycle(hues: tuple[int, ...], table: Distances) -> float:
    """The smallest difference between neighbours; the last hue is next to the first."""
    return min(table[pair] for pair in pairwise([*hues, hues[0]]))


def best_smallest(num_hues: int, table: Distances) -> float:
    """The largest value of `smallest_in_cycle` over all choices and orders of `num_hues` hues."""
    limits = sorted({table[pair] for pair in combinations(range(NUM_HUES), 2)})
    low, high = 0, len(limits)
    while high - low > 1:
        middle = (low + high) // 2
        chosen = combinations(range(NUM_HUES), num_hues)
        if any(has_cycle(hues, limits[middle], table) for hues in chosen):
            low = middle
        else:
            high = middle
    return limits[low]


def has_cycle(hues: tuple[int, ...], limit: float, table: Distances) -> bool:
    """Whether a cycle through all `hues` exists whose neighbours differ by at least `limit`."""
    first, *others = hues
    ends = {(frozenset([first]), first)}  # the visited hues and the last hue of each path
    for _ in others:
        ends = {
            (visited | {hue}, hue)
            for visited, last in ends
            for hue in others
            if hue not in visited and table[last, hue] >= limit
        }
    return any(table[last, first] >= limit for _, last in ends)


if __name__ == "__main__":
    main()
