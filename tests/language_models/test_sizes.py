"""Sizes by a model's own files, without reading its weights."""

import json
import struct

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.checkpoints import random_gpt2, random_llama
from wheel.language_models.sizes import ModelSizes, sizes_in

WEIGHTS = "model.safetensors"


@pytest.fixture(params=[random_gpt2, random_llama])
def model(request):
    return request.param(50)


def test_sizes_are_those_of_the_model(model, tmp_path):
    model.save_pretrained(tmp_path)
    assert sizes_in(tmp_path) == ModelSizes(model.num_parameters(), 64, 50)


def test_weights_in_several_files_are_added(model, tmp_path):
    model.save_pretrained(tmp_path, max_shard_size="30KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert sizes_in(tmp_path).num_parameters == model.num_parameters()


def test_masks_and_a_head_that_is_the_embedding_are_no_parameters(tmp_path):
    model = random_gpt2(50)
    model.save_pretrained(tmp_path)
    tensors = load_file(tmp_path / WEIGHTS)
    tensors["transformer.h.0.attn.bias"] = torch.ones(1, 1, 64, 64)
    tensors["lm_head.weight"] = tensors["transformer.wte.weight"].clone()
    save_file(tensors, tmp_path / WEIGHTS)
    assert sizes_in(tmp_path).num_parameters == model.num_parameters()


@pytest.mark.parametrize(
    "content", [b"", b"1234", struct.pack("<Q", 2**60), struct.pack("<Q", 5) + b"[1,2]"], ids=str
)
def test_damaged_weights_leave_the_number_of_parameters_unknown(tmp_path, content):
    random_gpt2(50).save_pretrained(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(content)
    assert sizes_in(tmp_path) == ModelSizes(None, 64, 50)


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"model_type": "bloom"}', "null", '"gpt2"'])
def test_a_config_that_cannot_be_used_leaves_all_sizes_unknown(tmp_path, config):
    (tmp_path / "config.json").write_text(config)
    assert sizes_in(tmp_path) == ModelSizes()


@pytest.mark.parametrize("index", ["", "{}", json.dumps({"weight_map": {"a": "missing"}})])
def test_a_damaged_index_leaves_the_number_of_parameters_unknown(tmp_path, index):
    random_gpt2(50).save_pretrained(tmp_path)
    (tmp_path / f"{WEIGHTS}.index.json").write_text(index)
    assert sizes_in(tmp_path).num_parameters is None
