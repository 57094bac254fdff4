"""The remote engine beside an engine in the process, in one run: `python -m bench.hop`.

    python -m bench.hop [--requests 300] [--seconds 20]

Needs requirements-ray.txt. Starts Ray Serve on this machine with SmolLM2, with one replica and
then with two, and asks each engine alternately: for contexts that are in the logits cache, which
shows the hop alone, and for new ones, as a spin does. Then 30 clients ask each for as many new
contexts as they can. Prints medians, 95th percentiles and throughput.
"""

import argparse
import itertools
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import requests
from django.conf import settings

from bench.server import free_port
from tokenwheel.environment import exit_on_setting_error
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import Engine
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import SMOLLM2_135M, find_specs
from wheel.remote_engine import protocol
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import Vocabulary
from wheel.remote_engine.remote_engine import RemoteEngine

MODEL_ID = SMOLLM2_135M.model_id
PROMPT = tuple(range(1000, 1060))
NUM_CLIENTS = 30
HANGING_S = 300.0
CONFIG = """
http_options: {{host: 127.0.0.1, keep_alive_timeout_s: 90}}
applications:
  - name: {model_id}
    args: {{model_id: {model_id}, min_replicas: {num}, max_replicas: {num}, look_ahead_children: 0}}
"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each throughput")
    arguments = parser.parse_args()
    catalog = ModelCatalog(find_specs([MODEL_ID]), settings.TRANSFORMERS_CACHE)
    tokenizer = catalog.tokenizer(MODEL_ID)
    vocabulary = Vocabulary(tokenizer.vocabulary_size, tokenizer.digest)
    local = local_engine(catalog)
    print(f"in the process: {throughput(local, arguments.seconds):.1f} contexts/s of 30 clients")
    for num_replicas in (1, 2):
        with remote_engine(num_replicas, vocabulary) as remote:
            if num_replicas == 1:
                print(latencies(local, remote, arguments.requests))
            figure = throughput(remote, arguments.seconds)
            print(f"{num_replicas} on Ray Serve: {figure:.1f} contexts/s of 30 clients", flush=True)
    local.stop()


def local_engine(catalog: ModelCatalog) -> Engine:
    return BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(256 * 1024 * 1024),
        prefix_cache=PrefixCache(1024 * 1024 * 1024),
    )


@contextmanager
def remote_engine(num_replicas: int, vocabulary: Vocabulary) -> Iterator[Engine]:
    port, token = free_port(), secrets.token_hex(32)
    environment = os.environ | {
        "WHEEL_ENGINE_TOKEN": token,
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
    }
    with tempfile.TemporaryDirectory(prefix="tw-hop-") as folder:
        config = Path(folder) / "serve.yaml"
        config.write_text(CONFIG.format(model_id=MODEL_ID, num=num_replicas))
        command = ["-m", "cluster.head", "--config", str(config), "--port", str(port)]
        log_path = Path(folder) / "service.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, *command, "--num-cpus", "2"],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        engine = RemoteEngine(
            lambda: EngineClient(f"http://127.0.0.1:{port}", token, max_connections=64),
            [MODEL_ID],
            lambda _: vocabulary,
        )
        try:
            wait_for_service(process, port, token, log_path)
            yield engine
        finally:
            engine.stop()
            process.send_signal(signal.SIGTERM)
            process.wait(HANGING_S)


def wait_for_service(
    process: subprocess.Popen[bytes], port: int, token: str, log_path: Path
) -> None:
    url = f"http://127.0.0.1:{port}{protocol.PREFIX}/{MODEL_ID}/{protocol.STATUS}"
    give_up_at = time.monotonic() + HANGING_S
    while True:
        try:
            response = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=5)
            if response.ok:
                return
        except requests.RequestException:
            pass
        if process.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"the engine service has not started: {log_path.read_text()}")
        time.sleep(0.5)


def latencies(local: Engine, remote: Engine, num_requests: int) -> str:
    """A table. The two engines take turns, so that a disturbance meets both."""
    engines = {"in the process": local, "on Ray Serve": remote}
    lines = [f"{'':32}{'median':>10}{'95 %':>10}"]
    for kind, contexts in (("cached", repeat(PROMPT)), ("new token", one_more(PROMPT))):
        times: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(num_requests):
            token_ids = next(contexts)
            for name, engine in engines.items():
                times[name].append(seconds_of(engine, token_ids))
        for name, measured in times.items():
            median = statistics.median(measured) * 1000
            p95 = statistics.quantiles(measured, n=20)[-1] * 1000
            lines.append(f"{kind + ', ' + name:32}{median:>7.1f} ms{p95:>7.1f} ms")
    return "\n".join(lines)


def repeat(token_ids: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return itertools.repeat(token_ids)


def one_more(token_ids: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The context with another last token each time: one decode step, its prefix is cached."""
    return ((*token_ids, number) for number in itertools.count(2000))


def seconds_of(engine: Engine, token_ids: tuple[int, ...]) -> float:
    started = time.perf_counter()
    engine.next_logits(MODEL_ID, token_ids, affinity_key="one").result(HANGING_S)
    return time.perf_counter() - started


def throughput(engine: Engine, duration_s: float) -> float:
    """New contexts a second of 30 clients, each with a text of its own that grows by a token."""
    counts = [0] * NUM_CLIENTS
    is_over = threading.Event()

    def spin(client: int) -> None:
        for token_ids in growing(client):
            if is_over.is_set():
                return
            engine.next_logits(MODEL_ID, token_ids, affinity_key=f"client {client}").result()
            counts[client] += 1

    run_clients(spin, duration_s, is_over)
    return sum(counts) / duration_s


def growing(client: int) -> Iterator[tuple[int, ...]]:
    token_ids = (*PROMPT, 3000 + client)
    for number in itertools.count():
        yield token_ids
        token_ids = (*token_ids, 4000 + (number * 7 + client) % 1000)


def run_clients(work: Callable[[int], None], duration_s: float, is_over: threading.Event) -> None:
    threads = [threading.Thread(target=work, args=(client,)) for client in range(NUM_CLIENTS)]
    for thread in threads:
        thread.start()
    time.sleep(duration_s)
    is_over.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
