"""`scripts/check_language.py`: a planted fault for each rule, the exemptions, the exit status."""

import subprocess
import sys

import pytest
from django.conf import settings

from scripts.check_language import find_all

SCRIPT = settings.BASE_DIR / "scripts" / "check_language.py"
PRONOUNS = ["No" + "body", "some" + "body", "any" + "body", "who" + "ever"]
FIGURES = ["kno" + "cks", "rid" + "dle"]


@pytest.fixture
def project(tmp_path):
    """A small tree without a finding; `write` adds a file to it."""
    write(tmp_path, "wheel/clock.py", '"""The current time in UTC."""\n\nNOW = 0\n')
    write(tmp_path, "wheel/__init__.py", "")
    write(tmp_path, "README.md", "# A project\n\nEach request is answered.\n")
    return tmp_path


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def found(root):
    return [(finding.path, finding.line) for finding in find_all(root)]


def test_a_tree_that_keeps_the_rules_has_no_finding(project):
    assert found(project) == []


@pytest.mark.parametrize("word", PRONOUNS + FIGURES)
def test_a_banned_word_is_found_in_its_line_in_any_case(project, word):
    write(
        project, "wheel/queue.py", f'"""A queue."""\n\n# {word} waits\nSIZE = 1\n# {word.upper()}\n'
    )
    assert found(project) == [("wheel/queue.py", 3), ("wheel/queue.py", 5)]


@pytest.mark.parametrize(
    "path",
    [
        "static/js/spin.js",
        "static/css/base.css",
        "scripts/serve.sh",
        "pyproject.toml",
        "docker-compose.yml",
        ".dockerignore",
        "Makefile",
        "Dockerfile",
        "Dockerfile.dev",
        "requirements-dev.txt",
        "docs/architecture.md",
        "docs/decisions/0001-title.md",
        "docs/deploy/nginx.conf",
        "SECURITY.md",
    ],
)
def test_every_kind_of_file_is_checked(project, path):
    write(project, path, f"one\n{PRONOUNS[0]}\n")
    assert found(project) == [(path, 2)]


@pytest.mark.parametrize(
    "path",
    [
        "templates/pages/start.html",
        "templates/pages/start.js",
        "wheel/pages/words/glossary.py",
        "wheel/migrations/0001_initial.py",
        "static/vendor/library.min.js",
        "var/notes.md",
        ".venv/lib/package.py",
        "docs/images/wheel.svg",
    ],
)
def test_pages_other_projects_files_and_generated_ones_are_exempt(project, path):
    write(project, path, f"# {PRONOUNS[0]}\n")
    assert found(project) == []


def test_a_translated_string_of_the_pages_is_exempt_but_not_a_comment_beside_it(project):
    text = (
        f'"""Messages."""\n\n# {PRONOUNS[0]}\nTEXT = _("{PRONOUNS[0]}")\nNAME = "{PRONOUNS[0]}"\n'
    )
    write(project, "wheel/pages/panels/messages.py", text)
    assert found(project) == [
        ("wheel/pages/panels/messages.py", 3),
        ("wheel/pages/panels/messages.py", 5),
    ]


def test_a_translated_string_outside_the_pages_is_checked(project):
    write(project, "wheel/models.py", f'"""Tables."""\n\nLABEL = _("{PRONOUNS[0]}")\n')
    assert found(project) == [("wheel/models.py", 3)]


def test_a_word_that_only_contains_a_banned_one_is_not_found(project):
    write(project, "README.md", f"{PRONOUNS[0]}like {FIGURES[0]}out\n")
    assert found(project) == []


def test_a_module_without_a_docstring_is_found(project):
    write(project, "wheel/store.py", "SIZE = 1\n")
    assert found(project) == [("wheel/store.py", 1)]


@pytest.mark.parametrize(
    "opening", ["What", "Who", "Where", "When", "How", "Why", "Which", "Whose"]
)
def test_a_docstring_that_begins_with_a_clause_is_found(project, opening):
    write(project, "tests/test_store.py", f'#!/usr/bin/env python3\n"""{opening} is kept."""\n')
    assert found(project) == [("tests/test_store.py", 2)]


def test_a_docstring_that_begins_with_a_longer_word_is_not_found(project):
    write(project, "wheel/numbers.py", '"""Whole numbers as texts."""\n')
    assert found(project) == []


def run_script(root):
    command = [sys.executable, SCRIPT, root]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_script_names_each_place_and_ends_with_status_1(project):
    write(project, "wheel/store.py", "SIZE = 1\n")
    run = run_script(project)
    assert run.stdout.startswith("wheel/store.py:1: the module has no docstring\nFindings: 1.")
    assert run.stderr == ""
    assert run.returncode == 1


def test_the_script_ends_with_status_0_and_without_a_word_where_all_is_well(project):
    run = run_script(project)
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)
