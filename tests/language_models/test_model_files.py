"""Search for models' files: the hub's cache, converted models, partial ones."""

import json

import pytest

from tests.language_models.fakes import (
    ALPHA,
    BETA,
    COMMIT,
    GAMMA,
    put_converted,
    put_files,
    put_in_hub_cache,
)
from wheel.errors import ModelUnavailableError
from wheel.language_models.model_files import is_complete, locate_model, model_folder


def test_a_model_in_the_hubs_cache_is_found_through_refs_main(tmp_path):
    folder = put_in_hub_cache(tmp_path, ALPHA, "{}")
    put_files(folder.parent / ("0" * 40), "{}")
    assert locate_model(ALPHA, tmp_path) == folder
    assert folder.name == COMMIT


def test_files_may_be_links_to_blobs_as_in_the_hubs_cache(tmp_path):
    folder = put_in_hub_cache(tmp_path, ALPHA, "{}", leave_out=["model.safetensors"])
    blob = tmp_path / "blob"
    blob.write_text("")
    (folder / "model.safetensors").symlink_to(blob)
    assert locate_model(ALPHA, tmp_path) == folder


def test_a_converted_model_is_found_in_its_own_folder(tmp_path):
    folder = put_converted(tmp_path, GAMMA, "{}")
    assert locate_model(GAMMA, tmp_path) == folder


@pytest.mark.parametrize("spec", [ALPHA, GAMMA], ids=lambda spec: spec.model_id)
def test_the_error_for_a_missing_model_names_the_command_to_run(tmp_path, spec):
    with pytest.raises(ModelUnavailableError, match=f"not on this server.*models {spec.model_id}$"):
        locate_model(spec, tmp_path)


def test_no_model_is_found_in_a_models_folder_that_does_not_exist(tmp_path):
    with pytest.raises(ModelUnavailableError, match="not on this server"):
        locate_model(ALPHA, tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_the_error_for_a_partial_model_says_that_it_is_partial(tmp_path, name):
    put_in_hub_cache(tmp_path, ALPHA, "{}", leave_out=[name])
    with pytest.raises(ModelUnavailableError, match=r"only in part.*download_models alpha$"):
        locate_model(ALPHA, tmp_path)


def test_a_link_to_weights_that_never_arrived_is_a_partial_model(tmp_path):
    folder = put_in_hub_cache(tmp_path, ALPHA, "{}", leave_out=["model.safetensors"])
    (folder / "model.safetensors").symlink_to(tmp_path / "blob-that-never-arrived")
    with pytest.raises(ModelUnavailableError, match="only in part"):
        locate_model(ALPHA, tmp_path)


def test_the_hubs_cache_of_another_model_is_ignored(tmp_path):
    put_in_hub_cache(tmp_path, ALPHA, "{}")
    assert model_folder(BETA, tmp_path) is None


@pytest.mark.parametrize(
    ("tokenizer_names", "complete"),
    [
        (["tokenizer.json"], True),
        (["vocab.json", "merges.txt"], True),
        (["vocab.json"], False),
        (["merges.txt"], False),
        ([], False),
    ],
)
def test_a_tokenizer_is_one_file_or_the_older_two(tmp_path, tokenizer_names, complete):
    folder = put_files(tmp_path / "model", "{}", leave_out=["tokenizer.json"])
    for name in tokenizer_names:
        (folder / name).write_text("{}")
    assert is_complete(folder) == complete


def test_a_model_without_a_config_is_not_complete(tmp_path):
    assert not is_complete(put_files(tmp_path / "model", "{}", leave_out=["config.json"]))


@pytest.mark.parametrize(
    "index",
    [
        b"",
        b'{"weight_map": {"a": "one.safe',
        b"\xff\xfe\x00",
        b"[]",
        b"{}",
        b'{"weight_map": null}',
        b'{"weight_map": {}}',
        b'{"weight_map": {"a": ["one.safetensors"]}}',
        b'{"weight_map": {"a": 1}}',
    ],
)
def test_a_model_whose_index_of_weights_is_damaged_is_not_complete(tmp_path, index):
    folder = put_files(tmp_path / "model", "{}")
    (folder / "model.safetensors.index.json").write_bytes(index)
    assert not is_complete(folder)


def test_a_damaged_file_that_names_the_snapshot_is_a_missing_model(tmp_path):
    folder = put_in_hub_cache(tmp_path, ALPHA, "{}")
    (folder.parents[1] / "refs" / "main").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelUnavailableError, match="not on this server"):
        locate_model(ALPHA, tmp_path)


def test_sharded_weights_are_complete_only_with_all_their_shards(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "tokenizer.json").write_text("{}")
    index = {"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    (tmp_path / "one.safetensors").touch()
    assert not is_complete(tmp_path)
    (tmp_path / "two.safetensors").touch()
    assert is_complete(tmp_path)
