"""The operator's file of models, TOML or JSON (`WHEEL_MODELS_FILE`, docs/adding-a-model.md)."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wheel.language_models.registry import (
    REGISTRY,
    FolderSource,
    GgufSource,
    HubSource,
    ModelSpec,
    Source,
)

# In URLs, folder names, and lists that are separated by commas.
MODEL_ID = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
REPO_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
MAX_ID_LEN, MAX_NAME_LEN, MAX_DESCRIPTION_LEN = 64, 100, 500
FIELDS = ("name", "description", "source", "bos_token", "end_of_text_tokens")
SOURCES = ("hub", "folder", "gguf")

Table = dict[str, Any]


class ModelsFileError(Exception):
    """A file that cannot be used. The message begins with the entry and the field, if it is about
    one, and has no full stop at its end."""


def registry_of(path: Path | None) -> dict[str, ModelSpec]:
    """The built-in models and those of the file. An entry with the id of a built-in model replaces
    it, and `built_in = false` leaves all of them out.

    Raises `ModelsFileError`.
    """
    if path is None:
        return REGISTRY
    content = parsed(path)
    require_known(content, ("built_in", "models"), "the file")
    has_built_in = content.get("built_in", True)
    if not isinstance(has_built_in, bool):
        raise ModelsFileError("built_in must be true or false")
    specs = {
        model_id: spec_of(model_id, entry, path.absolute().parent)
        for model_id, entry in table_of(content, "models", "the file").items()
    }
    registry = {**(REGISTRY if has_built_in else {}), **specs}
    if not registry:
        raise ModelsFileError("models must have an entry, since built_in is false")
    return registry


def parsed(path: Path) -> Table:
    """The suffix says which of the two formats it is."""
    suffix = path.suffix.lower()
    parse: Callable[[str], Any] = parse_json if suffix == ".json" else tomllib.loads
    if suffix not in (".json", ".toml"):
        raise ModelsFileError("the name must end in .toml or .json")
    try:
        content = parse(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ModelsFileError(f"it cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        message = " ".join(str(error).split()) or type(error).__name__
        raise ModelsFileError(f"it is not {path.suffix[1:].upper()}: {message}") from None
    if not isinstance(content, dict):
        raise ModelsFileError("it must be an object with models in it")
    return content


def parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=without_repetition)


def without_repetition(pairs: list[tuple[str, Any]]) -> Table:
    """JSON itself would let the last one win."""
    table = dict(pairs)
    if len(table) < len(pairs):
        repeated = min(name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1)
        raise ValueError(f"{repeated!r} is there twice")
    return table


def spec_of(model_id: str, entry: Any, folder: Path) -> ModelSpec:
    """`folder`: that relative paths are relative to."""
    place = f"models.{model_id}"
    if not MODEL_ID.fullmatch(model_id) or len(model_id) > MAX_ID_LEN:
        raise ModelsFileError(
            f"models.{model_id!r}: an id must be of a to z, 0 to 9, and single . _ - between them, "
            f"at most {MAX_ID_LEN} characters"
        )
    if not isinstance(entry, dict):
        raise ModelsFileError(f"{place} must be a table with {', '.join(FIELDS[:3])}")
    require_known(entry, FIELDS, place)
    return ModelSpec(
        model_id=model_id,
        name=text_of(entry, "name", place, MAX_NAME_LEN),
        description=text_of(entry, "description", place, MAX_DESCRIPTION_LEN),
        num_parameters=None,
        context_length=None,
        vocabulary_size=None,
        source=source_of(table_of(entry, "source", place), f"{place}.source", folder),
        bos_token=text_of(entry, "bos_token", place) if "bos_token" in entry else None,
        end_of_text_tokens=names_of(entry, "end_of_text_tokens", place),
        is_built_in=False,
    )


def source_of(source: Table, place: str, folder: Path) -> Source:
    require_known(source, SOURCES, place)
    if len(source) != 1:
        raise ModelsFileError(f"{place} must have exactly one of {', '.join(SOURCES)}")
    (kind,) = source
    value = text_of(source, kind, place)
    if kind == "hub":
        if not REPO_ID.fullmatch(value):
            raise ModelsFileError(
                f"{place}.hub must be an id such as organisation/name, not {value!r}"
            )
        return HubSource(value)
    make: Callable[[Path], Source] = FolderSource if kind == "folder" else GgufSource
    return make(folder / expanded(value, f"{place}.{kind}"))


def expanded(value: str, place: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:  # of a user who is unknown
        raise ModelsFileError(f"{place} must be a path, not {value!r}") from None


def require_known(table: Mapping[str, Any], known: tuple[str, ...], place: str) -> None:
    if unknown := [name for name in table if name not in known]:
        raise ModelsFileError(
            f"{place} has the unknown field {unknown[0]!r}; known are {', '.join(known)}"
        )


def table_of(table: Mapping[str, Any], name: str, place: str) -> Table:
    value = table.get(name, {} if name == "models" else None)
    if not isinstance(value, dict):
        raise ModelsFileError(f"{place}: {name} must be a table")
    return value


def text_of(table: Mapping[str, Any], name: str, place: str, max_len: int = 1000) -> str:
    value = table.get(name)
    is_text = isinstance(value, str) and value.strip() and "\0" not in value
    if not is_text or len(str(value)) > max_len:
        raise ModelsFileError(f"{place}.{name} must be a text of 1 to {max_len} characters")
    return str(value)


def names_of(table: Mapping[str, Any], name: str, place: str) -> tuple[str, ...]:
    values = table.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise ModelsFileError(f"{place}.{name} must be a list of texts")
    return tuple(values)
