"""A class that joins, spins and follows the wall: a load test with Locust.

    python -m bench.class_load [--members 30 200] [--seconds 60]

For each number of members, starts a server with SmolLM2 and the default rate limits on a free port,
and lets that many members join within ten seconds, spin every three seconds and ask for the state
of their class, while the teacher's page polls the wall. Prints median and 95th percentile of each
kind of request. Exits with status 1 if a request has failed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings

from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error
from wheel.language_models.registry import SMOLLM2_135M

USERS_FILE = Path(__file__).with_name("class_users.py")
JOINING_S = 10.0
LOADING_S = 600.0  # for the model, in the process that prepares the class
GRACE_S = 60.0  # for Locust's own start and end


@dataclass(frozen=True, slots=True)
class ClassSetting:
    """cookie  of the teacher's login, as a browser sends it"""

    classroom_id: int
    code: str
    cookie: str


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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, nargs="+", default=[30, 200])
    parser.add_argument("--seconds", type=float, default=60.0, help="including the joining")
    arguments = parser.parse_args()
    num_failures = 0
    for num_members in arguments.members:
        with class_server() as (server, setting):
            figures = run_locust(server.port, setting, num_members, arguments.seconds)
        print(summary(num_members, arguments.seconds, figures), flush=True)
        num_failures += sum(each.num_failures for each in figures)
    sys.exit(1 if num_failures else 0)


@contextmanager
def class_server(*preparation: str) -> Iterator[tuple[ServerProcess, ClassSetting]]:
    """A server with a class; `preparation` are the arguments of `manage.py prepare_class`."""
    environment = {
        "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
        "WHEEL_DEFAULT_MODEL": SMOLLM2_135M.model_id,
        "LOG_LEVEL": "WARNING",
    }
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder) / "data", environment)
        server.prepare()
        command = [*server.manage, "prepare_class", *preparation]
        prepared = subprocess.run(  # noqa: S603
            command,
            cwd=settings.BASE_DIR,
            env=server.environment | {"WHEEL_REQUEST_TIMEOUT_S": str(LOADING_S)},
            check=True,
            stdout=subprocess.PIPE,
        )
        try:
            server.start()
            yield server, ClassSetting(**json.loads(prepared.stdout))
        finally:
            server.stop()


def run_locust(
    port: int, setting: ClassSetting, num_members: int, duration_s: float
) -> list[RequestFigures]:
    """Put the members and the wall on the server. Locust runs in a process of its own, since it
    replaces parts of the standard library."""
    command = [
        *(sys.executable, "-m", "locust", "--locustfile", str(USERS_FILE), "--headless"),
        *("--host", f"http://127.0.0.1:{port}", "--run-time", f"{duration_s:.0f}s"),
        *("--users", str(num_members + 1), "--spawn-rate", str(num_members / JOINING_S)),
        *("--json", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0"),
    ]
    environment = {
        "BENCH_CODE": setting.code,
        "BENCH_CLASSROOM_ID": str(setting.classroom_id),
        "BENCH_COOKIE": setting.cookie,
    }
    done = subprocess.run(  # noqa: S603
        command,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
        timeout=duration_s + GRACE_S,
    )
    return [RequestFigures.of(entry) for entry in json.loads(done.stdout)]


def summary(num_members: int, duration_s: float, figures: list[RequestFigures]) -> str:
    num_spins = sum(each.num_requests for each in figures if each.name == "spin")
    lines = [
        f"{num_members} members, {duration_s:.0f} s: {num_spins / duration_s:.1f} spins/s",
        f"{'':20}{'requests':>10}{'errors':>8}{'median':>10}{'95 %':>10}",
    ]
    lines += [
        f"{each.name:20}{each.num_requests:>10}{each.num_failures:>8}"
        f"{each.percentile_ms(50):>7.0f} ms{each.percentile_ms(95):>7.0f} ms"
        for each in sorted(figures, key=lambda each: each.name)
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
