"""Folders of models that are read, and those that are refused: each would compute something else
than its authors trained."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from tests.checkpoints import random_gpt2
from wheel.decoders.config import UnsupportedModelError
from wheel.decoders.files import read_decoder
from wheel.decoders.shapes import WrongShapeError
from wheel.decoders.stored import MissingTensorError

SIZES = {
    "vocab_size": 50,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "max_position_embeddings": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 48,
}
MODELS = {
    "gpt2": lambda: random_gpt2(50),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SIZES)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SIZES)),
}


def save(folder, name, **changes):
    """A model of this family with random weights, whose config is changed afterwards."""
    MODELS[name]().save_pretrained(folder)
    change_config(folder, **changes)
    return folder


def change_config(folder, **changes):
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("gpt2", {"model_type": "gpt_neo"}),
        ("gpt2", {"activation_function": "relu"}),
        ("gpt2", {"scale_attn_by_inverse_layer_idx": True}),
        ("gpt2", {"scale_attn_weights": False}),
        ("gpt2", {"add_cross_attention": True}),
        ("llama", {"rope_parameters": {"rope_type": "yarn", "factor": 2.0}}),
        ("llama", {"rope_scaling": {"type": "linear", "factor": 2.0}, "rope_parameters": None}),
        ("qwen2", {"use_sliding_window": True}),
    ],
    ids=str,
)
def test_a_setting_that_would_change_the_computation_is_refused(tmp_path, name, changes):
    read_decoder(save(tmp_path, name))
    change_config(tmp_path, **changes)
    with pytest.raises(UnsupportedModelError, match="not supported"):
        read_decoder(tmp_path)


@pytest.mark.parametrize(
    ("name", "changes", "part"),
    [
        ("gpt2", {"n_positions": 65}, "position_embedding"),
        ("gpt2", {"vocab_size": 51}, "token_embedding"),
        ("gpt2", {"n_embd": 64}, "token_embedding"),
        ("llama", {"num_key_value_heads": 1}, "qkv of layer 0"),
        ("llama", {"head_dim": 16}, "qkv of layer 0"),
    ],
    ids=str,
)
def test_weights_of_other_sizes_than_the_config_says_are_refused(tmp_path, name, changes, part):
    with pytest.raises(WrongShapeError, match=part):
        read_decoder(save(tmp_path, name, **changes))


def test_a_missing_tensor_is_named(tmp_path):
    path = save(tmp_path, "llama") / "model.safetensors"
    tensors = load_file(path)
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, path)
    with pytest.raises(MissingTensorError, match=r"^model\.layers\.1\.mlp\.up_proj\.weight$"):
        read_decoder(tmp_path)


def test_weights_in_several_files_are_the_same_as_in_one(tmp_path):
    model = MODELS["llama"]()
    model.save_pretrained(tmp_path / "one")
    model.save_pretrained(tmp_path / "several", max_shard_size="20KB")
    assert len(list((tmp_path / "several").glob("*.safetensors"))) > 1
    one, several = (read_decoder(tmp_path / name) for name in ("one", "several"))
    pairs = zip(one.tensors(), several.tensors(), strict=True)
    assert all(torch.equal(first, second) for first, second in pairs)


def test_half_precision_is_read_as_float32_with_the_same_numbers(tmp_path):
    model = MODELS["gpt2"]().to(torch.bfloat16)
    model.save_pretrained(tmp_path)
    decoder = read_decoder(tmp_path)
    assert {tensor.dtype for tensor in decoder.tensors()} == {torch.float32}
    assert torch.equal(decoder.token_embedding, model.transformer.wte.weight.float())
