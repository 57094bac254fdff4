"""Checksums of a model's files: recorded when the files arrive, compared at each load.

They are kept beside the files, in the format of `sha256sum`. The hub's cache has another of each
file, from the hub itself: the files are links to blobs, which are named by their checksum.
"""

import hashlib
import re
from pathlib import Path

MANIFEST_NAME = "SHA256SUMS"
RECORD_NAME = "COMPARED.json"  # by `wheel.language_models.comparison`
CHOICE_NAME = "RUNNER.json"  # by `wheel.language_models.choice_record`
OWN_NAMES = (MANIFEST_NAME, RECORD_NAME, CHOICE_NAME)
MANIFEST_LINE = re.compile(r"([0-9a-f]{64})  (\S+)")
WEIGHTS_SUFFIX = ".safetensors"
HUB_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}")


class DamagedFileError(Exception):
    """A model's file has another content than when it arrived. The log shows the message, which
    never quotes a user's text."""


def record_checksums(folder: Path) -> None:
    """Write the manifest for all other files of the folder."""
    lines = [f"{sha256(path)}  {path.name}\n" for path in model_files(folder)]
    unfinished = folder / f".{MANIFEST_NAME}"
    unfinished.write_text("".join(lines))
    unfinished.replace(folder / MANIFEST_NAME)


def has_manifest(folder: Path) -> bool:
    return (folder / MANIFEST_NAME).is_file()


def require_intact(folder: Path, *, with_weights: bool = True) -> None:
    """Raises `DamagedFileError` if a file differs from its checksum. Reads all files, which takes
    0.7 s of one core for a GB, or those that are read with the tokenizer."""
    damaged = damaged_files(folder, with_weights=with_weights)
    if damaged:
        raise DamagedFileError(
            f"{', '.join(damaged)} in {folder}: damaged or missing, by the checksums of this model"
        )


def damaged_files(folder: Path, *, with_weights: bool = True) -> list[str]:
    """The names of files that are missing or differ from their checksums, and of the manifest if it
    is unreadable. A file without a checksum cannot be found damaged."""
    try:
        digests = known_digests(folder)
    except ValueError:
        return [MANIFEST_NAME]
    return [
        name
        for name, digest in digests.items()
        if (with_weights or not name.endswith(WEIGHTS_SUFFIX))
        and not is_intact(folder / name, digest)
    ]


def known_digests(folder: Path) -> dict[str, str]:
    """The digest of each file, in hex, from the manifest or from the hub; the hub's is preferred.

    Raises `ValueError` if a line of the manifest is not one of `sha256sum`.
    """
    digests = recorded_digests(folder) if has_manifest(folder) else {}
    for path in model_files(folder):
        blob_name = path.resolve().name
        if HUB_DIGEST.fullmatch(blob_name):
            digests[path.name] = blob_name
    return digests


def recorded_digests(folder: Path) -> dict[str, str]:
    digests = {}
    for line in (folder / MANIFEST_NAME).read_text(errors="replace").splitlines():
        match = MANIFEST_LINE.fullmatch(line)
        if match is None or "/" in match[2]:
            raise ValueError(f"{MANIFEST_NAME} has a line that is not a checksum and a name")
        digests[match[2]] = match[1]
    return digests


def model_files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name.lstrip(".") not in OWN_NAMES
    ]


def is_intact(path: Path, digest: str) -> bool:
    """`digest`: SHA-256, or for small files of the hub the SHA-1 by which git names a blob."""
    if not path.is_file():
        return False
    return digest == (sha256(path) if len(digest) == 64 else git_blob_sha1(path))


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def git_blob_sha1(path: Path) -> str:
    content = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
