"""The documents: links, paths, modules and commands that they name exist."""

import re

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = settings.BASE_DIR
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FOLDERS = "wheel|tokenwheel|bench|scripts|tests|docs|templates|static|requirements"

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
PATH = re.compile(rf"`((?:{FOLDERS})/[\w./*-]*|[\w-]+\.(?:py|toml|yml|md))`")
MODULE = re.compile(r"python -m ((?:bench|scripts)[\w.]*)")
MAKE_TARGET = re.compile(r"(?:`|^|\w=\S* )make ([a-z-]+)", re.MULTILINE)
DJANGO_COMMAND = re.compile(r"manage\.py (\w+)")
PLAIN_PATH = re.compile(rf"(?<![\w/.`-])((?:{FOLDERS})/[\w./-]+\.\w+)")


ANCHOR = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(document):
    """The anchor of each heading, as GitHub makes it."""
    headings = HEADING.findall(document.read_text())
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


def exists(path):
    """A path with stars exists where it matches a file."""
    return any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()


def is_module_name(path):
    """A bare `name.py` stands for a module that the sentence has placed already."""
    return "/" not in path and path.endswith(".py") and any(ROOT.glob(f"*/**/{path}"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_to_a_file(document):
    links = LINK.findall(document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_anchor_of_a_link_is_a_heading(document):
    links = ANCHOR.findall(document.read_text())
    targets = [(document.parent / path if path else document, anchor) for path, anchor in links]
    missing = [anchor for target, anchor in targets if anchor not in anchors(target)]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_that_a_document_names_exists(document):
    text = document.read_text()
    paths = [*PATH.findall(text), *PLAIN_PATH.findall(text)]
    assert [path for path in paths if not exists(path) and not is_module_name(path)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_document_names_exists(document):
    text = document.read_text()
    rules = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    modules = [f"{module.replace('.', '/')}.py" for module in MODULE.findall(text)]
    assert set(MAKE_TARGET.findall(text)) <= set(rules)
    assert set(DJANGO_COMMAND.findall(text)) <= set(get_commands())
    assert [path for path in modules if not exists(path)] == []


def test_the_patterns_find_links_and_paths_and_leave_web_addresses_alone():
    text = "[a](docs/b.md#c) [d](https://e.example/f.md) `wheel/g.py` see docs/h.md, `i.py`"
    assert LINK.findall(text) == ["docs/b.md"]
    assert PATH.findall(text) == ["wheel/g.py", "i.py"]
    assert PLAIN_PATH.findall(text) == ["docs/b.md", "docs/h.md"]
    commands = "`make run`\nmake test\nHOST=0 make bench\nto make sure `python -m bench.hues`"
    assert MAKE_TARGET.findall(commands) == ["run", "test", "bench"]
    assert MODULE.findall(commands) == ["bench.hues"]
