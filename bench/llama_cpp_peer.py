"""Decode steps of llama.cpp's server, as the package xllamacpp contains it.

It is no dependency of the project: `pip install --no-deps xllamacpp==2026.10.11549` adds it. Its
texts are decoded greedily, each in a slot of its own, all slots in one batch.
"""

import importlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

from bench.engine import BATCH_CONTEXT_LENGTH, seconds_of
from bench.peer_steps import LONG, StepSeconds, step_of
from bench.random_models import SHAPES, random_model
from wheel.language_models.registry import GPT2

PACKAGE = "xllamacpp"
MAX_SLOTS = 30
WEIGHT_TYPES = {"float32": GGMLQuantizationType.F32, "int8": GGMLQuantizationType.Q8_0}
NORMAL_TOKEN = 1
# Names in a GGUF file, by those of transformers. Linear layers are stored as (out, in) there.
PARTS = {
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}


def steps(folder: Path) -> dict[str, StepSeconds]:
    return {f"llama.cpp {name}": decode_step(folder, name) for name in WEIGHT_TYPES}


def decode_step(folder: Path, weight_type: str) -> StepSeconds:
    server = start(write_gguf(folder / f"{weight_type}.gguf", WEIGHT_TYPES[weight_type]))

    def seconds(size: int, num_tokens: int) -> float:
        with ThreadPoolExecutor(size) as pool:
            return seconds_of(
                lambda: list(pool.map(lambda idx: decode(server, idx, num_tokens), range(size)))
            )

    return step_of(seconds)


def start(gguf: Path) -> Any:
    """A server with a slot for each text of the largest batch."""
    library = importlib.import_module(PACKAGE)
    params = library.CommonParams()
    params.model.path = str(gguf)
    params.n_parallel = MAX_SLOTS
    params.n_ctx = MAX_SLOTS * 2 * (BATCH_CONTEXT_LENGTH + LONG)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = torch.get_num_threads()
    params.verbosity = -1
    return library.Server(params)


def decode(server: Any, idx: int, num_tokens: int) -> None:
    answer = server.handle_completions(
        {
            "prompt": [idx, *range(BATCH_CONTEXT_LENGTH - 1)],
            "n_predict": num_tokens,
            "temperature": 0.0,
            "ignore_eos": True,
            "cache_prompt": False,
        }
    )
    assert answer["timings"]["predicted_n"] == num_tokens, answer


def write_gguf(path: Path, weight_type: GGMLQuantizationType) -> Path:
    """GPT-2's shape with the random weights of the other comparisons."""
    config, weights = SHAPES[GPT2.model_id], random_model(GPT2.model_id).state_dict()
    writer = GGUFWriter(path, "gpt2")
    writer.add_context_length(config.n_positions)
    writer.add_embedding_length(config.n_embd)
    writer.add_block_count(config.n_layer)
    writer.add_feed_forward_length(4 * config.n_embd)
    writer.add_head_count(config.n_head)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([f"t{idx}" for idx in range(config.vocab_size)])
    writer.add_token_types([NORMAL_TOKEN] * config.vocab_size)
    writer.add_token_merges(["t 0"])
    writer.add_eos_token_id(0)
    for name, weight in weights.items():
        if (gguf_name := name_in_gguf(name)) is not None:
            array = weight.numpy()
            is_matrix = array.ndim == 2
            if is_matrix and ".h." in name:
                array = np.ascontiguousarray(array.T)
            kind = weight_type if is_matrix else GGMLQuantizationType.F32
            writer.add_tensor(gguf_name, quantize(array, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def name_in_gguf(name: str) -> str | None:
    """None for the head, which is the embedding."""
    whole = {
        "transformer.wte.weight": "token_embd.weight",
        "transformer.wpe.weight": "position_embd.weight",
        "transformer.ln_f.weight": "output_norm.weight",
        "transformer.ln_f.bias": "output_norm.bias",
    }
    if not name.startswith("transformer.h."):
        return whole.get(name)
    idx, _, rest = name.removeprefix("transformer.h.").partition(".")
    part, _, kind = rest.rpartition(".")
    return f"blk.{idx}.{PARTS[part]}.{kind}"
