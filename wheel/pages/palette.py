"""Which hue a segment gets. The colours themselves are in static/css/tokens.css.

Twelve hues 30° apart at one lightness, so that no segment looks likelier than another. Stepping
by five of them puts every segment 150° from the one before it.
"""

NUM_HUES = 12
STEP = 5


def hue_indices(num_segments: int, *, is_closed: bool) -> list[int]:
    """A hue in [0, 12) for each segment, far from its neighbour's.

    is_closed: the last segment touches the first, with no grey Other in between.
    """
    hues = [segment_index * STEP % NUM_HUES for segment_index in range(num_segments)]
    if is_closed and num_segments > 2:
        hues[-1] = max(
            range(NUM_HUES),
            key=lambda hue: min(hue_distance(hue, hues[-2]), hue_distance(hue, hues[0])),
        )
    return hues


def hue_distance(one: int, other: int) -> int:
    """In steps of 30°, the short way round the colour circle: 0 to 6."""
    difference = abs(one - other) % NUM_HUES
    return min(difference, NUM_HUES - difference)
