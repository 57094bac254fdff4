"""Scripts have no sentences of their own: what a person reads comes from the page."""

import re

import pytest
from django.conf import settings

SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))
COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`')
# A capital and another word, or the end of a sentence. Selectors and classes have neither.
SENTENCE = re.compile(r"^[A-Z][a-z]+ [a-z]|[a-z]{2,}[.!?…]$|[a-z]{2,} [a-z]{2,} [a-z]{2,}")


def sentences_in(source):
    literals = (match[1] or match[2] or "" for match in LITERAL.finditer(COMMENT.sub("", source)))
    return [text for text in literals if SENTENCE.search(text)]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_has_no_sentence(path):
    assert sentences_in(path.read_text()) == []


def test_a_sentence_in_a_script_is_found():
    source = '// "Not this one."\nannounce("You can go on.");\nshow(`Wait for ${name} now`);\n'
    assert sentences_in(source) == ["You can go on.", "Wait for ${name} now"]
    assert sentences_in('document.querySelector("#tokens-panel tr"); f("segment segment-x")') == []
