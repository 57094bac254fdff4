"""Escaping of typed text and of tokens."""

import re

import pytest

from tests.pages.conftest import start_session
from tests.pages.markup import find_all, find_one
from wheel import services

HTMX = {"HX-Request": "true"}
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_html_in_a_prompt_is_text(visitor):
    html = visitor.get(f"/wheel/{start_session(prompt=SCRIPT)}").content.decode()
    assert "<script>alert" not in html
    assert "<img" not in html


def test_html_in_a_refused_prompt_is_text(visitor):
    html = visitor.post("/", {"prompt": SCRIPT * 100}).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_html_in_the_address_is_text(visitor, session_id):
    query = {"prompt": SCRIPT, "temperature": SCRIPT}
    for path in ("/", f"/wheel/{session_id}"):
        assert "<script>alert" not in visitor.get(path, query).content.decode()


def test_a_stray_textarea_end_does_not_end_the_box(visitor):
    page = visitor.post("/", {"prompt": "</textarea>" * 400})
    assert visitor.form(page, "/")["fields"]["prompt"] == "</textarea>" * 400


@pytest.mark.parametrize(
    "prompt", ["😀 ok", "مرحبا بالعالم", "שלום", "日本語", "e\u0301", "\u202egnp"]
)
def test_every_script_survives_the_way_into_the_session_and_back(visitor, prompt):
    session_id = start_session(prompt=prompt)
    page = visitor.get(f"/wheel/{session_id}")
    assert page.status_code == 200
    assert visitor.form(page, "/prompt")["fields"]["prompt"] == prompt
    assert services.get_session(session_id=session_id).current_text == prompt


def test_a_prompt_that_begins_with_a_line_break_keeps_it_in_the_box(visitor):
    session_id = start_session(prompt="\n\nThe")
    page = visitor.get(f"/wheel/{session_id}")
    assert visitor.form(page, "/prompt")["fields"]["prompt"] == "\n\nThe"


def test_tokens_with_signs_of_html_are_text_in_chips_list_drawing_and_result(visitor):
    """Each token of this text is a sign that could begin or end markup."""
    session_id = start_session(prompt="<&\"'>")
    tokenizer = services.get_session(session_id=session_id).tokenizer
    for text in ('"', "&", "<"):
        (token_id,) = tokenizer.encode(text)
        services.append_token(session_id=session_id, token_id=token_id)
    html = visitor.get(f"/wheel/{session_id}?threshold=0").content.decode()
    assert [chip.text for chip in find_all(html, "span", with_class="chip-prompt")] == list(
        "<&\"'>"
    )
    assert [chip.text for chip in find_all(html, "button", with_class="chip")] == ['"', "&", "<"]
    assert find_one(html, "span", with_class="result-token").text == "<"
    found = visitor.post(f"/wheel/{session_id}/find", {"text": "<"}, headers=HTMX).content.decode()
    assert find_all(found, "bdi")[0].text == "<"
    for page in (html, found, visitor.get(f"/wheel/{session_id}").content.decode()):
        for raw in (re.findall(r">[^<>]*<(?![a-zA-Z/!])", page), re.findall(r"&(?![#\w]+;)", page)):
            assert raw == []


def test_a_token_with_a_quotation_mark_ends_no_attribute(visitor):
    session_id = start_session()
    (token_id,) = services.get_session(session_id=session_id).tokenizer.encode('"')
    page = visitor.get(f"/wheel/{session_id}", {"threshold": "0"})
    html = visitor.post(f"/wheel/{session_id}/find", {"text": '"'}, headers=HTMX).content.decode()
    names = [link.attributes["aria-label"] for link in find_all(html, "a", with_class="button")]
    assert "Show quotation mark on the wheel" in names
    assert any(shown.text == '"' for shown in find_all(html, "bdi"))
    html = visitor.ask(page, "/choose", token_id=token_id).content.decode()
    assert find_one(html, "p", data_result_token_id=str(token_id)).text.startswith('"')
