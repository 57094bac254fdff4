"""Download and conversion of models, before serving. The only code that uses a network."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import snapshot_download

from wheel.errors import ModelUnavailableError
from wheel.language_models.checksums import damaged_files, has_manifest, record_checksums
from wheel.language_models.model_files import (
    has_tokenizer,
    has_weights,
    is_complete,
    locate_model,
    locate_tokenizer,
    model_folder,
)
from wheel.language_models.registry import (
    FolderSource,
    GgufSource,
    HubSource,
    ModelSpec,
    PackagedGgufSource,
)

logger = logging.getLogger(__name__)

HUB_FILES = (
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "model.safetensors.index.json",
    "model-*-of-*.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
)


TOKENIZER_FILES = ("config.json", "tokenizer.json")

AnyGguf = PackagedGgufSource | GgufSource
Convert = Callable[[AnyGguf, Path], None]


def convert_gguf(source: AnyGguf, folder: Path) -> None:
    from wheel.language_models import conversion  # noqa: PLC0415 - imports torch

    conversion.convert_gguf(source, folder)


def convert_gguf_tokenizer(source: AnyGguf, folder: Path) -> None:
    from wheel.language_models import conversion  # noqa: PLC0415 - imports torch

    conversion.convert_gguf_tokenizer(source, folder)


def obtain_model(spec: ModelSpec, models_dir: Path, *, convert: Convert = convert_gguf) -> Path:
    """Download or convert a model, with progress bars; return its complete, verified folder.

    Files that are already here are kept, and an interrupted download is resumed. Damaged files are
    converted or, at the next call, downloaded anew.
    Raises `ModelUnavailableError` with the remedy in its sentence.
    """
    match spec.source:
        case HubSource(repo_id=repo_id):
            return download_from_hub(repo_id, models_dir)
        case PackagedGgufSource() | GgufSource():
            return convert_if_needed(spec, spec.source, models_dir, convert)
        case FolderSource():
            return locate_model(spec, models_dir)


def obtain_tokenizer(
    spec: ModelSpec,
    models_dir: Path,
    *,
    convert: Convert = convert_gguf,
    convert_tokenizer: Convert = convert_gguf_tokenizer,
) -> Path:
    """As `obtain_model`, for a server whose engine is on other machines: without the weights.
    Damaged files, other than weights, are converted or downloaded anew."""
    folder = model_folder(spec, models_dir)
    damaged = damaged_files(folder, with_weights=False) if folder and folder.is_dir() else []
    if folder is not None and has_tokenizer(folder) and not damaged:
        return folder
    match spec.source:
        case HubSource(repo_id=repo_id):
            if folder is not None:
                remove_files(folder, damaged)
            folder = fetch_from_hub(repo_id, models_dir, [*TOKENIZER_FILES, *damaged])
            remove_damaged_files(folder, with_weights=False)
        case FolderSource():
            pass  # the sentence of `locate_tokenizer` says what is missing
        case PackagedGgufSource() | GgufSource():
            folder = folder_to_convert(spec, models_dir)
            # Weights that are here stay: an engine on this machine may use them.
            convert_again = convert if has_weights(folder) else convert_tokenizer
            with writing_into(models_dir):
                convert_again(spec.source, folder)
    return locate_tokenizer(spec, models_dir)


def convert_if_needed(spec: ModelSpec, source: AnyGguf, models_dir: Path, convert: Convert) -> Path:
    folder = folder_to_convert(spec, models_dir)
    if is_complete(folder) and not damaged_files(folder):
        record_if_possible(folder)
        return folder
    with writing_into(models_dir):
        convert(source, folder)
    return folder


def folder_to_convert(spec: ModelSpec, models_dir: Path) -> Path:
    """Raises `ModelUnavailableError` if there is no GGUF file."""
    folder = model_folder(spec, models_dir)
    if folder is None:
        path = spec.source.path if isinstance(spec.source, GgufSource) else ""
        raise ModelUnavailableError(f"There is no GGUF file {path}.")
    return folder


@contextmanager
def writing_into(models_dir: Path) -> Iterator[None]:
    """An `OSError` becomes a `ModelUnavailableError` that names the folder."""
    try:
        yield
    except OSError as error:
        raise ModelUnavailableError(cannot_write_message(models_dir, error)) from error


def is_prepared(spec: ModelSpec, models_dir: Path) -> bool:
    """Whether the folder is complete and has checksums. A cheap check for every start: it compares
    no checksum, which loading the model does."""
    folder = model_folder(spec, models_dir)
    return folder is not None and is_complete(folder) and has_manifest(folder)


def record_if_possible(folder: Path) -> None:
    """Record the checksums of a complete folder that has none yet. A folder that is read-only can
    be used without them, as by earlier versions."""
    if has_manifest(folder):
        return
    try:
        record_checksums(folder)
    except OSError as error:
        reason = error.strerror or error
        logger.warning("the checksums of %s could not be recorded: %s", folder, reason)


def fetch_from_hub(repo_id: str, models_dir: Path, names: Sequence[str]) -> Path:
    try:
        return Path(snapshot_download(repo_id, cache_dir=models_dir, allow_patterns=list(names)))
    except (httpx2.HTTPError, OSError, ValueError) as error:  # ValueError: HTML of a proxy
        if isinstance(error, OSError) and error.errno is not None:
            raise ModelUnavailableError(cannot_write_message(models_dir, error)) from error
        raise ModelUnavailableError(no_hub_message(repo_id, models_dir)) from error


def download_from_hub(repo_id: str, models_dir: Path) -> Path:
    folder = fetch_from_hub(repo_id, models_dir, HUB_FILES)
    if not is_complete(folder):
        raise ModelUnavailableError(
            lacks_message(repo_id, folder) or no_hub_message(repo_id, models_dir)
        )
    remove_damaged_files(folder)
    record_if_possible(folder)
    return folder


def remove_damaged_files(folder: Path, *, with_weights: bool = True) -> None:
    """Compare the files with their checksums. Damaged ones are removed, so that the next attempt
    downloads them again, and `ModelUnavailableError` is raised."""
    damaged = damaged_files(folder, with_weights=with_weights)
    remove_files(folder, damaged)
    if damaged:
        raise ModelUnavailableError(
            f"{', '.join(damaged)}: damaged, and therefore removed. Run the command again to fetch "
            "what is missing."
        )


def remove_files(folder: Path, names: Iterable[str]) -> None:
    """Remove files of the hub's cache: links, and the blobs that they name."""
    for name in names:
        (folder / name).resolve().unlink(missing_ok=True)
        (folder / name).unlink(missing_ok=True)


def cannot_write_message(models_dir: Path, error: OSError) -> str:
    return f"The model's files could not be written into {models_dir}: {error.strerror or error}."


def lacks_message(repo_id: str, folder: Path) -> str | None:
    """For a repository with a config, which has arrived, and without weights or tokenizer."""
    if not (folder / "config.json").is_file() or any(folder.glob("*.safetensors*")):
        return None
    return (
        f"The repository {repo_id} has no weights in the safetensors format, or they could not be "
        "reached. Convert its model to a folder with safetensors, and name that as the source."
    )


def no_hub_message(repo_id: str, models_dir: Path) -> str:
    cached = f"models--{repo_id.replace('/', '--')}"
    return (
        f"The model hub could not be reached, or did not have all of {repo_id}. Check the network "
        "and run this again; what has arrived is kept. Without a network, copy the folder "
        f"{cached} from another machine's cache into {models_dir}."
    )
