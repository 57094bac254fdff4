"""A browser's translator reads the sentences of the pages, and no token, text or name."""

from html.parser import HTMLParser

import pytest

from tests.pages.markup import VOID_TAGS, find_all
from wheel import services

HTMX = {"HX-Request": "true"}


class TranslatableText(HTMLParser):
    """Collects the text of a page that a translator would replace."""

    def __init__(self, html):
        super().__init__()
        self.open_tags, self.parts = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        is_exempt = values.get("translate") == "no" or tag in ("script", "style")
        if tag not in VOID_TAGS:
            self.open_tags.append(is_exempt)

    def handle_endtag(self, tag):
        if tag not in VOID_TAGS:
            self.open_tags.pop()

    def handle_data(self, data):
        if not any(self.open_tags):
            self.parts.append(data)


def translatable_text(response):
    return " ".join(" ".join(TranslatableText(response.content.decode()).parts).split())


@pytest.fixture
def story(visitor, session_id):
    """A session with a spin, so that there is a result."""
    services.spin(session_id=session_id)
    return session_id


@pytest.mark.parametrize("query", ["", "?top_k=3", "?rank=300&depth=1", "?threshold=0.9"])
def test_no_token_of_the_wheel_page_is_translated(visitor, story, query):
    page = visitor.get(f"/wheel/{story}{query}")
    assert "␣" in page.content.decode()
    text = translatable_text(page)
    for part in ("␣", "The cat", "GPT-2"):
        assert part not in text
    for sentence in ("wheel as a list", "Reshape the wheel", "bits of surprise", "Probability"):
        assert sentence in text


def test_no_token_of_a_search_or_of_a_landing_is_translated(visitor, story):
    page = visitor.get(f"/wheel/{story}")
    found = visitor.ask(page, "/find", text="dog")
    assert "␣dog" in found.content.decode()
    assert "with a space before it" in translatable_text(found)
    landing = visitor.ask(page, "/spin")
    assert "The wheel stopped" in translatable_text(landing)
    for answer in (found, landing):
        assert "␣" not in translatable_text(answer)


def test_no_text_of_the_start_page_is_translated(visitor, story):
    visitor.get(f"/wheel/{story}")
    text = translatable_text(visitor.get("/"))
    for part in ("The cat sat", "Once upon a time"):
        assert part not in text
    for sentence in ("A token is a piece of text", "Continue where you left off", "Class code"):
        assert sentence in text


def test_prompts_and_codes_being_typed_are_not_translated(visitor, story):
    for address in ("/", f"/wheel/{story}"):
        fields = find_all(visitor.get(address).content.decode(), "textarea")
        assert [field.attributes["translate"] for field in fields] == ["no"]
    code = find_all(visitor.get("/join").content.decode(), "input", name="code")
    assert [field.attributes["translate"] for field in code] == ["no"]


def test_whatever_is_exempt_is_so_for_older_translators_too(visitor, story):
    for address in ("/", f"/wheel/{story}", f"/wheel/{story}?rank=300&depth=1"):
        html = visitor.get(address).content.decode()
        for tag in ("span", "bdi", "svg", "a", "p"):
            for element in find_all(html, tag, translate="no"):
                assert "notranslate" in element.classes
