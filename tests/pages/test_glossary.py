"""Explanations behind question marks, and the glossary that lists them all."""

import pytest

from tests.pages.markup import find_all, find_one
from wheel.pages.words import glossary
from wheel.pages.words.glossary import GLOSSARY

MEANINGS = {str(term.word): str(term.meaning) for term in GLOSSARY.values()}


def test_each_question_mark_explains_the_word_that_it_names(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    marks = find_all(html, "summary", with_class="help-mark")
    texts = find_all(html, "div", with_class="help-text")
    assert len(marks) > 5
    for mark, text in zip(marks, texts, strict=True):
        word = mark.text.removeprefix("What is “").removesuffix("”??")
        assert text.text == MEANINGS[word]


def test_the_column_of_surprise_is_explained_as_surprise(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    (header,) = [
        header
        for header in find_all(html, "th", with_class="col-bits")
        if "Surprise" in header.text
    ]
    assert MEANINGS["surprise"] in header.text


@pytest.mark.parametrize("name", GLOSSARY)
def test_the_tag_for_help_takes_the_term_of_its_name(name):
    assert glossary.help(name) == {"term": GLOSSARY[name]}


def test_the_glossary_lists_every_term_with_its_meaning(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    listed = find_one(html, "dl", with_class="glossary").text
    for word, meaning in MEANINGS.items():
        assert f"{word} {meaning}" in listed


def test_each_knob_has_its_own_help_text(visitor, session_id):
    page = visitor.get(f"/wheel/{session_id}")
    html = page.content.decode()
    for knob in page.context["knobs"]:
        shown = find_one(html, "p", id=f"knob-{knob.spec.name}-help")
        assert shown.text == str(knob.spec.explanation)
        assert shown.text
        described_by = find_one(html, "input", id=f"knob-{knob.spec.name}").attributes
        assert f"knob-{knob.spec.name}-help" in described_by["aria-describedby"].split()
