"""Models of GPT-2's shapes with random weights, for measurements: speed does not depend on the
values."""

import itertools
from pathlib import Path
from typing import cast

import tokenizers
import torch
from tokenizers import decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel
from transformers.initialization import no_init_weights

from wheel.language_models.registry import HubSource, ModelSpec

SHAPES = {
    "gpt2": GPT2Config(),
    "gpt2-medium": GPT2Config(n_embd=1024, n_layer=24, n_head=16),
}
LOGIT_SCALE = 6.0  # makes some tokens much likelier than others, as trained weights do
COMMIT = "0" * 40
END_OF_TEXT = "<|endoftext|>"


def random_model(model_id: str) -> PreTrainedModel:
    """`gpt2` or `gpt2-medium`, in float32."""
    generator = torch.Generator().manual_seed(0)
    with no_init_weights():
        model = GPT2LMHeadModel(SHAPES[model_id])
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            parameter.data.zero_()
        elif parameter.dim() == 1:
            parameter.data.fill_(1.0)
        else:
            parameter.data.normal_(std=0.02, generator=generator)
    model.transformer.ln_f.weight.data.mul_(LOGIT_SCALE)
    model.tie_weights()
    return cast("PreTrainedModel", model.eval().requires_grad_(requires_grad=False))


def write_checkpoint(models_dir: Path, spec: ModelSpec) -> None:
    """Write such a model with a tokenizer in the layout of the model hub's cache."""
    assert isinstance(spec.source, HubSource)
    assert spec.vocabulary_size is not None  # a built-in model
    repo_dir = models_dir / f"models--{spec.source.repo_id.replace('/', '--')}"
    snapshot = repo_dir / "snapshots" / COMMIT
    random_model(spec.model_id).save_pretrained(snapshot)
    pair_tokenizer(spec.vocabulary_size).save(str(snapshot / "tokenizer.json"))
    (repo_dir / "refs").mkdir(parents=True)
    (repo_dir / "refs" / "main").write_text(COMMIT)


def pair_tokenizer(vocabulary_size: int) -> tokenizers.Tokenizer:
    """A byte-level BPE tokenizer of this size: all bytes, and as many pairs of bytes as fit.

    With a space before it, a word of one letter is one token, and one of two or three is two.
    """
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet(), key=lambda byte: (byte != "Ġ", byte))
    num_pairs = vocabulary_size - len(alphabet) - 1
    merges = list(itertools.islice(itertools.product(alphabet, alphabet), num_pairs))
    texts = [END_OF_TEXT, *alphabet, *("".join(pair) for pair in merges)]
    tokenizer = tokenizers.Tokenizer(
        BPE(vocab={text: token_id for token_id, text in enumerate(texts)}, merges=merges)
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([END_OF_TEXT])
    return tokenizer
