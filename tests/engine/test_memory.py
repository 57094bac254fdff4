"""Memory of the batching engine under a class's load, measured in a process of its own."""

import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

NUM_SESSIONS = 200
NUM_TOKENS = 200
PREFIX_CACHE_MB = 100
LOGITS_CACHE_MB = 40
ALLOWANCE_MB = 300

CLASS = f"""
import os
import numpy as np
from transformers import GPT2Config, GPT2LMHeadModel
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from bench.plain_models import runner_of
from wheel.engine.prefix_cache import PrefixCache

MB = 1024 * 1024

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MB

# A small feed-forward part, which has no share in the keys and values, saves half of the time.
config = GPT2Config(n_embd=256, n_head=4, n_layer=12, n_inner=64)
model = GPT2LMHeadModel(config).eval().requires_grad_(False)
runner = runner_of(model)
engine = BatchingEngine(
    lambda _: runner,
    logits_cache=LogitsCache({LOGITS_CACHE_MB} * MB),
    prefix_cache=PrefixCache({PREFIX_CACHE_MB} * MB),
    look_ahead=LookAhead(num_children=2),
)
random = np.random.default_rng(0)
engine.next_logits("m", tuple(range(100))).result()
with_weights = resident_mb()
peak = with_weights
texts = [tuple(random.integers(50257, size={NUM_TOKENS}).tolist()) for _ in range({NUM_SESSIONS})]
for start in range(0, len(texts), 20):
    futures = [engine.next_logits("m", text) for text in texts[start : start + 20]]
    for future in futures:
        future.result()
    peak = max(peak, resident_mb())
for text in texts[::4]:
    engine.next_logits("m", (*text, 1)).result()
    peak = max(peak, resident_mb())
engine.stop()
engine.check_integrity()
print(peak - with_weights)
"""


def test_two_hundred_sessions_of_two_hundred_tokens_stay_within_the_budgets():
    """Kept whole, their keys and values alone would take nearly 1,000 MB."""
    command = [sys.executable, "-c", CLASS]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, check=True, capture_output=True, text=True, timeout=240
    )
    grown_by = float(done.stdout)
    assert grown_by < PREFIX_CACHE_MB + LOGITS_CACHE_MB + ALLOWANCE_MB
