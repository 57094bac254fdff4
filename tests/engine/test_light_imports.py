"""Modules that pages and commands import must not import torch or OpenVINO: that takes seconds."""

import subprocess
import sys

import pytest
from django.conf import settings

LIGHT = [
    "wheel.decoders.decoder",
    "wheel.decoders.families",
    "wheel.domain.counting_model",
    "wheel.engine.batching_engine",
    "wheel.engine.counting_engine",
    "wheel.engine.naive_engine",
    "wheel.engine.request",
    "wheel.language_models.catalog",
    "wheel.language_models.loader",
    "wheel.language_models.model_files",
    "wheel.language_models.registry",
    "wheel.language_models.runner_names",
    "wheel.language_models.tokenizer",
    "wheel.local_engine",
    "wheel.remote_engine.service",
]
PROGRAM = """
import importlib, sys
for name in {names}:
    importlib.import_module(name)
print(sorted({{"torch", "openvino", "transformers"}} & set(sys.modules)))
"""


@pytest.mark.parametrize("names", [LIGHT], ids=["all"])
def test_no_light_module_imports_torch_openvino_or_transformers(names):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(names=names)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
