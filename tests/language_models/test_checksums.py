"""Checksums of models' files: recorded, compared, and what a damaged manifest does."""

import hashlib
import re
import subprocess

import pytest

from tests.checkpoints import write_hub_checkpoint
from tests.language_models.fakes import put_files
from wheel.language_models.checksums import (
    MANIFEST_NAME,
    DamagedFileError,
    damaged_files,
    known_digests,
    record_checksums,
    require_intact,
)


@pytest.fixture
def folder(tmp_path):
    """A model with recorded checksums."""
    folder = put_files(tmp_path / "model", "{}")
    (folder / "model.safetensors").write_bytes(bytes(range(256)) * 100)
    record_checksums(folder)
    return folder


@pytest.fixture
def linked_folder(tmp_path):
    """A model in the hub's cache, whose files are links to blobs, without recorded checksums."""
    return write_hub_checkpoint(tmp_path, "tests/linked")


def test_the_checksums_are_sha_256_of_every_other_file(folder):
    expected = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != MANIFEST_NAME
    }
    assert known_digests(folder) == expected
    assert set(expected) == {"config.json", "model.safetensors", "tokenizer.json"}
    assert damaged_files(folder) == []


def test_sha256sum_can_check_the_manifest(folder):
    command = ["sha256sum", "--check", "--strict", MANIFEST_NAME]
    assert subprocess.run(command, cwd=folder, check=False).returncode == 0


def test_recording_again_gives_the_same_manifest(folder):
    before = (folder / MANIFEST_NAME).read_text()
    record_checksums(folder)
    assert (folder / MANIFEST_NAME).read_text() == before
    assert len(list(folder.iterdir())) == 4


@pytest.mark.parametrize("position", [0, 12_345, -1])
def test_one_changed_bit_is_found(folder, position):
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[position] ^= 1
    weights.write_bytes(content)
    assert damaged_files(folder) == ["model.safetensors"]


def test_files_that_are_cut_off_empty_or_missing_are_damaged(folder):
    (folder / "model.safetensors").write_bytes(b"\0" * 100)
    (folder / "config.json").write_bytes(b"")
    (folder / "tokenizer.json").unlink()
    assert damaged_files(folder) == ["config.json", "model.safetensors", "tokenizer.json"]


def test_the_error_names_the_files_and_the_folder(folder):
    require_intact(folder)
    (folder / "config.json").write_text("[]")
    with pytest.raises(DamagedFileError, match=re.escape(f"config.json in {folder}: damaged")):
        require_intact(folder)


def test_without_the_weights_only_the_other_files_are_compared(folder):
    (folder / "model.safetensors").write_bytes(b"")
    require_intact(folder, with_weights=False)
    (folder / "tokenizer.json").write_text("[]")
    with pytest.raises(DamagedFileError, match=re.escape(f"tokenizer.json in {folder}: damaged")):
        require_intact(folder, with_weights=False)


@pytest.mark.parametrize(
    "manifest", ["garbage\n", f"{'0' * 64}  ../config.json\n", f"{'0' * 63}  config.json\n", "\xff"]
)
def test_a_manifest_that_is_not_one_is_itself_damaged(folder, manifest):
    (folder / MANIFEST_NAME).write_text(manifest, encoding="latin-1")
    assert damaged_files(folder) == [MANIFEST_NAME]


def test_files_without_any_checksum_cannot_be_found_damaged(tmp_path):
    folder = put_files(tmp_path / "model", "{}")
    assert known_digests(folder) == {}
    assert damaged_files(folder) == []


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_the_names_of_the_hubs_blobs_are_checksums(linked_folder, name):
    assert damaged_files(linked_folder) == []
    with (linked_folder / name).open("ab") as file:
        file.write(b" ")
    assert damaged_files(linked_folder) == [name]


def test_the_hubs_checksum_is_preferred_to_a_recorded_one(linked_folder):
    (linked_folder / "config.json").write_text("{}")
    record_checksums(linked_folder)
    assert damaged_files(linked_folder) == ["config.json"]
