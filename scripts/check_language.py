#!/usr/bin/env python3
"""Check of the project's language: pronouns as actors, module docstrings, figures of speech.

    python3 scripts/check_language.py [folder]

Prints `file:line: finding` for every line against the rules of CONTRIBUTING.md ("Language"), and
ends with status 1 if there are any. Texts that students read on the pages are exempt. The standard
library suffices, so that the check needs no set-up.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

SUFFIXES = {".py", ".js", ".css", ".sh", ".toml", ".yml"}
NAMES = ["Makefile", "Dockerfile*", "*.md", ".dockerignore", "requirements*.txt", "docs/*"]
SKIPPED_FOLDERS = {"__pycache__", "node_modules", "static/vendor", "var", "wheel/migrations"}
STUDENTS_PAGES = ["templates/*", "wheel/pages/words/*"]
STUDENTS_STRINGS = "wheel/pages/*.py"  # only where a function of gettext translates them

# The groups around parts of words keep this file free of the words themselves.
PRONOUN = re.compile(r"\b(?:(?:no|some|any)body|who(?:ever))\b", re.IGNORECASE)
FIGURE = re.compile(r"\b(?:kno(?:ck)(?:s|ed|ing)?|rid(?:dle)s?)\b", re.IGNORECASE)
OPENING = re.compile(r"(?:what|who(?:ever|se|m)?|where|when|how|why|which)\b", re.IGNORECASE)
GETTEXT = re.compile(r"_|[nd]?p?gettext(?:_lazy)?")


class Finding(NamedTuple):
    path: str  # relative to the folder that is checked
    line: int  # from 1
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    findings = find_all(root)
    for finding in findings:
        print(finding)
    if findings:
        print(f"Findings: {len(findings)}. The rules stand in CONTRIBUTING.md, under Language.")
    return 1 if findings else 0


def find_all(root: Path) -> list[Finding]:
    """The findings in all files below `root` that the rules are for, by path and line."""
    findings = []
    for path in sorted(checked_paths(root)):
        text = (root / path).read_text(errors="replace")
        tree = ast.parse(text, path) if path.endswith(".py") else None
        findings += check_words(path, text, tree)
        if tree is not None:
            findings += check_docstring(path, tree)
    return findings


def checked_paths(root: Path) -> Iterator[str]:
    """Paths relative to `root`, with forward slashes."""
    for folder, folders, names in os.walk(root):
        inside = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if not is_skipped(name, (inside / name).as_posix())]
        for path in ((inside / name).as_posix() for name in names):
            if is_checked(path):
                yield path


def is_skipped(name: str, path: str) -> bool:
    """Whether a folder holds other projects' files, data or generated code."""
    return name.startswith(".") or name in SKIPPED_FOLDERS or path in SKIPPED_FOLDERS


def is_checked(path: str) -> bool:
    if any(fnmatch(path, pattern) for pattern in STUDENTS_PAGES):
        return False
    file = Path(path)
    if file.suffix in {".png", ".svg"}:
        return False
    named = any(fnmatch(path, pattern) or fnmatch(file.name, pattern) for pattern in NAMES)
    return named or file.suffix in SUFFIXES


def check_words(path: str, text: str, tree: ast.Module | None) -> list[Finding]:
    """Pronouns as actors, and figures of speech, line by line."""
    exempt = students_lines(tree) if tree is not None and fnmatch(path, STUDENTS_STRINGS) else set()
    findings = []
    for number, line in enumerate(text.splitlines(), start=1):
        if number not in exempt:
            findings += [Finding(path, number, message) for message in messages(line)]
    return findings


def messages(line: str) -> list[str]:
    pronouns, figures = PRONOUN.findall(line), FIGURE.findall(line)
    return [
        f'"{word}": name the client, request, thread, session or caller' for word in pronouns
    ] + [f'"{word}": use the term of the field' for word in figures]


def students_lines(tree: ast.Module) -> set[int]:
    """The lines of the strings that gettext translates."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_gettext(node.func):
            for argument in node.args:
                lines.update(range(argument.lineno, (argument.end_lineno or argument.lineno) + 1))
    return lines


def is_gettext(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and GETTEXT.fullmatch(function.id) is not None


def check_docstring(path: str, tree: ast.Module) -> list[Finding]:
    """A module with code in it says in its docstring what it contains, not as a clause."""
    if not tree.body:
        return []
    docstring = ast.get_docstring(tree)
    if docstring is None:
        return [Finding(path, 1, "the module has no docstring")]
    opening = OPENING.match(docstring)
    if opening is None:
        return []
    message = f'the docstring begins with "{opening[0]}": begin with a noun phrase or a verb'
    return [Finding(path, tree.body[0].lineno, message)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
