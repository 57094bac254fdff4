"""Locust in a process of its own, since it replaces parts of the standard library."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GRACE_S = 60.0  # for Locust's own start and end


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """The requests of one kind. `times_ms`: how many took each number of milliseconds, which Locust
    rounds to two digits."""

    name: str
    num_requests: int
    num_failures: int
    times_ms: dict[float, int]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "RequestFigures":
        """An entry of Locust's JSON."""
        times_ms = {float(ms): num for ms, num in entry["response_times"].items()}
        return cls(entry["name"], entry["num_requests"], entry["num_failures"], times_ms)

    def percentile_ms(self, percent: float) -> float:
        """The smallest time that at least this share of the requests did not exceed."""
        num_within = 0
        for ms in sorted(self.times_ms):
            num_within += self.times_ms[ms]
            if num_within * 100 >= percent * self.num_requests:
                return ms
        return 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """What Locust puts on a server.

    users_file  with Locust's user classes; reads `environment`
    num_users   of all classes together
    joining_s   in which they start, one after the other
    """

    users_file: Path
    num_users: int
    joining_s: float
    duration_s: float
    environment: Mapping[str, str]

    def run(self, port: int) -> list[RequestFigures]:
        command = [
            *(sys.executable, "-m", "locust", "--locustfile", str(self.users_file), "--headless"),
            *("--host", f"http://127.0.0.1:{port}", "--run-time", f"{self.duration_s:.0f}s"),
            *("--users", str(self.num_users)),
            *("--spawn-rate", str(max(1.0, self.num_users / self.joining_s))),
            *("--json", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0"),
        ]
        done = subprocess.run(  # noqa: S603
            command,
            env=os.environ | self.environment,
            check=True,
            stdout=subprocess.PIPE,
            timeout=self.duration_s + GRACE_S,
        )
        return [RequestFigures.of(entry) for entry in json.loads(done.stdout)]


def table(figures: Iterable[RequestFigures]) -> list[str]:
    """Lines of text: requests, errors, median and 95th percentile of each kind of request."""
    return [
        f"{'':20}{'requests':>10}{'errors':>8}{'median':>10}{'95 %':>10}",
        *(
            f"{each.name:20}{each.num_requests:>10}{each.num_failures:>8}"
            f"{each.percentile_ms(50):>7.0f} ms{each.percentile_ms(95):>7.0f} ms"
            for each in sorted(figures, key=lambda each: each.name)
        ),
    ]
