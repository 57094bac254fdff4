"""The pages' scripts: one listener for each event of the document, one module for retries."""

import re
from pathlib import Path

import pytest
from django.conf import settings

SCRIPTS = {path.name: path.read_text() for path in Path(settings.BASE_DIR, "static/js").iterdir()}
ENTRY = SCRIPTS["wheel.js"]
IMPORTS = re.compile(r'import (?:\{([^}]*)\} from )?"\./([^"]+)";')


def imported_modules(script):
    return {module for _, module in IMPORTS.findall(script)}


def test_only_the_entry_listens_to_events_of_the_document():
    listening = {name for name, text in SCRIPTS.items() if "document.addEventListener" in text}
    assert listening == {"wheel.js"}


def test_every_event_is_listed_once_in_the_entry():
    events = re.findall(r'^on\(\s*"([^"]+)"', ENTRY, re.MULTILINE)
    assert len(events) > 10
    assert len(events) == len(set(events))


def test_every_behaviour_that_the_entry_imports_is_called():
    for names, module in IMPORTS.findall(ENTRY):
        for name in names.replace(",", " ").split():
            assert len(re.findall(rf"\b{name}\b", ENTRY)) > 1, f"{name} of {module}"


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


def test_the_wheel_page_preloads_every_module_of_its_entry():
    template = Path(settings.BASE_DIR, "templates/pages/_modules.html").read_text()
    preloaded = re.findall(r"\{% static 'js/([^']+)' %\}", template)
    assert preloaded == sorted(modules_below("wheel.js"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_imports_itself_by_a_detour(name):
    assert name not in modules_below(name)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_name_that_a_script_imports_is_exported(name):
    for names, module in IMPORTS.findall(SCRIPTS[name]):
        exported = re.findall(r"export (?:async )?(?:function|const|class) (\w+)", SCRIPTS[module])
        assert set(re.findall(r"\w+", names)) <= set(exported), module
