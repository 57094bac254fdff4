"""Compilation of the message catalogs without a gettext of the system."""

import gettext
import os
import re

import pytest
from django.conf import settings

from wheel import message_catalogs
from wheel.management.commands.prepare import Command
from wheel.message_catalogs import LOCALE_FOLDER, catalogs, compile_catalogs, compiled

PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Spin"
msgstr "Tourner"

msgid "%(number)s token"
msgid_plural "%(number)s tokens"
msgstr[0] "%(number)s jeton"
msgstr[1] "%(number)s jetons"
"""


@pytest.fixture
def folder(tmp_path):
    file = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    file.parent.mkdir(parents=True)
    file.write_text(PO)
    return tmp_path


def french(folder):
    with (folder / "fr/LC_MESSAGES/django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_a_compiled_catalog_is_read_by_gettext(folder):
    assert compile_catalogs(folder) == [folder / "fr/LC_MESSAGES/django.mo"]
    translations = french(folder)
    assert translations.gettext("Spin") == "Tourner"
    forms = [translations.ngettext("%(number)s token", "%(number)s tokens", n) for n in (0, 1, 2)]
    assert forms == ["%(number)s jeton", "%(number)s jeton", "%(number)s jetons"]


def test_only_changed_catalogs_are_compiled_again(folder):
    compile_catalogs(folder)
    assert compile_catalogs(folder) == []
    (folder / "fr/LC_MESSAGES/django.po").write_text(PO.replace("Tourner", "Lancer"))
    os.utime(folder / "fr/LC_MESSAGES/django.po", (1, 1))  # as in an older checkout
    assert len(compile_catalogs(folder)) == 1
    assert french(folder).gettext("Spin") == "Lancer"
    assert sorted(path.name for path in folder.rglob("django.*")) == ["django.mo", "django.po"]


def test_there_is_a_catalog_for_every_language_but_english():
    languages = {path.parts[-3] for path in catalogs()}
    assert languages == {code for code, _ in settings.LANGUAGES} - {"en"}


def test_catalogs_have_no_time_and_no_line_numbers():
    for path in catalogs():
        text = path.read_text()
        assert "POT-Creation-Date" not in text
        assert not re.search(r"^#: .*:\d", text, re.MULTILINE)
        assert path.is_relative_to(LOCALE_FOLDER)
        assert compiled(path).name == "django.mo"


def test_a_folder_that_cannot_be_written_leaves_the_pages_in_english(monkeypatch, capsys):
    def fail(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(message_catalogs, "is_outdated", lambda _path: True)
    monkeypatch.setattr(message_catalogs, "write_file", fail)
    Command()._compile_catalogs()
    assert "The pages stay in English" in capsys.readouterr().err
