#!/usr/bin/env python3
"""Check of the message catalogs: complete, current, with the placeholders of the English texts.

    python scripts/check_messages.py

Prints each finding, and ends with status 1 if there are any.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import polib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.make_messages import PLURAL_FORMS, catalog_path
from scripts.messages import (
    ROOT,
    Extraction,
    Finding,
    Key,
    Message,
    placeholders,
)


def main() -> int:
    findings = find_all()
    for finding in findings:
        print(finding)
    if findings:
        print(f"Findings: {len(findings)}. docs/translating.md says how to add and change texts.")
    return 1 if findings else 0


def find_all(root: Path = ROOT) -> list[Finding]:
    extraction = Extraction(root)
    findings = list(extraction.findings)
    for language in PLURAL_FORMS:
        file = catalog_path(language, root)
        path = file.relative_to(root).as_posix()
        if not file.is_file():
            findings.append(Finding(path, 0, "the catalog is missing"))
            continue
        findings += check_catalog(path, language, polib.pofile(str(file)), extraction.messages)
    return findings


def check_catalog(
    path: str, language: str, catalog: polib.POFile, messages: dict[Key, Message]
) -> Iterator[Finding]:
    if catalog.metadata.get("Plural-Forms") != PLURAL_FORMS[language]:
        yield Finding(path, 0, f"Plural-Forms must be: {PLURAL_FORMS[language]}")
    entries = {Key(entry.msgctxt, entry.msgid): entry for entry in catalog if not entry.obsolete}
    obsolete = {Key(entry.msgctxt, entry.msgid): entry for entry in catalog if entry.obsolete}
    for key, message in messages.items():
        if entry := entries.get(key):
            for problem in problems_of(entry, message):
                yield Finding(path, entry.linenum, f"{problem}: {key.text!r}")
        else:
            state = "obsolete, but used" if key in obsolete else "missing"
            line = obsolete[key].linenum if key in obsolete else 0
            yield Finding(path, line, f"{state}; run make messages: {key.text!r}")
    for key in entries.keys() - messages.keys():
        yield Finding(path, entries[key].linenum, f"in no file; run make messages: {key.text!r}")


def problems_of(entry: polib.POEntry, message: Message) -> Iterator[str]:
    if entry.fuzzy:
        yield "fuzzy"
    if (entry.msgid_plural or "") != message.plural:
        yield "another plural; run make messages"
        return
    if not message.plural:
        yield from problems_of_text(entry.msgstr, [entry.msgid])
        return
    if sorted(entry.msgstr_plural) != [0, 1]:
        yield "other than two plural forms"
        return
    # The first form may leave out the number, as its English text may.
    yield from problems_of_text(entry.msgstr_plural[0], [entry.msgid, entry.msgid_plural])
    yield from problems_of_text(entry.msgstr_plural[1], [entry.msgid_plural])


def problems_of_text(translation: str, texts: list[str]) -> Iterator[str]:
    """`texts` are the English ones of which it may have the placeholders."""
    if not translation.strip():
        yield "untranslated"
        return
    if placeholders(translation) not in [placeholders(text) for text in texts]:
        yield f"other placeholders or elements than {placeholders(texts[-1])}"
    elif is_template(texts[0]) and not can_be_filled(translation):
        yield "a percent sign that is neither doubled nor a placeholder"
    for end in ("\n", " "):
        if {text.startswith(end) for text in texts} != {translation.startswith(end)}:
            yield f"begins otherwise, with or without {end!r}"
        if {text.endswith(end) for text in texts} != {translation.endswith(end)}:
            yield f"ends otherwise, with or without {end!r}"


def is_template(text: str) -> bool:
    """Whether the text is filled with `%`, so that a single percent sign would raise."""
    return "%(" in text or "%%" in text


class AnyValue(dict[str, int]):
    def __missing__(self, name: str) -> int:
        return 0


def can_be_filled(translation: str) -> bool:
    try:
        translation % AnyValue()
    except (TypeError, ValueError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
