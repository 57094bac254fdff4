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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings

from bench.locust_run import Load, RequestFigures, table
from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error
from wheel.language_models.registry import SMOLLM2_135M

USERS_FILE = Path(__file__).with_name("class_users.py")
JOINING_S = 10.0
LOADING_S = 600.0  # for the model, in the process that prepares the class


@dataclass(frozen=True, slots=True)
class ClassSetting:
    """cookie  of the teacher's login, as a browser sends it"""

    classroom_id: int
    code: str
    cookie: str


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
            figures = load(setting, num_members, arguments.seconds).run(server.port)
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


def load(setting: ClassSetting, num_members: int, duration_s: float) -> Load:
    """The members and the wall."""
    environment = {
        "BENCH_CODE": setting.code,
        "BENCH_CLASSROOM_ID": str(setting.classroom_id),
        "BENCH_COOKIE": setting.cookie,
    }
    return Load(USERS_FILE, num_members + 1, JOINING_S, duration_s, environment)


def summary(num_members: int, duration_s: float, figures: list[RequestFigures]) -> str:
    num_spins = sum(each.num_requests for each in figures if each.name == "spin")
    title = f"{num_members} members, {duration_s:.0f} s: {num_spins / duration_s:.1f} spins/s"
    return "\n".join([title, *table(figures)])


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
