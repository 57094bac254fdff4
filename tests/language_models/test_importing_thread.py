"""Imports of torch and transformers while requests arrive, from the first moment on."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.checkpoints import write_hub_checkpoint

# Eight threads ask for tokenizer and logits, as requests do, while the models are being loaded.
PROGRAM = """
import json, sys, threading

importing = set()

def note(event, arguments):
    if event == "import" and arguments[0].partition(".")[0] in {"torch", "transformers"}:
        importing.add(threading.current_thread().name)

sys.addaudithook(note)
import django

django.setup()
from wheel import runtime

current = runtime.current()
answers = []

def ask(number):
    for model_id in ("gpt2", "gpt2-medium"):
        current.catalog.tokenizer(model_id).encode("The cat")
        for length in (1, 2, 40):
            future = current.engine.next_logits(model_id, tuple(range(number, number + length)))
            answers.append(len(future.result()))

threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
current.start()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
current.stop()
print(json.dumps({"answers": len(answers), "importing": sorted(importing)}))
"""


@pytest.mark.slow
def test_one_thread_alone_imports_torch_and_transformers(tmp_path):
    for repo_id in ("openai-community/gpt2", "openai-community/gpt2-medium"):
        write_hub_checkpoint(tmp_path, repo_id)
    environment = {
        "PATH": "",
        "DJANGO_SETTINGS_MODULE": "tokenwheel.settings",
        "TOKENWHEEL_DATA_DIR": str(tmp_path),
        "TRANSFORMERS_CACHE": str(tmp_path),
        "WHEEL_MODELS": "gpt2,gpt2-medium",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"answers": 48, "importing": ["model-loading"]}
