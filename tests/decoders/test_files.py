"""Folders of models that are read, and those that are refused: each would compute something else
than its authors trained."""

import json

import numpy as np
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
        ("qwen2", {"layer_types": ["full_attention", "sliding_attention"]}),
        ("llama", {"attn_logit_softcapping": 50.0}),
        ("llama", {"final_logit_softcapping": 30.0}),
        ("llama", {"hidden_act": "relu2"}),
        ("llama", {"partial_rotary_factor": 0.5}),
        ("llama", {"rope_interleaved": True}),
        ("llama", {"rope_parameters": {"full_attention": {"rope_theta": 1e4}}}),
        ("llama", {"quantization_config": {"quant_method": "awq"}}),
        ("gpt2", {"activation_function": "quick_gelu"}),
        ("gpt2", {"is_encoder_decoder": True}),
        ("gpt2", {"model_type": "bloom"}),
        ("gpt2", {"model_type": None}),
    ],
    ids=str,
)
def test_a_setting_that_would_change_the_computation_is_refused(tmp_path, name, changes):
    read_decoder(save(tmp_path, name))
    change_config(tmp_path, **changes)
    with pytest.raises(UnsupportedModelError, match="not supported"):
        read_decoder(tmp_path)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("llama", {"sliding_window": 63}),
        ("qwen2", {"use_sliding_window": True, "sliding_window": 63}),
    ],
)
def test_a_sliding_window_is_refused_only_if_it_is_shorter_than_the_context(
    tmp_path, name, changes
):
    read_decoder(save(tmp_path, name, **changes | {"sliding_window": 64}))
    change_config(tmp_path, **changes)
    with pytest.raises(UnsupportedModelError, match="sliding_window = 63 is shorter"):
        read_decoder(tmp_path)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("gpt2", "n_positions"),
        ("gpt2", "n_layer"),
        ("llama", "max_position_embeddings"),
        ("qwen2", "max_position_embeddings"),
        ("llama", "vocab_size"),
    ],
)
@pytest.mark.parametrize("value", [None, 0, "64"])
def test_a_size_that_the_config_lacks_is_refused(tmp_path, name, field, value):
    save(tmp_path, name, **{field: value})
    with pytest.raises(UnsupportedModelError, match=f"^{field} is missing from config.json"):
        read_decoder(tmp_path)


def change_weights(folder, change):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def test_a_tensor_that_the_family_does_not_use_is_refused(tmp_path):
    """Such as the norms of queries and keys of later families."""
    name = "model.layers.0.self_attn.q_norm.weight"
    change_weights(save(tmp_path, "llama"), lambda tensors: tensors.update({name: torch.ones(8)}))
    with pytest.raises(UnsupportedModelError, match=f"does not use: {name}"):
        read_decoder(tmp_path)


@pytest.mark.parametrize("family", ["llama", "qwen2"])
def test_biases_that_the_config_does_not_name_are_refused(tmp_path, family):
    name = "model.layers.0.self_attn.o_proj.bias"
    change_weights(save(tmp_path, family), lambda tensors: tensors.update({name: torch.ones(32)}))
    with pytest.raises(UnsupportedModelError, match=f"does not use: {name}"):
        read_decoder(tmp_path)


def test_masks_and_frequencies_of_older_files_are_passed_over(tmp_path):
    constants = {
        "h.0.attn.bias": torch.ones(1, 1, 64, 64),
        "transformer.h.1.attn.masked_bias": torch.tensor(-1e4),
    }
    change_weights(save(tmp_path, "gpt2"), lambda tensors: tensors.update(constants))
    read_decoder(tmp_path)


def test_a_head_beside_a_tied_one_must_be_the_embedding(tmp_path):
    def add_head(tensors):
        tensors["lm_head.weight"] = tensors["transformer.wte.weight"].clone()

    def change_head(tensors):
        tensors["lm_head.weight"][7, 3] += 1

    change_weights(save(tmp_path, "gpt2"), add_head)
    read_decoder(tmp_path)
    change_weights(tmp_path, change_head)
    with pytest.raises(UnsupportedModelError, match="the config ties both"):
        read_decoder(tmp_path)


def test_a_head_that_is_neither_tied_nor_there_is_refused(tmp_path):
    save(tmp_path, "gpt2", tie_word_embeddings=False)
    with pytest.raises(MissingTensorError) as caught:
        read_decoder(tmp_path)
    assert caught.value.reason == "its files have no tensor lm_head.weight"


@pytest.mark.parametrize("dtype", [torch.int8, torch.uint8, torch.float8_e4m3fn], ids=str)
def test_quantized_weights_are_refused(tmp_path, dtype):
    def quantize(tensors):
        tensors["transformer.h.0.mlp.c_fc.weight"] = tensors["transformer.h.0.mlp.c_fc.weight"].to(
            dtype
        )

    change_weights(save(tmp_path, "gpt2"), quantize)
    with pytest.raises(UnsupportedModelError, match=r"quantized: transformer\.h\.0\.mlp\.c_fc"):
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
    pairs = zip(one.arrays(), several.arrays(), strict=True)
    assert all(np.array_equal(first, second) for first, second in pairs)


def test_half_precision_is_read_as_float32_with_the_same_numbers(tmp_path):
    model = MODELS["gpt2"]().to(torch.bfloat16)
    model.save_pretrained(tmp_path)
    decoder = read_decoder(tmp_path)
    assert {array.dtype for array in decoder.arrays()} == {np.dtype(np.float32)}
    assert np.array_equal(decoder.token_embedding, model.transformer.wte.weight.detach().float())
