"""Which hue a segment gets. The colours themselves are in static/css/tokens.css.

Hues are numbered in steps of 30° round the colour circle, all at one lightness, so that no
segment looks likelier than another. Their order here keeps neighbours apart for colour-blind eyes
too; why it is this one: docs/decisions/0011-colours-for-every-eye.md.
"""

from itertools import cycle, islice

NUM_HUES = 12
HUE_ORDER = (9, 5, 2, 8, 11, 3, 6, 1, 7, 0)
CLOSING_HUE = 1  # far from both the first and the second of the order


def hue_indices(num_segments: int, *, is_closed: bool) -> list[int]:
    """A hue in [0, 12) for each segment, far from its neighbour's.

    is_closed: the last segment touches the first, with no grey Other in between.
    """
    return closed_round(num_segments) if is_closed else along_order(num_segments)


def along_order(num_segments: int) -> list[int]:
    return list(islice(cycle(HUE_ORDER), num_segments))


def closed_round(num_segments: int) -> list[int]:
    """Along the order for half of the round, and back again; an odd one out closes the round."""
    there = along_order(num_segments // 2 + 1)
    back = there[-2:0:-1]
    return [*there, *back, CLOSING_HUE][:num_segments]


def hue_distance(one: int, other: int) -> int:
    """In steps of 30°, the short way round the colour circle: 0 to 6."""
    difference = abs(one - other) % NUM_HUES
    return min(difference, NUM_HUES - difference)
