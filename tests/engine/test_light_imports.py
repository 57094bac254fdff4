"""Pages and commands start fast: only work with weights may import torch, which takes seconds."""

import subprocess
import sys

import pytest
from django.conf import settings

LIGHT = ["registry", "model_files", "library", "naive_engine", "request", "tokenizer"]
PROGRAM = """
import importlib, sys
for name in {names}:
    importlib.import_module("wheel.engine." + name)
print(sorted({{"torch", "transformers"}} & set(sys.modules)))
"""


@pytest.mark.parametrize("names", [LIGHT], ids=["all"])
def test_no_light_module_imports_torch_or_transformers(names):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(names=names)],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
