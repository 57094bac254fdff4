"""Parsers of the Dockerfiles, `.dockerignore` and the Compose file, as far as the tests need."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Stage:
    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)  # instruction, its arguments

    def all(self, instruction: str) -> list[str]:
        return [arguments for name, arguments in self.steps if name == instruction]

    def last(self, instruction: str) -> str:
        return self.all(instruction)[-1]

    def environment(self) -> dict[str, str]:
        pairs = [pair for line in self.all("ENV") for pair in shlex.split(line)]
        return dict(pair.split("=", 1) for pair in pairs)

    def copied(self) -> list[str]:
        """The paths that it copies from the project's folder."""
        lines = [shlex.split(line) for line in self.all("COPY") if "--from=" not in line]
        return [source for words in lines for source in words[:-1]]


def read_dockerfile(name: str) -> list[Stage]:
    text = re.sub(r"^#.*\n", "", (PROJECT / name).read_text(), flags=re.MULTILINE)
    stages: list[Stage] = []
    for line in text.replace("\\\n", " ").splitlines():
        instruction, _, arguments = line.strip().partition(" ")
        if instruction == "FROM":
            base, _, stage_name = arguments.partition(" AS ")
            stages.append(Stage(stage_name, base))
        elif instruction and stages:
            stages[-1].steps.append((instruction, " ".join(arguments.split())))
    return stages


def is_sent_to_the_builder(path: str) -> bool:
    """Whether `.dockerignore` lets a file in: the last pattern for it or a folder of it wins."""
    ways = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
    is_sent = True
    for line in (PROJECT / ".dockerignore").read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            fits = re.compile(regex_of(pattern.removeprefix("!")))
            if any(fits.fullmatch(way) for way in ways):
                is_sent = pattern.startswith("!")
    return is_sent


def regex_of(pattern: str) -> str:
    words = {"**/": "(.*/)?", "*": "[^/]*"}
    parts = re.split(r"(\*\*/|\*)", pattern)
    return "".join(words.get(part, re.escape(part)) for part in parts)


def read_compose() -> dict[str, Any]:
    compose: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    return compose


def fill_in(text: object, values: dict[str, str]) -> str:
    """`${NAME}` and `${NAME:-default}` as Compose replaces them."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda m: values.get(m[1]) or m[2] or "", str(text))
