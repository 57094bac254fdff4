"""The measured times of one machine, from which the simulation computes all others."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

MEASURED = Path(__file__).with_name("service_times.json")


@dataclass(frozen=True, slots=True)
class RequestTimes:
    """One kind of request, with its logits in the engine's cache.

    cpu_s         CPU seconds of the web process
    store_cpu_s   CPU seconds of Redis
    num_commands  commands to Redis, of which each takes a hop
    """

    cpu_s: float
    store_cpu_s: float
    num_commands: float


@dataclass(frozen=True, slots=True)
class ClickTimes:
    """The two requests of one click: the spin, then the wheel of the next token."""

    spin: RequestTimes
    wheel: RequestTimes

    @property
    def cpu_s(self) -> float:
        return self.spin.cpu_s + self.wheel.cpu_s

    @property
    def store_cpu_s(self) -> float:
        return self.spin.store_cpu_s + self.wheel.store_cpu_s


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """processor       its name, with the number of cores
    measured_on     date; with a remark if the figures are preliminary
    engine_threads  threads of a forward pass, which need a core each
    pass_s          seconds of a decode step, by the number of sequences in its batch
    page, api       clicks on the wheel page, and of a client of the API
    hop_s           seconds to another process and back: proxy, Redis or engine
    transfer_s      seconds that the logits of one context take longer than a short answer
    """

    processor: str
    measured_on: str
    engine_threads: int
    pass_s: dict[int, float]
    page: ClickTimes
    api: ClickTimes
    hop_s: float
    transfer_s: float

    @classmethod
    def read(cls, path: Path = MEASURED) -> "ServiceTimes":
        entry = json.loads(path.read_text())
        entry["pass_s"] = {int(size): seconds for size, seconds in entry["pass_s"].items()}
        return cls(**entry | {kind: click_times(entry[kind]) for kind in ("page", "api")})

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @property
    def max_batch_size(self) -> int:
        return max(self.pass_s)

    def pass_times(self) -> list[float]:
        """Seconds of a forward pass for 1, 2, … `max_batch_size` sequences: the measured ones, and
        straight lines between them."""
        sizes = sorted(self.pass_s)
        all_sizes = np.arange(1, self.max_batch_size + 1)
        times: list[float] = np.interp(
            all_sizes, sizes, [self.pass_s[size] for size in sizes]
        ).tolist()
        return times

    def wheels_per_s(self) -> float:
        """Throughput of one saturated engine replica."""
        return self.max_batch_size / self.pass_s[self.max_batch_size]


def click_times(entry: dict[str, Any]) -> ClickTimes:
    return ClickTimes(RequestTimes(**entry["spin"]), RequestTimes(**entry["wheel"]))
