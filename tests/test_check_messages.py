"""`scripts/check_messages.py` and `scripts/make_messages.py`: a planted fault for each rule."""

import polib
import pytest

from scripts.check_messages import find_all
from scripts.make_messages import PLURAL_FORMS, catalog_path, update_all
from scripts.messages import Key

CODE = '''"""A module."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HELLO = _("Hello, %(name)s")
SHARE = _("All of it is 100%")


def tokens(number):
    return ngettext("%(number)s token", "%(number)s tokens", number) % {"number": number}
'''
TEMPLATE = """{% load i18n %}
<p title="{% translate "A title" %}">{% blocktranslate trimmed with name=name %}
  <b>{{ name }}</b> has 5%.
{% endblocktranslate %}</p>
"""
GERMAN = {
    "Hello, %(name)s": "Hallo, %(name)s",
    "All of it is 100%": "Alles sind 100 %",
    "A title": "Ein Titel",
    "<b>%(name)s</b> has 5%%.": "<b>%(name)s</b> hat 5 %%.",
}
PLURAL = "%(number)s token"


@pytest.fixture
def project(tmp_path):
    """A project whose catalogs are complete."""
    write(tmp_path, "wheel/hello.py", CODE)
    write(tmp_path, "templates/hello.html", TEMPLATE)
    update_all(tmp_path)
    for language in PLURAL_FORMS:
        catalog = read(tmp_path, language)
        for entry in catalog:
            if entry.msgid == PLURAL:
                entry.msgstr_plural = {0: "%(number)s Token", 1: "%(number)s Tokens"}
            else:
                entry.msgstr = GERMAN[entry.msgid]
        catalog.save()
    return tmp_path


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def read(root, language="de"):
    return polib.pofile(str(catalog_path(language, root)))


def change(root, text, **values):
    catalog = read(root)
    entry = next(entry for entry in catalog if entry.msgid == text)
    for name, value in values.items():
        setattr(entry, name, value)
    catalog.save()


def found(root):
    return [finding.message for finding in find_all(root)]


def test_complete_catalogs_have_no_finding(project):
    assert found(project) == []


def test_texts_are_extracted_as_they_are_looked_up(project):
    texts = {Key(entry.msgctxt, entry.msgid) for entry in read(project)}
    assert texts == {Key(None, text) for text in [*GERMAN, PLURAL]}


def test_a_new_text_is_missing_then_untranslated_in_every_language(project):
    write(project, "templates/new.html", '{% load i18n %}{% translate "New" %}')
    assert [message.partition(";")[0] for message in found(project)] == ["missing"] * 4
    update_all(project)
    assert [message.partition(":")[0] for message in found(project)] == ["untranslated"] * 4


def test_a_removed_text_is_found_and_then_removed(project):
    write(project, "templates/hello.html", TEMPLATE.replace("A title", "Another"))
    assert sum("in no file" in message for message in found(project)) == 4
    update_all(project)
    assert "A title" not in {entry.msgid for entry in read(project)}


@pytest.mark.parametrize(
    ("text", "values", "finding"),
    [
        ("A title", {"msgstr": " "}, "untranslated"),
        ("A title", {"flags": ["fuzzy"]}, "fuzzy"),
        ("A title", {"obsolete": True}, "obsolete, but used"),
        ("Hello, %(name)s", {"msgstr": "Hallo"}, "other placeholders"),
        ("Hello, %(name)s", {"msgstr": "Hallo, %(Name)s"}, "other placeholders"),
        ("Hello, %(name)s", {"msgstr": "Hallo, %(name)s, 5 %"}, "a percent sign"),
        ("<b>%(name)s</b> has 5%%.", {"msgstr": "%(name)s hat 5 %%."}, "other placeholders"),
        ("<b>%(name)s</b> has 5%%.", {"msgstr": "<b>%(name)s</b> hat 5."}, "other placeholders"),
        (PLURAL, {"msgstr_plural": {0: "%(number)s Token", 1: ""}}, "untranslated"),
        (PLURAL, {"msgstr_plural": {0: "%(number)s Token"}}, "other than two plural forms"),
        (PLURAL, {"msgid_plural": "%(number)s things"}, "another plural"),
        ("A title", {"msgstr": "Ein Titel "}, "ends otherwise"),
    ],
)
def test_a_planted_fault_is_found(project, text, values, finding):
    change(project, text, **values)
    (message,) = found(project)
    assert message.startswith(finding)


def test_the_plural_rule_of_the_language_is_demanded(project):
    catalog = read(project, "fr")
    catalog.metadata["Plural-Forms"] = PLURAL_FORMS["de"]
    catalog.save()
    assert found(project) == [f"Plural-Forms must be: {PLURAL_FORMS['fr']}"]


def test_a_missing_catalog_is_found(project):
    catalog_path("nb", project).unlink()
    assert found(project) == ["the catalog is missing"]


@pytest.mark.parametrize(
    "code",
    [
        'TEXT = _(f"{name} is here")',
        'TEXT = _("one " + "two")',
        'raise EmptyPromptError("There is no prompt.")',
        'raise EmptyPromptError(f"{name} has no prompt.")',
        'raise InvalidFieldsError({"prompt": [f"Must be {name}."]})',
    ],
)
def test_a_text_that_no_catalog_can_have_is_found(project, code):
    write(project, "wheel/fault.py", f'"""A module."""\n\n{code}\n')
    (finding,) = find_all(project)
    assert (finding.path, finding.line) == ("wheel/fault.py", 3)


def test_an_update_of_current_catalogs_changes_nothing(project):
    before = catalog_path("de", project).read_bytes()
    update_all(project)
    assert catalog_path("de", project).read_bytes() == before


def test_an_update_keeps_translations_and_uses_obsolete_ones_again(project):
    change(project, "A title", obsolete=True)
    update_all(project)
    assert found(project) == []
