"""A language for tests in which every translated text stands in brackets, and the search for
visible text outside of them."""

import re
from contextlib import contextmanager
from functools import wraps
from html.parser import HTMLParser

from django.utils import translation

from tests.pages.markup import VOID_TAGS

OPENING, CLOSING = "⟦", "⟧"
FUNCTIONS = ("gettext", "ngettext", "pgettext", "npgettext")
ATTRIBUTES = {
    *("title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "alt"),
    *("data-announcement", "data-sentence", "data-frozen", "data-closed", "data-resumed"),
    *("data-share", "data-chip-title", "data-knob"),
}
WORD = re.compile(r"[^\W\d_]+")
# Code points, bytes, ids of sessions, addresses.
NOTATION = re.compile(
    r"U\+[0-9A-F]{4,}|\\x[0-9a-f]{2}|[0-9a-f]{8}(?:-[0-9a-f]{4,12}){4}|https?://\S+"
)
UNSEEN_TAGS = {"script", "style"}


@contextmanager
def pseudo_locale(monkeypatch):
    """Every result of gettext is put in brackets, in code, templates and lazy texts."""
    functions = getattr(translation, "_trans")  # noqa: B009 - the stubs lack it
    with monkeypatch.context() as patch:
        for name in FUNCTIONS:
            patch.setattr(functions, name, bracketed(getattr(functions, name)))
        yield


def bracketed(function):
    @wraps(function)
    def translated(*args):
        text = function(*args)
        return f"{OPENING}{text}{CLOSING}" if text else text

    return translated


def outside(text, depth=0):
    """The parts of the text outside of brackets, and the depth at its end."""
    parts = []
    for character in text:
        depth += (character == OPENING) - (character == CLOSING)
        if depth == 0 and character != CLOSING:
            parts.append(character)
    return "".join(parts), depth


class UntranslatedText(HTMLParser):
    """Collects the visible texts and attributes that did not pass through gettext. Texts in
    elements with translate="no" are the model's, a person's, or names. `known_words` are those of
    the model in attributes, which have no elements."""

    def __init__(self, html, known_words=frozenset()):
        super().__init__()
        self.known_words = known_words
        self.found, self.open_elements, self.depth = [], [], 0
        self.feed(html)
        assert self.depth == 0, "a translated text was cut"

    @property
    def is_exempt(self):
        return any(is_exempt for _, is_exempt in self.open_elements)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        is_exempt = values.get("translate") == "no" or tag in UNSEEN_TAGS
        if tag not in VOID_TAGS:
            self.open_elements.append((tag, is_exempt))
        names = ATTRIBUTES | ({"content"} if values.get("name") == "description" else set())
        is_button = tag == "input" and values.get("type") in ("submit", "button", "reset")
        names |= {"value"} if is_button else set()
        for name in names & values.keys():
            self._note(f"{tag} {name}", values[name] or "")

    def handle_endtag(self, tag):
        if tag not in VOID_TAGS:
            self.open_elements.pop()

    def handle_data(self, data):
        rest, self.depth = outside(data, self.depth)
        if not self.is_exempt:
            tag = self.open_elements[-1][0] if self.open_elements else ""
            self._note(tag, rest, is_outside=True)

    def _note(self, place, text, *, is_outside=False):
        rest = text if is_outside else outside(text)[0]
        words = [
            word for word in WORD.findall(NOTATION.sub("", rest)) if word not in self.known_words
        ]
        if words:
            self.found.append((place, " ".join(text.split())))
