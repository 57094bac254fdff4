"""All runners of decoders compute what plain transformers compute, for every family."""

import pytest
import torch
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from wheel.decoders.files import read_decoder
from wheel.engine.batch import Batch, Chunk
from wheel.engine.openvino_runner import OpenVinoRunner
from wheel.engine.torch_runner import TorchRunner

SIZES = {"vocab_size": 97, "hidden_size": 48, "num_hidden_layers": 3, "max_position_embeddings": 80}
HEADS = {"num_attention_heads": 6, "intermediate_size": 64}
MODELS = {
    "gpt2": lambda: GPT2LMHeadModel(
        GPT2Config(vocab_size=97, n_embd=48, n_layer=3, n_head=4, n_positions=80)
    ),
    "gpt2, gelu, another inner size": lambda: GPT2LMHeadModel(
        GPT2Config(
            vocab_size=97,
            n_embd=48,
            n_layer=2,
            n_head=4,
            n_positions=80,
            n_inner=60,
            activation_function="gelu",
            layer_norm_epsilon=1e-3,
        )
    ),
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SIZES, **HEADS, num_key_value_heads=2)),
    "llama, tied, other base": lambda: LlamaForCausalLM(
        LlamaConfig(
            **SIZES,
            **HEADS,
            num_key_value_heads=6,
            tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 100_000.0},
        )
    ),
    "llama, biases, head size": lambda: LlamaForCausalLM(
        LlamaConfig(
            **SIZES,
            **HEADS,
            num_key_value_heads=3,
            head_dim=10,
            attention_bias=True,
            mlp_bias=True,
        )
    ),
    "qwen2": lambda: Qwen2ForCausalLM(
        Qwen2Config(**SIZES, **HEADS, num_key_value_heads=2, tie_word_embeddings=True)
    ),
    "gpt_neox": lambda: GPTNeoXForCausalLM(GPTNeoXConfig(**SIZES, **HEADS, rotary_pct=0.25)),
    "gpt_neox, sequential": lambda: GPTNeoXForCausalLM(
        GPTNeoXConfig(
            **SIZES, **HEADS, rotary_pct=1.0, use_parallel_residual=False, attention_bias=False
        )
    ),
}


@pytest.fixture(params=MODELS)
def model(request):
    """Random weights, biases and norms included."""
    torch.manual_seed(0)
    model = MODELS[request.param]().eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.fixture(params=[TorchRunner, OpenVinoRunner])
def runner(request, model, tmp_path):
    model.save_pretrained(tmp_path)
    return request.param(read_decoder(tmp_path))


def expected(model, token_ids):
    with torch.inference_mode():
        return model(torch.tensor([token_ids])).logits[0]


def close(actual, logits):
    actual = torch.log_softmax(torch.from_numpy(actual), -1)
    torch.testing.assert_close(actual, torch.log_softmax(logits, -1), atol=2e-5, rtol=1e-5)


def test_a_prompt_and_further_tokens_give_the_logits_of_transformers(model, runner):
    texts = [tuple(torch.randint(97, (length,)).tolist()) for length in (1, 2, 9, 33)]
    buffers = [runner.allocate(64) for _ in texts]
    for start, stop in ((0, 1), (1, 2), (2, 30), (30, 33)):
        chunks = [
            Chunk(buffer, text[start:stop], start, is_last=True)
            for text, buffer in zip(texts, buffers, strict=True)
            if start < len(text)
        ]
        logits = runner.run(Batch(chunks))
        alive = [text for text in texts if start < len(text)]
        close(logits, torch.stack([expected(model, text[:stop])[-1] for text in alive]))


def test_every_position_is_scored_as_by_transformers(model, runner):
    text = tuple(torch.randint(97, (41,)).tolist())
    scores = runner.score(Chunk(runner.allocate(64), text[:-1], 0, is_last=True), text[1:])
    log_probs = torch.log_softmax(expected(model, text[:-1]).double(), -1)
    own = log_probs.gather(1, torch.tensor(text[1:])[:, None])[:, 0]
    torch.testing.assert_close(torch.from_numpy(scores.log_probs), own, atol=2e-5, rtol=1e-5)


def test_rows_that_no_sequence_has_written_are_not_read(model, tmp_path):
    """Of blocks that another sequence has had, with whatever it left there."""
    model.save_pretrained(tmp_path)
    runner = OpenVinoRunner(read_decoder(tmp_path))
    runner._pool.pages[:] = float("nan")
    texts = [tuple(torch.randint(97, (length,)).tolist()) for length in (1, 31, 32, 33)]
    chunks = [Chunk(runner.allocate(40), text, 0, is_last=True) for text in texts]
    close(runner.run(Batch(chunks)), torch.stack([expected(model, text)[-1] for text in texts]))
    later = [Chunk(chunk.buffer, (5,), chunk.stop, is_last=True) for chunk in chunks]
    close(runner.run(Batch(later)), torch.stack([expected(model, (*t, 5))[-1] for t in texts]))
