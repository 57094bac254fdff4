"""Loading of weights from a folder. Importing this module imports torch, which takes seconds."""

from pathlib import Path
from typing import cast

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging as transformers_logging

from wheel.language_models.checksums import require_intact

transformers_logging.disable_progress_bar()


class IncompleteWeightsError(OSError):
    """The file lacks tensors of the model. transformers would give them random values."""


def load_weights(folder: Path) -> PreTrainedModel:
    """A causal language model in float32 on the CPU, from safetensors files only.

    Nothing is downloaded, and no code that comes with a model is ever run. Raises
    `DamagedFileError` if a file differs from its checksum, `IncompleteWeightsError`, and the
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
    if loaded["missing_keys"]:
        raise IncompleteWeightsError(
            f"{len(loaded['missing_keys'])} tensors are missing from the weights in {folder}"
        )
    return cast("PreTrainedModel", model.eval().requires_grad_(requires_grad=False))
