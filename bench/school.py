"""Many students behind one address, and one client that floods its own session: with Locust.

    python -m bench.school [--students 200] [--seconds 60 | --minutes 10] [--words 10]

Starts a server with SmolLM2 and the default rate limits. The students join within ten seconds and
spin every three seconds; after the given time the flood begins, for ten seconds. Prints requests
and latencies, and the slope of the server's memory. Exits with status 1 if a request failed, or if
the flood met no limit.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings

from bench import memory
from bench.locust_run import Load, RequestFigures, table
from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error

USERS_FILE = Path(__file__).with_name("school_users.py")
THINK_S = 3.0
JOINING_S = 10.0
FLOOD_S = 10.0
SESSION_LIMIT = 200  # requests in ten seconds


def main() -> None:
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
            "WHEEL_METRICS": "true",
        }
        server = ServerProcess(Path(folder) / "data", environment)
        server.prepare()
        try:
            print(f"ready after {server.start():.1f} s")
            school = load(arguments.students, arguments.words, arguments.seconds)
            with memory.sampled_memory(lambda: memory.read_memory(server.port)) as samples:
                figures = school.run(server.port)
        finally:
            server.stop()
    print(
        f"{arguments.students} students, {school.duration_s:.0f} s, {FLOOD_S:.0f} s of it a flood"
    )
    print("\n".join(table(figures)))
    print(memory.summary(samples, arguments.seconds))
    problem = problem_in(figures)
    if problem:
        print(problem)
        sys.exit(1)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=200)
    duration = parser.add_mutually_exclusive_group()
    duration.add_argument("--seconds", type=float, default=60.0, help="before the flood")
    duration.add_argument(
        "--minutes",
        type=lambda text: float(text) * 60,
        dest="seconds",
        metavar="MINUTES",
        help="the same in minutes; ten show the slope of the memory",
    )
    parser.add_argument("--words", type=int, default=10, help="in each student's own prompt")
    return parser.parse_args()


def load(
    num_students: int,
    num_words: int,
    duration_s: float,
    *,
    flood_s: float = FLOOD_S,
    think_s: float = THINK_S,
) -> Load:
    """`duration_s`: before the flood, including the joining."""
    environment = {
        "BENCH_THINK_S": str(think_s),
        "BENCH_WORDS": str(num_words),
        "BENCH_FLOOD_AFTER_S": str(duration_s),
    }
    joining_s = min(JOINING_S, duration_s / 4)
    return Load(USERS_FILE, num_students + 1, joining_s, duration_s + flood_s, environment)


def problem_in(figures: Sequence[RequestFigures]) -> str | None:
    """A server that is busy may answer too slowly for a client to reach its limit."""
    failed = [f"{each.name}: {each.num_failures}" for each in figures if each.num_failures]
    if failed:
        return f"failed requests: {', '.join(failed)}"
    num_read = sum(each.num_requests for each in figures if each.name == "flood")
    is_limited = any(each.name == "flood, refused" for each in figures)
    if num_read > SESSION_LIMIT and not is_limited:
        return f"the flood met no limit in {num_read} requests"
    return None


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
