"""The engine's decode step beside those of other libraries, for the shape of GPT-2, in one run.

    python -m bench.peers

Measures the libraries that are installed: `ctranslate2_peer.py` and `llama_cpp_peer.py` say how to
add one. They decode greedily in loops of their own, with no server around them. All have the same
random weights and as many threads.
"""

import importlib.util
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import ctranslate2_peer, llama_cpp_peer
from bench.engine import EngineBenchmark
from bench.peer_steps import StepSeconds
from bench.random_models import random_model
from wheel.language_models.registry import GPT2

BATCH_SIZES = (1, 30)
NUM_ROUNDS = 5
PEERS = (ctranslate2_peer, llama_cpp_peer)
NOT_INSTALLED = "Neither CTranslate2 nor llama.cpp is installed, so the engine is not compared."


def main() -> None:
    for line in lines():
        print(line, flush=True)


def lines() -> Iterator[str]:
    """A table with a row for each batch size, as soon as it is measured."""
    installed = [peer for peer in PEERS if importlib.util.find_spec(peer.PACKAGE) is not None]
    if not installed:
        yield NOT_INSTALLED
        return
    with tempfile.TemporaryDirectory(prefix="tw-peers-") as folder:
        steps: dict[str, StepSeconds] = {}
        for peer in installed:
            own_folder = Path(folder) / peer.PACKAGE
            own_folder.mkdir()
            steps |= peer.steps(own_folder)
        ours = EngineBenchmark(random_model(GPT2.model_id))
        yield "decode step of GPT-2's shape, ms   " + "".join(f"{name:>22}" for name in steps)
        for size in BATCH_SIZES:
            yield row(size, measure(size, ours.batch_step_s, steps))
        ours.stop()


def measure(size: int, ours: StepSeconds, peers: dict[str, StepSeconds]) -> list[float]:
    """Medians of alternate measurements: ours, then each peer."""
    steps = [ours, *peers.values()]
    rounds = [[step_s(size) for step_s in steps] for _ in range(NUM_ROUNDS)]
    return [statistics.median(one) for one in zip(*rounds, strict=True)]


def row(size: int, seconds: list[float]) -> str:
    """A ratio above 1: ours is that many times as fast."""
    ours, *peers = (1000 * one for one in seconds)
    others = "".join(f"{f'{peer:.1f} ({peer / ours:.2f}x)':>22}" for peer in peers)
    return f"batch {size:<3} ours {ours:>8.1f}{'':>15}{others}"


if __name__ == "__main__":
    main()
