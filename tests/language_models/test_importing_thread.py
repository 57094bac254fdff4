"""Imports of torch, each time in a new process: by one thread while requests arrive from the first
moment on, and again after a failure. A process that serves never imports transformers: not for its
pages and API, not for a model whose tokenizer is in the older files, not for a forward pass."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.checkpoints import train_tokenizer, write_hub_checkpoint
from tests.thorough import variants
from tests.waiting import HANGING_S

# Eight threads ask for tokenizer and logits, as requests do, while the models are being loaded.
PROGRAM = """
import json, sys, threading

importing = set()

def note(event, arguments):
    package = arguments[0].partition(".")[0] if event == "import" else ""
    if package in {"torch", "transformers"}:
        importing.add((package, threading.current_thread().name))

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
import tokenwheel.urls  # and with it all views
for thread in threads:
    thread.join()
current.stop()
print(json.dumps({"answers": len(answers), "importing": sorted(importing)}))
"""


# Too few file descriptors, first to import torch, then to read the model's files.
PROGRAM_WITH_FEW_DESCRIPTORS = """
import json, os, resource, time
import django

django.setup()
from wheel import runtime
from wheel.errors import ModelUnavailableError

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
catalog = runtime.current().catalog
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 4, hard))
runtime.current().start()
while (failed := catalog.statuses()[0]).detail is None:
    time.sleep(0.01)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
while not (loaded := catalog.statuses()[0]).is_loaded:
    time.sleep(0.01)
answer = runtime.current().engine.next_logits("gpt2", (1, 2)).result()
runtime.current().stop()
print(json.dumps([failed.detail, loaded.detail, len(answer) > 0]))
"""


def use_older_files(snapshot):
    """Replace `tokenizer.json` by `vocab.json` and `merges.txt`."""
    train_tokenizer().model.save(str(snapshot))
    (snapshot / "tokenizer.json").unlink()


def run_program(program, models_dir, engine="batching"):
    write_hub_checkpoint(models_dir, "openai-community/gpt2")
    use_older_files(write_hub_checkpoint(models_dir, "openai-community/gpt2-medium"))
    environment = {
        "PATH": "",
        "DJANGO_SETTINGS_MODULE": "tokenwheel.settings",
        "TOKENWHEEL_DATA_DIR": str(models_dir),
        "TRANSFORMERS_CACHE": str(models_dir),
        "WHEEL_MODELS": "gpt2,gpt2-medium",
        "WHEEL_ENGINE": engine,
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGING_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("engine", variants(["batching"], ["naive"]))
def test_one_thread_alone_imports_torch_and_none_transformers(tmp_path, engine):
    answers = run_program(PROGRAM, tmp_path, engine)
    assert answers == {"answers": 48, "importing": [["torch", "model-loading"]]}


@pytest.mark.slow
def test_a_model_is_loaded_once_there_are_file_descriptors_again(tmp_path):
    failed, loaded, is_answered = run_program(PROGRAM_WITH_FEW_DESCRIPTORS, tmp_path)
    assert "could not be loaded (OSError)" in failed
    assert (loaded, is_answered) == (None, True)
