"""Measures the service times of this machine for the simulation of growth.

    python -m bench.growth.measure [--output var/service_times.json] [--remark "other work ran"]

Needs SmolLM2's weights and `redis-server`. Decode steps are timed in this process. The CPU time of
the web side is that of a server with Redis as its store, for requests whose logits are in the
engine's cache, so that no forward pass counts. Run it on a machine without other work.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic, TypeVar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import redis
from django.conf import settings

from bench.growth.service_times import ClickTimes, RequestTimes, ServiceTimes
from bench.http_scenarios import NO_LIMITS
from bench.page_answers import WheelPage, cpu_seconds
from bench.server import ServerProcess, free_port
from tokenwheel.environment import exit_on_setting_error
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import SMOLLM2_135M

BATCH_SIZES = (1, 2, 4, 8, 16, 32)
NUM_TRIALS = 5  # of each batch size, each a median of several steps; other work only slows them
NUM_SESSIONS = 100
NUM_READS = 500
IDLE_S = 2.0
LOGIT_BYTES = 4
START_S = 30.0

Session = TypeVar("Session")


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as folder, running_redis(Path(folder)) as store:
        page, api = measure_clicks(Path(folder), store)
        hop_s = median_read_s(store, 1)
        logits_s = median_read_s(store, (SMOLLM2_135M.vocabulary_size or 0) * LOGIT_BYTES)
    num_threads, pass_s = measure_passes()
    times = ServiceTimes(
        processor=f"{processor_name()}, {os.cpu_count()} cores",
        measured_on=f"{datetime.now(UTC):%Y-%m-%d}{arguments.remark and f', {arguments.remark}'}",
        engine_threads=num_threads,
        pass_s=pass_s,
        page=page,
        api=api,
        hop_s=hop_s,
        transfer_s=logits_s - hop_s,
    )
    times.write(arguments.output)
    print(arguments.output.read_text())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, default=Path("var/service_times.json"))
    parser.add_argument("--remark", default="", help="on the state of the machine")
    return parser.parse_args()


def measure_passes() -> tuple[int, dict[int, float]]:
    """The number of threads, and the seconds of a decode step by batch size."""
    import torch  # noqa: PLC0415 - after the server, which shares the cores

    from bench.engine import EngineBenchmark  # noqa: PLC0415
    from bench.plain_models import load_plain  # noqa: PLC0415

    benchmark = EngineBenchmark(load_plain(locate_model(SMOLLM2_135M, models_dir())))
    pass_s = {
        size: min(benchmark.batch_step_s(size) for _ in range(NUM_TRIALS)) for size in BATCH_SIZES
    }
    benchmark.stop()
    return torch.get_num_threads(), pass_s


def measure_clicks(folder: Path, store: "redis.Redis") -> tuple[ClickTimes, ClickTimes]:
    """The clicks on the wheel page, and those of the API."""
    port = store.connection_pool.connection_kwargs["port"]
    environment = {
        "TRANSFORMERS_CACHE": str(models_dir()),
        "CACHE_URL": f"redis://127.0.0.1:{port}/0",
        "WHEEL_METRICS": "true",
        "WHEEL_LOOK_AHEAD": "false",
        **NO_LIMITS,
    }
    server = ServerProcess(folder / "data", environment)
    server.prepare()
    server.start()
    try:
        url = f"http://127.0.0.1:{server.port}"
        sessions = [WheelPage(url) for _ in range(NUM_SESSIONS)]  # one prompt, so one known context
        for session in sessions:
            session.load()
        meter = Meter(url, store, sessions)
        page = meter.click(lambda session: session.change("spin"), WheelPage.fetch_wheel)
        return page, meter.click(WheelPage.spin, WheelPage.fetch_probs)
    finally:
        server.stop()


class Meter(Generic[Session]):
    """Counts CPU seconds and commands of requests, one in each session."""

    def __init__(self, url: str, store: "redis.Redis", sessions: Sequence[Session]) -> None:
        self._url, self._store, self._sessions = url, store, sessions
        self._idle_load = self._measure_idle_load()

    def click(
        self, spin: Callable[[Session], object], fetch_wheel: Callable[[Session], object]
    ) -> ClickTimes:
        self._ask_all(fetch_wheel)  # so that the engine knows each context
        spin_times = self._times(spin)
        self._ask_all(fetch_wheel)
        return ClickTimes(spin_times, self._times(fetch_wheel))

    def _ask_all(self, ask: Callable[[Session], object]) -> None:
        for session in self._sessions:
            ask(session)

    def _times(self, ask: Callable[[Session], object]) -> RequestTimes:
        started, before = time.perf_counter(), self._figures()
        self._ask_all(ask)
        elapsed_s, after = time.perf_counter() - started, self._figures()
        cpu_s, store_cpu_s, num_commands = (
            (last - first) / len(self._sessions) for first, last in zip(before, after, strict=True)
        )
        idle_s = elapsed_s * self._idle_load / len(self._sessions)
        return RequestTimes(cpu_s, max(0.0, store_cpu_s - idle_s), num_commands)

    def _measure_idle_load(self) -> float:
        """The share of a core that Redis uses without commands."""
        _, before, _ = self._figures()
        time.sleep(IDLE_S)
        _, after, _ = self._figures()
        return (after - before) / IDLE_S

    def _figures(self) -> tuple[float, float, float]:
        """CPU seconds of the server and of Redis, and the number of commands."""
        info = self._store.info()
        store_cpu_s = info["used_cpu_user"] + info["used_cpu_sys"]
        return cpu_seconds(self._url), store_cpu_s, info["total_commands_processed"]


@contextmanager
def running_redis(folder: Path) -> "Iterator[redis.Redis]":
    """A client of a Redis server on a free port, which keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        raise FileNotFoundError("redis-server is not installed: apt-get install redis-server")
    port = free_port()
    options = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", "")
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        with redis.Redis(host="127.0.0.1", port=port) as client:
            wait_for(client)
            yield client
    finally:
        process.terminate()
        process.wait()


def wait_for(client: "redis.Redis") -> None:
    """Raises `redis.ConnectionError` if it does not answer within `START_S`."""
    stop_at = time.perf_counter() + START_S
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.perf_counter() > stop_at:
                raise
            time.sleep(0.02)
        else:
            return


def median_read_s(client: "redis.Redis", num_bytes: int) -> float:
    """Median seconds of reading a value, with the way there and back on this machine."""
    client.set("value", b"0" * num_bytes)
    times = []
    for _ in range(NUM_READS):
        started = time.perf_counter()
        client.get("value")
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def models_dir() -> Path:
    return Path(settings.TRANSFORMERS_CACHE)


def processor_name() -> str:
    """As Linux names it, "unknown processor" elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown processor")


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
