"""No template and no script contains an absolute path of this server (`URL_PREFIX`)."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FILES = [
    *(PROJECT / "templates").rglob("*.*"),
    *(PROJECT / "static" / "js").rglob("*.js"),
    *(PROJECT / "static" / "css").rglob("*.css"),
]
ABSOLUTE = re.compile(r"""["'`(]/[\w?"'`$]""")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_contains_no_absolute_path(path):
    text = re.sub(r"^\s*//.*|/\*.*?\*/|https?://", "", path.read_text(), flags=re.M | re.S)
    assert ABSOLUTE.findall(text) == []


@pytest.mark.parametrize(
    "line",
    [
        '<a href="/">',
        '<img src="/static/x.svg">',
        'hx-post="/api/x"',
        "fetch(`/api/${id}`)",
        "url(/static/x.css)",
        'location = "/wheel"',
        'from "/static/js/x.js"',
    ],
)
def test_the_search_finds_an_absolute_path(line):
    assert ABSOLUTE.search(line)
