"""`manage.py verify_models`: intact, damaged, unrecorded and missing models."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.checkpoints import write_hub_checkpoint
from tests.language_models.fakes import put_files
from wheel.language_models.checksums import record_checksums
from wheel.language_models.registry import FolderSource, ModelSpec

GPT2_REPO = "openai-community/gpt2"


@pytest.fixture
def models_dir(settings, tmp_path):
    settings.TRANSFORMERS_CACHE = tmp_path
    settings.WHEEL_MODELS = ["gpt2", "gpt2-medium", "smollm2-135m"]
    return tmp_path


def verify(*model_ids):
    out = StringIO()
    call_command("verify_models", *model_ids, stdout=out)
    return out.getvalue()


def put_converted_smollm2(models_dir):
    return put_files(models_dir / "converted" / "smollm2-135m-1", "{}")


def test_models_that_are_here_are_verified_and_others_are_only_named(models_dir):
    write_hub_checkpoint(models_dir, GPT2_REPO)
    record_checksums(put_converted_smollm2(models_dir))
    printed = verify()
    assert "gpt2: 4 files are intact" in printed
    assert "smollm2-135m: 3 files are intact" in printed
    assert "gpt2-medium: GPT-2 Medium is not on this server" in printed


def test_a_damaged_file_is_named_with_the_command_that_restores_it(models_dir):
    folder = put_converted_smollm2(models_dir)
    record_checksums(folder)
    (folder / "model.safetensors").write_bytes(b"1")
    with pytest.raises(
        CommandError,
        match=r"^smollm2-135m: Damaged: model\.safetensors\. .*download_models smollm2-135m$",
    ):
        verify()


def test_a_damaged_model_does_not_keep_others_from_being_verified(models_dir, capsys):
    snapshot = write_hub_checkpoint(models_dir, GPT2_REPO)
    (snapshot / "config.json").write_text("{}")
    record_checksums(put_converted_smollm2(models_dir))
    with pytest.raises(CommandError, match="gpt2: Damaged"):
        call_command("verify_models")
    assert "smollm2-135m: 3 files are intact" in capsys.readouterr().out


def test_a_model_without_checksums_is_not_called_intact(models_dir):
    put_converted_smollm2(models_dir)
    with pytest.raises(CommandError, match="No checksums have been recorded"):
        verify("smollm2-135m")


def test_a_model_that_was_asked_for_and_is_not_here_is_a_problem(models_dir):
    with pytest.raises(CommandError, match="gpt2: GPT-2 is not on this server"):
        verify("gpt2")


def test_verifying_changes_nothing(models_dir):
    folder = put_converted_smollm2(models_dir)
    record_checksums(folder)
    (folder / "config.json").write_text("[]")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(CommandError):
        verify()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_of_the_operators_own_needs_no_checksums(models_dir, settings):
    source = FolderSource(put_files(models_dir / "own", "{}"))
    spec = ModelSpec("own", "Own", "o.", None, None, None, source, is_built_in=False)
    settings.WHEEL_REGISTRY = {"own": spec}
    assert "own: a folder of your own, without checksums" in verify("own")
