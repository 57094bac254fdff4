"""QR codes of join links: the modules, their colours, and the address."""

import re
import xml.etree.ElementTree as ET

import pytest
import segno
from django.test import RequestFactory

from wheel.models import Classroom
from wheel.pages.qr_code import QUIET_ZONE, join_url, qr_svg

ADDRESS = "https://wheel.school.example/join?code=ABC234"
STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


@pytest.fixture
def drawing():
    return ET.fromstring(qr_svg(ADDRESS))


def dark_modules(path):
    """The modules that horizontal strokes of height 1 fill, as a set of (row, column)."""
    modules, x, y = set(), 0.0, 0.0
    for command, first, second in STEP.findall(path.get("d")):
        if command == "h":
            modules |= {(int(y), column) for column in range(int(x), int(x + float(first)))}
            x += float(first)
        elif command == "m":
            x, y = x + float(first), y + float(second)
        else:
            x, y = float(first), float(second)
    return modules


def test_the_dark_modules_are_those_of_the_address(drawing):
    path = next(path for path in drawing.iter("path") if path.get("stroke"))
    matrix = segno.make_qr(ADDRESS, error="m").matrix
    expected = {
        (row + QUIET_ZONE, column + QUIET_ZONE)
        for row, modules in enumerate(matrix)
        for column, is_dark in enumerate(modules)
        if is_dark
    }
    assert dark_modules(path) == expected


def test_the_code_is_black_on_white_with_a_margin(drawing):
    light, dark = drawing.iter("path")
    assert (light.get("fill"), dark.get("stroke")) == ("#fff", "#000")
    num_modules = len(segno.make_qr(ADDRESS, error="m").matrix) + 2 * QUIET_ZONE
    assert drawing.get("viewBox") == f"0 0 {num_modules} {num_modules}"
    assert light.get("d") == f"M0 0h{num_modules}v{num_modules}h-{num_modules}z"


def test_the_drawing_has_no_inline_style_and_is_hidden_from_screen_readers(drawing):
    assert all("style" not in element.attrib for element in drawing.iter())
    assert drawing.get("aria-hidden") == "true"


def test_the_join_link_is_the_address_that_the_client_used(settings):
    settings.ALLOWED_HOSTS = ["wheel.school.example"]
    request = RequestFactory().get("/admin/", secure=True, headers={"host": "wheel.school.example"})
    assert join_url(request, Classroom(code="ABC234")) == ADDRESS
