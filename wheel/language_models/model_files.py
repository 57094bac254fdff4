"""Paths of models' files on this machine, found without torch and without the network."""

import json
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from wheel.errors import ModelUnavailableError
from wheel.installation import COMMAND_LINE
from wheel.language_models.registry import (
    FolderSource,
    GgufSource,
    HubSource,
    ModelSpec,
    PackagedGgufSource,
)
from wheel.sentences import Sentence

WEIGHTS_NAME = "model.safetensors"
WEIGHTS_INDEX_NAME = "model.safetensors.index.json"
CONVERSION_VERSION = 1  # increase it when the conversion changes, so that models are converted anew
TOKENIZER_NAMES = ("tokenizer.json",)
OLDER_TOKENIZER_NAMES = ("vocab.json", "merges.txt")


def locate_model(spec: ModelSpec, models_dir: Path) -> Path:
    """The folder with the model's config, safetensors weights and tokenizer.

    Raises `ModelUnavailableError`, with the command to run, if it is missing or incomplete.
    """
    folder = model_folder(spec, models_dir)
    if isinstance(spec.source, FolderSource) and not (folder and is_complete(folder)):
        raise ModelUnavailableError(incomplete_folder(spec))
    if folder is None or not folder.is_dir():
        raise ModelUnavailableError(
            Sentence(
                "%(model)s is not on this server. To add it, run: %(command)s",
                model=spec.name,
                command=how_to_get(spec),
            )
        )
    if not is_complete(folder):
        raise ModelUnavailableError(
            Sentence(
                "%(model)s is here only in part. To complete it, run: %(command)s",
                model=spec.name,
                command=how_to_get(spec),
            )
        )
    return folder


def locate_tokenizer(spec: ModelSpec, models_dir: Path) -> Path:
    """The folder with the model's `tokenizer.json`; the weights may be missing.

    Raises `ModelUnavailableError`, with the command to run.
    """
    folder = model_folder(spec, models_dir)
    if isinstance(spec.source, FolderSource) and not (folder and has_tokenizer(folder)):
        raise ModelUnavailableError(incomplete_folder(spec))
    if folder is None or not has_tokenizer(folder):
        raise ModelUnavailableError(
            Sentence(
                "The tokenizer of %(model)s is not on this server. To add it, run: %(command)s",
                model=spec.name,
                command=f"{how_to_get(spec)} --tokenizers-only",
            )
        )
    return folder


def model_folder(spec: ModelSpec, models_dir: Path) -> Path | None:
    """The folder that has or will have the files; None if the hub's cache lacks the model."""
    match spec.source:
        case HubSource(repo_id=repo_id):
            return snapshot_folder(repo_id, models_dir)
        case PackagedGgufSource():
            return models_dir / "converted" / f"{spec.model_id}-{CONVERSION_VERSION}"
        case FolderSource(path=path):
            return path
        case GgufSource(path=path):
            return converted_folder(spec, path, models_dir)


def converted_folder(spec: ModelSpec, gguf: Path, models_dir: Path) -> Path | None:
    """One for each state of the file, so that another one with its name is converted anew. None if
    there is no such file."""
    try:
        stat = gguf.stat()
    except OSError:
        return None
    state = f"{gguf.resolve()} {stat.st_size} {stat.st_mtime_ns}"
    name = f"{spec.model_id}-{CONVERSION_VERSION}-{sha256(state.encode()).hexdigest()[:12]}"
    return models_dir / "converted" / name


def incomplete_folder(spec: ModelSpec) -> Sentence:
    return Sentence(
        "The folder of %(model)s is missing on this server, or has no config.json, safetensors "
        "weights or tokenizer.",
        model=spec.name,
    )


def snapshot_folder(repo_id: str, models_dir: Path) -> Path | None:
    """None also if the file that names the snapshot is damaged."""
    try:
        config = try_to_load_from_cache(repo_id, "config.json", cache_dir=models_dir)
    except ValueError:
        return None
    return Path(config).parent if isinstance(config, str) else None


def is_complete(folder: Path) -> bool:
    return (
        (folder / "config.json").is_file()
        and has_weights(folder)
        and (has_all(folder, TOKENIZER_NAMES) or has_all(folder, OLDER_TOKENIZER_NAMES))
    )


def has_tokenizer(folder: Path) -> bool:
    """Whether it has the file that is read without transformers."""
    return has_all(folder, TOKENIZER_NAMES)


def has_weights(folder: Path) -> bool:
    """One file, or an index with all the files that it names."""
    index = folder / WEIGHTS_INDEX_NAME
    if index.is_file():
        names = shard_names(index)
        return bool(names) and has_all(folder, names)
    return (folder / WEIGHTS_NAME).is_file()


def shard_names(index: Path) -> set[str]:
    """The names of all files with weights; empty if the index is damaged."""
    try:
        names = set(json.loads(index.read_bytes())["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return set()
    return names if all(isinstance(name, str) for name in names) else set()


def has_all(folder: Path, names: Iterable[str]) -> bool:
    return all((folder / name).is_file() for name in names)


def how_to_get(spec: ModelSpec) -> str:
    return f"{COMMAND_LINE} download_models {spec.model_id}"
