"""Texts in the public domain that ship with the project, one for each language of the pages.

README.md in this folder has their sources.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ShippedText:
    """`title` and `author` in the language of the text, whose code is `key`. `beginning`: words
    that it has several times, to begin a story with."""

    key: str
    title: str
    author: str
    beginning: str

    def read(self) -> str:
        return (FOLDER / f"{self.key}.txt").read_text(encoding="utf-8")


SHIPPED_TEXTS = {
    text.key: text
    for text in (
        ShippedText(
            "en",
            "Alice’s Adventures in Wonderland, chapter I",
            "Lewis Carroll",
            "Suddenly she was",
        ),
        ShippedText(
            "de", "Die Bremer Stadtmusikanten", "Jacob und Wilhelm Grimm", "Da lief der Esel"
        ),
        ShippedText(
            "es", "Don Quijote de la Mancha, capítulo I", "Miguel de Cervantes", "Decía que no"
        ),
        ShippedText(
            "fr",
            "Le Petit Chaperon rouge, et quatre fables",
            "Charles Perrault, Jean de La Fontaine",
            "Un jour, le Loup",
        ),
        ShippedText(
            "nb",
            "Høna tripper i berget",
            "Peter Christen Asbjørnsen og Jørgen Moe",
            "Langt om lenge kom trollet",
        ),
    )
}
