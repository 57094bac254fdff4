"""The waits of thirty students who paste texts at the same moment, with the real SmolLM2.

    python -m bench.pasted_texts [--rounds 3]

Prints median and longest wait for texts of one length, texts of all lengths, and texts with a
common beginning. With `PYTHONPATH` set to another checkout, `python <this file>` measures that one.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import as_completed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import numpy as np
from django.conf import settings

from tokenwheel.environment import exit_on_setting_error
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import SMOLLM2_135M, find_specs

MODEL_ID = SMOLLM2_135M.model_id
NUM_STUDENTS = 30
LENGTH = 330  # tokens of about 250 words
HANGING_S = 300.0

Text = tuple[int, ...]
numbers = np.random.default_rng(5)


def one_length() -> list[Text]:
    return [words(LENGTH) for _ in range(NUM_STUDENTS)]


def all_lengths() -> list[Text]:
    """From 10 tokens to `LENGTH`, in no order."""
    step = (LENGTH - 10) / (NUM_STUDENTS - 1)
    texts = [words(round(10 + idx * step)) for idx in range(NUM_STUDENTS)]
    numbers.shuffle(texts)
    return texts


def common_beginning() -> list[Text]:
    beginning = words(LENGTH - 30)
    return [(*beginning, *words(30)) for _ in range(NUM_STUDENTS)]


def words(num_tokens: int) -> Text:
    return tuple(numbers.integers(1000, 40_000, num_tokens).tolist())


MIXES: dict[str, Callable[[], list[Text]]] = {
    "one length": one_length,
    "all lengths": all_lengths,
    "a common beginning": common_beginning,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    engine = new_engine()
    waits(engine, [words(64)])  # the first pass prepares buffers
    for name, make_texts in MIXES.items():
        rounds = [waits(engine, make_texts()) for _ in range(arguments.rounds)]
        middle = statistics.median(statistics.median(one) for one in rounds)
        longest = statistics.median(one[-1] for one in rounds)
        print(f"{name:20} median {middle:6.2f} s, longest {longest:6.2f} s", flush=True)
    engine.stop()


def new_engine() -> BatchingEngine:
    catalog = ModelCatalog(find_specs([MODEL_ID]), settings.TRANSFORMERS_CACHE)
    engine = BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(64 * 1024 * 1024),
        prefix_cache=PrefixCache(512 * 1024 * 1024),
    )
    engine.start()
    return engine


def waits(engine: BatchingEngine, texts: list[Text]) -> list[float]:
    """Seconds from the moment when all are asked for, the shortest first."""
    started = time.perf_counter()
    futures = [engine.next_logits(MODEL_ID, text) for text in texts]
    done = as_completed(futures, timeout=HANGING_S)
    return [time.perf_counter() - started for _ in done]


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
