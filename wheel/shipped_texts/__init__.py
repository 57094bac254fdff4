"""Texts in the public domain that ship with the project, one for each language of the pages.

README.md in this folder has their sources.
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ShippedText:
    """`title` and `author` in the language of the text, whose code is `key`."""

    key: str
    title: str
    author: str

    def read(self) -> str:
        return (FOLDER / f"{self.key}.txt").read_text(encoding="utf-8")


SHIPPED_TEXTS = {
    text.key: text
    for text in (
        ShippedText("en", "Alice’s Adventures in Wonderland, chapter I", "Lewis Carroll"),
        ShippedText("de", "Die Bremer Stadtmusikanten", "Brüder Grimm"),
        ShippedText("es", "Don Quijote de la Mancha, capítulo I", "Miguel de Cervantes"),
        ShippedText(
            "fr",
            "Le Petit Chaperon rouge, et quatre fables",
            "Charles Perrault, Jean de La Fontaine",
        ),
        ShippedText("nb", "Norske Folkeeventyr", "Peter Christen Asbjørnsen og Jørgen Moe"),
    )
}
