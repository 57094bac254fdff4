"""Small GPT-2 checkpoints with random weights, laid out like the hub client's cache."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

import tokenizers
import torch
from tokenizers import decoders, models, pre_tokenizers, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedModel,
)

from wheel.language_models.catalog import ModelCatalog

CORPUS = [
    "The cat sat on the mat and the dog sat on the log.",
    "The capital of France is Paris, and the capital of Italy is Rome.",
    "Once upon a time there was a small token on a large wheel.",
] * 4
VOCABULARY_SIZE = 400
CONTEXT_LENGTH = 64
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def train_tokenizer(corpus: Sequence[str] = CORPUS) -> tokenizers.Tokenizer:
    """A byte-level BPE tokenizer of the kind of GPT-2, with one control token."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY_SIZE,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def random_gpt2(
    vocabulary_size: int, *, seed: int = 0, context_length: int = CONTEXT_LENGTH
) -> GPT2LMHeadModel:
    """Random weights, large enough that some tokens are much likelier than others."""
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=vocabulary_size,
        n_positions=context_length,
        n_embd=32,
        n_layer=2,
        n_head=2,
        initializer_range=0.4,
        bos_token_id=0,
        eos_token_id=0,
    )
    return GPT2LMHeadModel(config).eval()


def write_hub_checkpoint(
    models_dir: Path, repo_id: str, *, seed: int = 0, context_length: int = CONTEXT_LENGTH
) -> Path:
    """Write a GPT-2 with the tokenizer that fits; returns the snapshot's folder."""
    tokenizer = train_tokenizer()
    model = random_gpt2(tokenizer.get_vocab_size(), seed=seed, context_length=context_length)
    return write_hub_model(models_dir, repo_id, model, tokenizer)


def write_hub_model(
    models_dir: Path,
    repo_id: str,
    model: PreTrainedModel,
    tokenizer: tokenizers.Tokenizer,
    *,
    max_shard_size: str = "5GB",
) -> Path:
    """Write `models--org--name/{blobs,refs,snapshots}`; returns the snapshot's folder."""
    repo_dir = models_dir / f"models--{repo_id.replace('/', '--')}"
    saved = repo_dir / "saved"
    model.save_pretrained(saved, max_shard_size=max_shard_size)
    tokenizer.save(str(saved / "tokenizer.json"))
    snapshot = repo_dir / "snapshots" / COMMIT
    for directory in (snapshot, repo_dir / "blobs", repo_dir / "refs"):
        directory.mkdir(parents=True)
    for file in saved.iterdir():
        blob = repo_dir / "blobs" / checksum(file)
        file.rename(blob)
        (snapshot / file.name).symlink_to(Path("../../blobs") / blob.name)
    (repo_dir / "refs" / "main").write_text(COMMIT)
    shutil.rmtree(saved)
    return snapshot


def checksum(file: Path) -> str:
    """The hub's name of a blob: SHA-256 for large files, git's SHA-1 for small ones."""
    content = file.read_bytes()
    if file.suffix == ".safetensors":
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def random_llama(vocabulary_size: int, *, seed: int = 0) -> LlamaForCausalLM:
    """The same for the Llama family: rotary positions, and heads that share keys and values."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocabulary_size,
        max_position_embeddings=CONTEXT_LENGTH,
        hidden_size=36,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=6,
        num_key_value_heads=2,
        initializer_range=0.3,
    )
    return LlamaForCausalLM(config).eval()


def plain_gpt2(catalog: ModelCatalog) -> PreTrainedModel:
    """The weights of a catalog's `gpt2` that `write_hub_checkpoint` has written."""
    size = catalog.tokenizer("gpt2").vocabulary_size
    return random_gpt2(size, context_length=catalog.context_length("gpt2"))
