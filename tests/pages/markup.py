"""Elements of a page or a picture: their attributes and their text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID_TAGS = {"br", "img", "input", "link", "meta"}


@dataclass
class Element:
    """`text` is all text inside the element, unescaped, with spaces collapsed."""

    tag: str
    attributes: dict[str, str]
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class ElementCollector(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.elements, self.open_elements = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID_TAGS:
            self.open_elements.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID_TAGS:
            element = self.open_elements.pop()
            assert element.tag == tag, f"</{tag}> after <{element.tag}>"

    def handle_data(self, data):
        for element in self.open_elements:
            element.parts.append(data)


def find_all(html, tag, *, with_class=None, **attributes):
    """The elements of this tag with these attributes, in the order of the page. An underscore in an
    attribute's name stands for a hyphen."""
    wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
    return [
        element
        for element in ElementCollector(html).elements
        if element.tag == tag
        and (with_class is None or with_class in element.classes)
        and wanted.items() <= element.attributes.items()
    ]


def find_one(html, tag, **attributes):
    (element,) = find_all(html, tag, **attributes)
    return element
