#!/usr/bin/env python3
"""Brings the message catalogs up to date with the texts in code and templates.

    python scripts/make_messages.py

New texts are added without a translation, those in no file any more are removed. The order is that
of the files, and nothing depends on the time or the machine.
"""

import sys
from pathlib import Path

import polib

# Run as a script, or imported as a part of the folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.messages import ROOT, Extraction, Key, Message

WIDTH = 100
PLURAL_FORMS = {
    "de": "nplurals=2; plural=(n != 1);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "nb": "nplurals=2; plural=(n != 1);",
}


def update_all(root: Path = ROOT) -> None:
    messages = list(Extraction(root).messages.values())
    for language in PLURAL_FORMS:
        path = catalog_path(language, root)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = updated(read_catalog(path), language, messages)
        path.write_text(text)


def catalog_path(language: str, root: Path = ROOT) -> Path:
    return root / "wheel" / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalog(path: Path) -> polib.POFile:
    return polib.pofile(str(path)) if path.is_file() else polib.POFile()


def updated(old: polib.POFile, language: str, messages: list[Message]) -> str:
    """The text of the catalog with these messages, with the translations of the old one, obsolete
    ones too."""
    known = {Key(entry.msgctxt, entry.msgid): entry for entry in old}
    new = polib.POFile(wrapwidth=WIDTH)
    new.metadata = metadata(language)
    for message in messages:
        new.append(entry_of(message, known.get(message.key)))
    return str(new)


def metadata(language: str) -> dict[str, str]:
    return {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURAL_FORMS[language],
    }


def entry_of(message: Message, old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgctxt=message.key.context,
        msgid=message.key.text,
        msgid_plural=message.plural,
        occurrences=[(path, "") for path in message.paths],
        tcomment=old.tcomment if old else "",
        flags=[flag for flag in old.flags if flag == "fuzzy"] if old else [],
    )
    if message.plural:
        forms = dict(old.msgstr_plural) if old else {}
        entry.msgstr_plural = {index: forms.get(index, "") for index in range(2)}
    else:
        entry.msgstr = old.msgstr if old else ""
    return entry


if __name__ == "__main__":
    update_all()
