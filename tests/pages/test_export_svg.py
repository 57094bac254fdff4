"""GET /wheel/<id>/wheel.svg: a picture without references to other files."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.pages.conftest import start_session
from wheel import services
from wheel.domain.token import Token
from wheel.pages.drawing.palette import segment_color
from wheel.pages.drawing.wheel import WheelPicture
from wheel.pages.exports.picture import as_xml_text, tail, wheel_svg
from wheel.pages.words.numbers import percent

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "defs", "pattern", "rect", "circle", "path", "g", "text"}
NASTY = [
    "<script>alert(1)</script>",
    "&amp;",
    "]]>",
    "\"'><g onload='x'>",
    "\x00\x01\x08\x0b\x0c\x1f\x7f\x85",
    "\ud800",
    "\udfff",
    "\ufffe\uffff",
    "\U0001ffff\U0010fffe",
    "😀\u202e\u200f",
]


@pytest.fixture
def svg(visitor, session_id):
    response = visitor.get(f"/wheel/{session_id}/wheel.svg")
    assert response["Content-Type"] == "image/svg+xml"
    return response.content.decode()


def parse(svg):
    return ET.fromstring(svg)


def attributes(root):
    return [(name, value) for element in root.iter() for name, value in element.attrib.items()]


def fake_view(session_id, text):
    """A wheel whose tokens and prompt all have this text, not escaped yet."""
    view = services.next_wheel(session_id=session_id)
    token = Token(token_id=0, token_bytes=b"", token_text=text, display_text=text)
    state = OneTokenState(view.state.stored, view.state.tokenizer, view.state.context_length)
    state.__dict__.update(one_token=token, current_text=text)
    return replace(view, state=state)


class OneTokenState(services.SessionState):
    """`one_token` stands for every id."""

    one_token: Token

    def token(self, token_id):
        return self.one_token


def test_every_segment_is_drawn_as_on_the_page(svg, session_id):
    picture = WheelPicture(services.next_wheel(session_id=session_id))
    paths = [path for path in parse(svg).iter(f"{SVG}path") if path.find(f"{SVG}title") is not None]
    assert [path.get("d") for path in paths] == [segment.path for segment in picture.segments]
    assert [path.findtext(f"{SVG}title") for path in paths] == [s.title for s in picture.segments]
    for path, segment in zip(paths, picture.segments, strict=True):
        if segment.hue_index is None:
            assert path.get("fill") == "url(#hatch) #c6beb2"
        else:
            assert path.get("fill") == segment_color(segment.hue_index)
    assert picture.segments[-1].kind == "other"


def test_a_label_in_the_file_is_read_in_the_direction_of_its_own_letters(svg):
    labels = [text for text in parse(svg).iter(f"{SVG}text") if text.get("font-weight") == "600"]
    directions = [label.get("unicode-bidi") for label in labels[:-1]]  # the last is the text so far
    assert directions
    assert set(directions) == {"plaintext"}


def test_every_label_is_written_as_on_the_page(svg, session_id):
    picture = WheelPicture(services.next_wheel(session_id=session_id))
    texts = [text.text for text in parse(svg).iter(f"{SVG}text")]
    labels = [segment.label.text for segment in picture.segments if segment.label]
    assert labels
    assert set(labels) <= set(texts)


def test_the_picture_has_a_title_and_a_description_of_its_wheel(svg, session_id):
    root, view = parse(svg), services.next_wheel(session_id=session_id)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "The cat sat on the" in texts
    assert "Temperature 1 · Top-k 0 · Top-p 1 · Min-p 0 · Threshold 0.01" in texts
    assert "gpt2" in texts
    assert any("can be drawn from this wheel" in text for text in texts)
    assert "The cat sat on the" in root.findtext(f"{SVG}title", "")
    likeliest = float(view.wheel.distribution.ranked_probs[0])
    assert percent(likeliest) in root.findtext(f"{SVG}desc", "")


def test_the_picture_shows_the_wheel_that_was_served_last(visitor, session_id):
    visitor.get(f"/wheel/{session_id}", {"top_k": 3, "temperature": 0.7})
    svg = visitor.get(f"/wheel/{session_id}/wheel.svg").content.decode()
    assert "Temperature 0.7 · Top-k 3" in svg
    assert len([p for p in parse(svg).iter(f"{SVG}path") if p.find(f"{SVG}title") is not None]) == 3


def test_the_picture_needs_no_style_sheet_no_script_and_no_foreign_address(svg):
    root = parse(svg)
    elements = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert elements <= ELEMENTS
    names = {name for name, _ in attributes(root)}
    assert not names & {"class", "style", "href", "src"}
    assert not [name for name in names if name.startswith("on") or "xlink" in name]
    ids = {value for name, value in attributes(root) if name == "id"}
    for _, value in attributes(root):
        for target in re.findall(r"url\((.*?)\)", value):
            assert target.removeprefix("#") in ids


@pytest.mark.parametrize("text", NASTY)
def test_the_picture_is_valid_xml_whatever_a_token_holds(session_id, text):
    root = parse(wheel_svg(fake_view(session_id, text)).encode())
    assert not list(root.iter(f"{SVG}script"))
    assert not [name for name, _ in attributes(root) if name.startswith("on")]


@pytest.mark.parametrize("text", ["<b>&\"'", "x\x1by", "😀 日本語", "السلام عليكم", "\u0000"])
def test_the_picture_is_valid_xml_whatever_the_prompt_holds(visitor, text):
    session_id = start_session(prompt=f"A {text} Z")
    root = parse(visitor.get(f"/wheel/{session_id}/wheel.svg").content)
    line = next(text for text in root.iter(f"{SVG}text") if (text.text or "").startswith("A "))
    assert line.text == as_xml_text(f"A {text} Z")


def test_a_text_from_the_right_says_so(visitor):
    session_id = start_session(prompt="السلام عليكم")
    root = parse(visitor.get(f"/wheel/{session_id}/wheel.svg").content)
    assert "rtl" in [text.get("direction") for text in root.iter(f"{SVG}text")]


def test_a_language_with_a_decimal_comma_breaks_no_drawing(visitor, session_id, svg, settings):
    settings.LANGUAGE_CODE = "nl"
    dutch = visitor.get(f"/wheel/{session_id}/wheel.svg").content.decode()
    for name in ("d", "transform", "font-size", "viewBox"):
        pattern = f' {name}="(.*?)"'
        assert re.findall(pattern, dutch) == re.findall(pattern, svg)


def test_a_session_without_a_prompt_has_no_wheel_to_keep(visitor):
    response = visitor.get(f"/wheel/{start_session(prompt=None)}/wheel.svg")
    assert response.status_code == 400
    assert "Content-Disposition" not in response


def test_a_busy_engine_is_told_as_a_page(visitor, session_id, broken_engine):
    response = visitor.get(f"/wheel/{session_id}/wheel.svg")
    assert response.status_code == 503
    assert response["Retry-After"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("four", "four"),
        ("twelve chars", "twelve chars"),
        ("more than twelve", "…than twelve"),
        ("日本語日本語", "日本語日本語"),
        ("日本語日本語日", "…語日本語日"),
        ("x" * 100_000, "…" + "x" * 11),
    ],
)
def test_a_long_text_shows_its_end(text, shown):
    assert tail(text, 12) == shown
