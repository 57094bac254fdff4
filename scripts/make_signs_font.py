"""Draws the font of the signs for invisible characters: ␣ space, ↵ new line and ⇥ tab.

    python scripts/make_signs_font.py

System fonts draw these signs heavy, inconsistently, or not at all. These are light and small, so
that ␣mat reads as mat with a space before it. All measures are in thousandths of an em, y upwards.
"""

from io import BytesIO
from itertools import pairwise
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib.tables._g_l_y_f import Glyph

FONT_PATH = Path(__file__).parents[1] / "static" / "fonts" / "token-wheel-signs.woff2"
FAMILY = "Token Wheel Signs"
EM = 1000
ASCENT, DESCENT = 800, -200
STROKE_WIDTH = 56
# Constant, so that equal strokes give an equal file: 1 January 2025, in seconds since 1904.
FIXED_TIMESTAMP = 3818534400

Stroke = list[complex]  # the points of a pen's path, x + y·1j

# Character, its name, its advance width, its strokes.
SIGNS: list[tuple[str, str, int, list[Stroke]]] = [
    ("␣", "space sign", 490, [[63 - 10j, 63 - 140j, 427 - 140j, 427 - 10j]]),
    (
        "↵",
        "new line sign",
        640,
        [[570 + 430j, 570 + 170j, 80 + 170j], [230 + 320j, 80 + 170j, 230 + 20j]],
    ),
    (
        "⇥",
        "tab sign",
        690,
        [[60 + 200j, 520 + 200j], [375 + 345j, 520 + 200j, 375 + 55j], [612 + 365j, 612 + 35j]],
    ),
]


def font_file() -> bytes:
    """The font as WOFF2."""
    glyphs = {".notdef": Glyph()} | {name: draw(strokes) for _, name, _, strokes in SIGNS}
    widths = {".notdef": EM // 2} | {name: width for _, name, width, _ in SIGNS}
    builder = FontBuilder(EM)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap({ord(character): name for character, name, _, _ in SIGNS})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(
        {name: (width, left_edge(glyphs[name])) for name, width in widths.items()}
    )
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    builder.setupOS2(
        sTypoAscender=ASCENT,
        sTypoDescender=DESCENT,
        usWinAscent=ASCENT,
        usWinDescent=-DESCENT,
    )
    builder.setupPost(keepGlyphNames=False)
    builder.updateHead(created=FIXED_TIMESTAMP, modified=FIXED_TIMESTAMP)
    builder.font.recalcTimestamp = False
    builder.font.flavor = "woff2"
    file = BytesIO()
    builder.save(file)
    return file.getvalue()


def draw(strokes: list[Stroke]) -> Glyph:
    pen = TTGlyphPen(None)
    for stroke in strokes:
        first, *others = outline(stroke)
        pen.moveTo(first)
        for point in others:
            pen.lineTo(point)
        pen.closePath()
    return pen.glyph()


def left_edge(glyph: Glyph) -> int:
    return min((x for x, _ in getattr(glyph, "coordinates", ())), default=0)


def outline(stroke: Stroke) -> list[tuple[int, int]]:
    """The border of a stroke with blunt ends and mitred corners, clockwise."""
    normals = [1j * (end - start) / abs(end - start) for start, end in pairwise(stroke)]
    corners = pairwise([normals[0], *normals, normals[-1]])
    offsets = [STROKE_WIDTH / 2 * mitre(before, after) for before, after in corners]
    left = [point + offset for point, offset in zip(stroke, offsets, strict=True)]
    right = [point - offset for point, offset in zip(stroke, offsets, strict=True)]
    return [(round(point.real), round(point.imag)) for point in left + right[::-1]]


def mitre(before: complex, after: complex) -> complex:
    """Vector from a corner to the meeting point of the borders of its two sides, from their unit
    normals."""
    cosine = (before * after.conjugate()).real
    return (before + after) / (1 + cosine)


if __name__ == "__main__":
    FONT_PATH.write_bytes(font_file())
