"""Extraction of the texts that the pages translate, from Python code and templates.

It needs neither xgettext nor a server. Templates are read by Django's own parser, so a text is
extracted as it is looked up.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import django  # noqa: E402 - after the path of the project

CODE_FOLDERS = ("wheel", "tokenwheel")
TEMPLATE_FOLDER = "templates"
# Not pages: pictures of the documentation, the API's documentation.
SKIPPED_TEMPLATES = ("templates/benchmark/", "templates/drf_spectacular/")
TEMPLATE_SUFFIXES = {".html", ".svg", ".txt"}

# Errors with these details are printed by commands, which are English.
COMMANDS = (
    "wheel/management/",
    "wheel/language_models/conversion.py",
    "wheel/language_models/downloads.py",
)

# Number of leading arguments that are texts, and whether a context comes before them.
FUNCTIONS = {
    name + lazy: shape
    for name, shape in {
        "gettext": (1, False),
        "ngettext": (2, False),
        "pgettext": (1, True),
        "npgettext": (2, True),
    }.items()
    for lazy in ("", "_lazy")
} | {"_": (1, False), "gettext_noop": (1, False), "Sentence": (1, False)}


class Key(NamedTuple):
    context: str | None
    text: str


@dataclass(slots=True)
class Message:
    """plural  the English plural; empty if the text has none
    paths   the files with the text, in the order of the extraction"""

    key: Key
    plural: str = ""
    paths: list[str] = field(default_factory=list)


class Finding(NamedTuple):
    path: str
    line: int  # from 1; 0 if the finding is about the file
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class Extraction:
    """The messages by key, in the order of files and lines, and the texts that no catalog can
    have."""

    def __init__(self, root: Path = ROOT) -> None:
        django.setup()
        self.messages: dict[Key, Message] = {}
        self.findings: list[Finding] = []
        for path in code_paths(root):
            self._read_code(path, (root / path).read_text())
        for path in template_paths(root):
            self._read_template(path, (root / path).read_text())

    def _add(self, path: str, key: Key, plural: str = "") -> None:
        message = self.messages.setdefault(key, Message(key, plural))
        message.plural = message.plural or plural
        if path not in message.paths:
            message.paths.append(path)

    def _read_code(self, path: str, source: str) -> None:
        calls = [node for node in ast.walk(ast.parse(source, path)) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            name = function_name(call.func)
            if name in FUNCTIONS and call.args:
                self._read_call(path, call, *FUNCTIONS[name])
            elif is_raised_text(path, name, call):
                sentence = "wrap the detail of an error in Sentence(template, name=value)"
                self.findings.append(Finding(path, call.lineno, sentence))

    def _read_call(self, path: str, call: ast.Call, num_texts: int, has_context: bool) -> None:  # noqa: FBT001
        arguments = call.args[: num_texts + has_context]
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in arguments):
            sentence = "a translated text must be one literal, with named placeholders"
            self.findings.append(Finding(path, call.lineno, sentence))
            return
        texts = [a.value for a in arguments if isinstance(a, ast.Constant)]
        if len(texts) == len(arguments) and all(isinstance(text, str) for text in texts):
            context = str(texts.pop(0)) if has_context else None
            self._add(path, Key(context, str(texts[0])), str(texts[1]) if num_texts > 1 else "")

    def _read_template(self, path: str, source: str) -> None:
        from django.template import engines  # noqa: PLC0415 - after django.setup()
        from django.templatetags.i18n import (  # noqa: PLC0415
            BlockTranslateNode,
            TranslateNode,
        )

        template = engines["django"].from_string(source).template  # type: ignore[attr-defined]
        nodes = template.nodelist.get_nodes_by_type((TranslateNode, BlockTranslateNode))
        for node in nodes:
            if isinstance(node, BlockTranslateNode):
                context, texts = block_texts(node)
                self._add(path, Key(context, texts[0]), texts[1])
            elif isinstance(text := getattr(node.filter_expression.var, "literal", None), str):
                context = literal(node.message_context)
                self._add(path, Key(context, text.replace("%", "%%")))


def code_paths(root: Path) -> Iterator[str]:
    for folder in CODE_FOLDERS:
        for file in sorted((root / folder).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            if "/migrations/" not in path:
                yield path


def template_paths(root: Path) -> Iterator[str]:
    for file in sorted((root / TEMPLATE_FOLDER).rglob("*")):
        path = file.relative_to(root).as_posix()
        if file.suffix in TEMPLATE_SUFFIXES and not path.startswith(SKIPPED_TEMPLATES):
            yield path


def function_name(function: ast.expr) -> str:
    """The last part of a dotted name."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def is_raised_text(path: str, name: str, call: ast.Call) -> bool:
    """Whether an error of `wheel.errors` is made with a detail that no catalog can have."""
    if name not in error_names() or path.startswith(COMMANDS) or not call.args:
        return False
    detail = call.args[0]
    if isinstance(detail, ast.Dict):
        lists = [value for value in detail.values if isinstance(value, ast.List)]
        return any(is_text(element) for value in lists for element in value.elts)
    return is_text(detail)


def is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def error_names() -> set[str]:
    from wheel import errors  # noqa: PLC0415 - after the path of the project

    return {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.TokenWheelError)
    }


def block_texts(node: "BlockTranslateNode") -> tuple[str | None, tuple[str, str]]:  # type: ignore[name-defined]  # noqa: F821
    """Context, and singular and plural as they are looked up."""
    singular, _ = node.render_token_list(node.singular)
    plural = node.render_token_list(node.plural)[0] if node.plural else ""
    return literal(node.message_context), (singular, plural)


def literal(expression: object) -> str | None:
    value = getattr(expression, "var", expression)
    value = getattr(value, "literal", value)
    return value if isinstance(value, str) else None


def placeholders(text: str) -> list[str]:
    """What a translation has to repeat: placeholders, doubled percent signs, elements of HTML."""
    return sorted(re.findall(r"%\(\w+\)[sd]|%%|\{\w*\}|</?[a-zA-Z][^<>]*>", text))
