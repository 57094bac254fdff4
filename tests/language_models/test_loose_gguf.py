"""A GGUF file that is not part of a package: converted once, for each state of the file."""

import os
from dataclasses import replace

import gguf
import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from tests.checkpoints import train_tokenizer
from tests.language_models.fakes import put_files
from wheel.engine.naive_engine import full_forward
from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.comparison import require_usable
from wheel.language_models.conversion import splits_digits_in
from wheel.language_models.downloads import is_prepared, obtain_model, obtain_tokenizer
from wheel.language_models.model_files import locate_model, model_folder
from wheel.language_models.registry import GgufSource, ModelSpec

NUM_HEADS, HEAD_DIM, HIDDEN, INNER = 4, 8, 32, 48


@pytest.fixture
def spec(tmp_path):
    source = GgufSource(tmp_path / "own.gguf")
    return ModelSpec("own", "Own", "A file.", None, None, None, source, is_built_in=False)


def write_gguf(path, *, split="gpt-2", kind="gpt2", architecture="llama", model=None):
    """Of a small Llama, as llama.cpp converts them; without a model, the metadata only."""
    writer = gguf.GGUFWriter(str(path), architecture)
    backend = train_tokenizer()
    ids = backend.get_vocab()
    vocabulary = sorted(ids, key=lambda name: ids[name])
    merges = [" ".join(pair) for pair in merges_of(backend)]
    writer.add_context_length(64)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(NUM_HEADS)
    writer.add_head_count_kv(NUM_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(len(vocabulary))
    writer.add_tokenizer_model(kind)
    if split is not None:
        writer.add_tokenizer_pre(split)
    writer.add_token_list(vocabulary)
    is_control = [3 if name == "<|endoftext|>" else 1 for name in vocabulary]
    writer.add_token_types(is_control)
    writer.add_token_merges(merges)
    writer.add_eos_token_id(0)
    writer.add_bos_token_id(0)
    for name, tensor in ({} if model is None else tensors_of(model)).items():
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def merges_of(backend):
    import json

    merges = json.loads(backend.to_str())["model"]["merges"]
    return [merge if isinstance(merge, list) else merge.split(" ") for merge in merges]


def permuted(weight):
    """GGUF has the rows of queries and keys in the order of rotated pairs."""
    by_half = weight.reshape(NUM_HEADS, 2, HEAD_DIM // 2, HIDDEN)
    return by_half.swapaxes(1, 2).reshape(weight.shape)


def tensors_of(model):
    arrays = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    layer = "model.layers.0"
    names = {
        "token_embd": "model.embed_tokens",
        "output_norm": "model.norm",
        "output": "lm_head",
        "blk.0.attn_norm": f"{layer}.input_layernorm",
        "blk.0.attn_q": f"{layer}.self_attn.q_proj",
        "blk.0.attn_k": f"{layer}.self_attn.k_proj",
        "blk.0.attn_v": f"{layer}.self_attn.v_proj",
        "blk.0.attn_output": f"{layer}.self_attn.o_proj",
        "blk.0.ffn_norm": f"{layer}.post_attention_layernorm",
        "blk.0.ffn_gate": f"{layer}.mlp.gate_proj",
        "blk.0.ffn_up": f"{layer}.mlp.up_proj",
        "blk.0.ffn_down": f"{layer}.mlp.down_proj",
    }
    tensors = {f"{ours}.weight": arrays[f"{theirs}.weight"] for ours, theirs in names.items()}
    for name in ("blk.0.attn_q.weight", "blk.0.attn_k.weight"):
        tensors[name] = permuted(tensors[name])
    return {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}


def random_model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=train_tokenizer().get_vocab_size(),
        max_position_embeddings=64,
        hidden_size=HIDDEN,
        intermediate_size=INNER,
        num_hidden_layers=1,
        num_attention_heads=NUM_HEADS,
        rms_norm_eps=1e-5,
        initializer_range=0.3,
    )
    return LlamaForCausalLM(config).eval()


def test_a_file_is_converted_and_computes_what_it_holds(spec, tmp_path):
    model = random_model()
    write_gguf(spec.source.path, model=model)
    models_dir = tmp_path / "models"
    folder = obtain_model(spec, models_dir)
    assert is_prepared(spec, models_dir)
    require_usable(spec, folder, None)
    catalog = ModelCatalog([spec], models_dir)
    token_ids = catalog.tokenizer("own").encode("The cat 12 sat")
    assert list(token_ids) == train_tokenizer().encode("The cat 12 sat").ids
    with torch.inference_mode():
        expected = torch.softmax(model(torch.tensor([token_ids])).logits[0, -1].double(), -1)
    row = torch.tensor(full_forward(catalog.runner("own"), token_ids), dtype=torch.float64)
    np.testing.assert_allclose(torch.softmax(row, -1).numpy(), expected.numpy(), atol=1e-5)


def test_another_file_with_the_same_name_is_another_model(spec, tmp_path):
    spec.source.path.write_bytes(b"one")
    first = model_folder(spec, tmp_path)
    assert model_folder(spec, tmp_path) == first
    put_files(first, "{}")
    assert locate_model(spec, tmp_path) == first
    spec.source.path.write_bytes(b"another")
    os.utime(spec.source.path, (1, 1))
    assert model_folder(spec, tmp_path) != first
    with pytest.raises(ModelUnavailableError, match="download_models own"):
        locate_model(spec, tmp_path)


@pytest.mark.parametrize("obtain", [obtain_model, obtain_tokenizer])
def test_a_file_that_is_not_there_is_named(spec, tmp_path, obtain):
    with pytest.raises(ModelUnavailableError, match=r"There is no GGUF file .*own\.gguf"):
        obtain(spec, tmp_path)
    lost = replace(spec, source=GgufSource(tmp_path))
    with pytest.raises(ModelUnavailableError, match="There is no GGUF file"):
        obtain(lost, tmp_path)


def test_a_file_that_is_damaged_is_named(spec):
    spec.source.path.write_bytes(b"no GGUF at all, and long enough to have a header")
    with pytest.raises(ModelUnavailableError, match=r"own\.gguf is damaged, or no GGUF file"):
        splits_digits_in(spec.source.path)


@pytest.mark.parametrize(("split", "expected"), [("gpt-2", False), ("smollm", True)])
def test_the_name_of_the_splitting_says_whether_digits_stand_alone(spec, split, expected):
    write_gguf(spec.source.path, split=split)
    assert splits_digits_in(spec.source.path) is expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "llama"}, "no byte-level BPE tokenizer, but 'llama'"),
        ({"split": "llama-bpe"}, "splits texts as 'llama-bpe'"),
        ({"split": "qwen2"}, "of the type 'llama' and splits texts as 'qwen2'"),
        ({"split": None}, "splits texts as ''"),
    ],
    ids=str,
)
def test_a_tokenizer_that_would_not_be_converted_exactly_is_refused(spec, changes, reason):
    write_gguf(spec.source.path, **changes)
    with pytest.raises(ModelUnavailableError, match=reason):
        splits_digits_in(spec.source.path)
