"""How different neighbouring segments look, to all eyes and in both themes; decision 0011.

    python -m bench.hues

Prints the smallest ΔE_OK between neighbours for rounds of hues, and for every number of hues the
best that any choice and any order of them can do.
"""

import sys
from itertools import combinations, pairwise

from tests.pages.colour import EYES, Theme, distance, seen_by, themes
from wheel.pages.drawing.palette import HUE_ORDER, NUM_HUES

STEPS_OF_FIVE = tuple(5 * step % NUM_HUES for step in range(NUM_HUES))
Distances = dict[tuple[int, int], float]


def main() -> None:
    write(f"{'':26}" + "".join(f"{eyes:>14}" for eyes in EYES))
    for name, theme in themes().items():
        for label, hues in (("steps of five", STEPS_OF_FIVE), ("HUE_ORDER", HUE_ORDER)):
            smallest = [round_min(hues, distances(theme, eyes)) for eyes in EYES]
            write(f"{name:8}{label:18}" + "".join(f"{value:14.3f}" for value in smallest))
    worst = worst_distances()
    for num_hues in range(NUM_HUES, 5, -1):
        write(f"best of {num_hues:2} hues: {best_min(num_hues, worst):.3f}")


def distances(theme: Theme, eyes: str) -> Distances:
    seen = [seen_by(eyes, colour) for colour in theme.hues]
    pairs = ((one, other) for one in range(NUM_HUES) for other in range(NUM_HUES))
    return {(one, other): distance(seen[one], seen[other]) for one, other in pairs}


def worst_distances() -> Distances:
    """Over all eyes and both themes."""
    tables = [distances(theme, eyes) for theme in themes().values() for eyes in EYES]
    return {pair: min(table[pair] for table in tables) for pair in tables[0]}


def round_min(hues: tuple[int, ...], table: Distances) -> float:
    return min(table[pair] for pair in pairwise([*hues, hues[0]]))


def best_min(num_hues: int, table: Distances) -> float:
    """The largest limit that some round of `num_hues` hues keeps."""
    limits = sorted({table[pair] for pair in combinations(range(NUM_HUES), 2)})
    low, high = 0, len(limits)
    while high - low > 1:
        middle = (low + high) // 2
        chosen = combinations(range(NUM_HUES), num_hues)
        if any(has_round(hues, limits[middle], table) for hues in chosen):
            low = middle
        else:
            high = middle
    return limits[low]


def has_round(hues: tuple[int, ...], limit: float, table: Distances) -> bool:
    """Whether all `hues` can stand in a round with neighbours at least `limit` apart."""
    first, *others = hues
    ends = {(frozenset([first]), first)}  # which hues a path has visited, and its last one
    for _ in others:
        ends = {
            (visited | {hue}, hue)
            for visited, last in ends
            for hue in others
            if hue not in visited and table[last, hue] >= limit
        }
    return any(table[last, first] >= limit for _, last in ends)


def write(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
