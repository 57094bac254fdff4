"""The fonts that are served with the pages."""

import re
import runpy
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[2]
SIGNS_FONT = ROOT / "static" / "fonts" / "token-wheel-signs.woff2"
FONTS_CSS = ROOT / "static" / "css" / "fonts.css"
SIGNS = "␣↵⇥"


@pytest.fixture(scope="module")
def make_font():
    return runpy.run_path(str(ROOT / "scripts" / "make_signs_font.py"))["font_file"]


def test_the_signs_font_is_what_its_script_makes(make_font):
    assert SIGNS_FONT.read_bytes() == make_font(), "run python scripts/make_signs_font.py"


def test_the_signs_font_has_the_three_signs_alone_and_is_tiny():
    file = SIGNS_FONT.read_bytes()
    assert set(TTFont(BytesIO(file)).getBestCmap()) == {ord(sign) for sign in SIGNS}
    assert len(file) < 1000


def test_a_sign_is_light_and_does_not_reach_into_its_neighbours():
    font = TTFont(SIGNS_FONT)
    for name in font.getBestCmap().values():
        glyph = font["glyf"][name]
        advance, left_edge = font["hmtx"][name]
        assert left_edge == glyph.xMin
        assert 0 < glyph.xMin < glyph.xMax < advance


def test_the_space_sign_hangs_below_the_baseline_within_the_line():
    font = TTFont(SIGNS_FONT)
    space = font["glyf"][font.getBestCmap()[ord("␣")]]
    assert font["hhea"].descent < space.yMin < space.yMax <= 0


def test_browsers_are_told_which_characters_the_signs_font_has():
    rule = re.search(r'"Token Wheel Signs".*?unicode-range: ([^;]+);', FONTS_CSS.read_text(), re.S)
    assert rule is not None
    assert {chr(int(code, 16)) for code in re.findall(r"U\+(\w+)", rule[1])} == set(SIGNS)


def test_every_font_of_the_style_sheet_is_here():
    addresses = re.findall(r'url\("([^"]+)"\)', FONTS_CSS.read_text())
    assert len(addresses) == 2
    for address in addresses:
        assert (FONTS_CSS.parent / address).is_file()
