"""Loading of weights from a folder. Importing this module imports torch, which takes seconds."""

from collections.abc import Collection
from pathlib import Path
from typing import cast

import tokenizers
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging as transformers_logging

from wheel.language_models.checksums import require_intact

transformers_logging.disable_progress_bar()


class UnusableWeightsError(Exception):
    """The file can be read, but lacks tensors of the model, to which transformers would give random
    values, or holds NaN or infinities, or does not fit the tokenizer. The log shows the message."""


def load_weights(folder: Path) -> PreTrainedModel:
    """A causal language model in float32 on the CPU, from safetensors files only.

    Nothing is downloaded, and no code that comes with a model is ever run. Raises
    `DamagedFileError` if a file differs from its checksum, `UnusableWeightsError`, and the
    exceptions of the libraries that read the files.
    """
    require_intact(folder)
    model, loaded = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    if problem := find_problem(model, loaded["missing_keys"], num_tokens(folder)):
        raise UnusableWeightsError(f"the weights in {folder} {problem}")
    return cast("PreTrainedModel", model.eval().requires_grad_(requires_grad=False))


def find_problem(
    model: PreTrainedModel, missing_keys: Collection[str], vocabulary_size: int | None
) -> str | None:
    """The reason why a model cannot be used although its files could be read, or None."""
    num_outputs = model.get_output_embeddings().weight.shape[0]
    if missing_keys:
        return f"lack {len(missing_keys)} tensors"
    if not all(torch.isfinite(parameter.sum()) for parameter in model.parameters()):
        return "are not all finite numbers"
    if vocabulary_size not in (None, num_outputs):
        return f"have {num_outputs} outputs, and the tokenizer has {vocabulary_size} tokens"
    return None


def num_tokens(folder: Path) -> int | None:
    """The size of the tokenizer's vocabulary; None if it has only the older files."""
    path = folder / "tokenizer.json"
    if not path.is_file():
        return None
    return tokenizers.Tokenizer.from_file(str(path)).get_vocab_size()
