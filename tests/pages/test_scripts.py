"""The pages' scripts: one listener for each event of the document, one module for retries."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SCRIPTS = {path.name: path.read_text() for path in Path(settings.BASE_DIR, "static/js").iterdir()}
ENTRIES = {"wheel.js": "pages/_modules.html", "wall.js": "wall/_modules.html"}
# The lessons' pages load their scripts without a list of all modules.
ENTRIES_OF_LESSONS = {"lesson.js"} | {
    name
    for path in Path(settings.BASE_DIR, "templates/lessons").iterdir()
    for name in re.findall(r"js/(lesson_\w+\.js)", path.read_text())
}
every_entry = pytest.mark.parametrize("entry", ENTRIES)
IMPORTS = re.compile(r'import (?:\{([^}]*)\} from )?"\./([^"]+)";')


def imported_modules(script):
    return {module for _, module in IMPORTS.findall(script)}


def test_only_the_entries_listen_to_events_of_the_document():
    """Those of a lesson are `lesson.js` and one for its own behaviours."""
    listening = {name for name, text in SCRIPTS.items() if "document.addEventListener" in text}
    assert listening - ENTRIES_OF_LESSONS == set(ENTRIES)


@every_entry
def test_every_event_is_listed_once_in_an_entry(entry):
    events = re.findall(r'^on\(\s*"([^"]+)"', SCRIPTS[entry], re.MULTILINE)
    assert len(events) > 10
    assert len(events) == len(set(events))


@every_entry
def test_every_behaviour_that_an_entry_imports_is_called(entry):
    script = SCRIPTS[entry]
    for names, module in IMPORTS.findall(script):
        for name in names.replace(",", " ").split():
            assert len(re.findall(rf"\b{name}\b", script)) > 1, f"{name} of {module}"


def test_only_the_module_for_retries_knows_the_statuses_of_a_busy_server():
    knowing = {name for name, text in SCRIPTS.items() if re.search(r"\b(429|503)\b", text)}
    assert knowing == {"retries.js"}


def modules_below(name):
    """All modules that a script imports, directly or by another."""
    found, waiting = set(), imported_modules(SCRIPTS[name])
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= imported_modules(SCRIPTS[module]) - found
    return found


@every_entry
def test_a_page_preloads_every_module_of_its_entry(entry):
    template = Path(settings.BASE_DIR, "templates", ENTRIES[entry]).read_text()
    preloaded = re.findall(r"\{% static 'js/([^']+)' %\}", template)
    assert preloaded == sorted(modules_below(entry))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_imports_itself_by_a_detour(name):
    assert name not in modules_below(name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_name_that_a_script_imports_is_exported(name):
    for names, module in IMPORTS.findall(SCRIPTS[name]):
        exported = re.findall(r"export (?:async )?(?:function|const|class) (\w+)", SCRIPTS[module])
        assert set(re.findall(r"\w+", names)) <= set(exported), module
