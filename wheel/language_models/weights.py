"""Loading of weights from a folder. Importing this module imports torch, which takes seconds."""

from pathlib import Path
from typing import cast

import torch
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging as transformers_logging

transformers_logging.disable_progress_bar()


def load_weights(folder: Path) -> PreTrainedModel:
    """A causal language model in float32 on the CPU, from safetensors files only.

    Nothing is downloaded, and no code that comes with a model is ever run.
    """
    model = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        local_files_only=True,
        use_safetensors=True,
        trust_remote_code=False,
    )
    return cast("PreTrainedModel", model.eval().requires_grad_(requires_grad=False))
