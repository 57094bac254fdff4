"""Many students behind one address, then one client that floods its own session.

    python -m bench.school [--students 200] [--seconds 60 | --minutes 10] [--words 10]

Starts a server with SmolLM2 and the default rate limits. Prints latencies and the slope of the
server's memory, and exits with status 1 if a student received an error.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings

from bench import memory
from bench.server import ServerProcess
from bench.students import Student, UnexpectedStatusError, random_prompt
from tokenwheel.environment import exit_on_setting_error

THINK_S = 3.0
FLOOD_S = 10.0
SESSION_LIMIT = 200  # requests in ten seconds


class LimitNotEnforcedError(Exception):
    """The server answered a flood without a 429, or with a 429 without Retry-After."""


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
            students = new_students(arguments.students, arguments.words, server.port)
            with memory.sampled_memory(lambda: memory.read_memory(server.port)) as samples:
                try:
                    num_errors = simulate(students, server.port, arguments.seconds)
                finally:
                    print(memory.summary(samples, arguments.seconds))
        finally:
            server.stop()
    sys.exit(1 if num_errors else 0)


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


def new_students(num_students: int, num_words: int, port: int) -> list[Student]:
    generator = random.Random(1)  # noqa: S311 - the same prompts in every run
    return [
        Student(
            port,
            random_prompt(generator, num_words),
            THINK_S,
            first_click_s=generator.uniform(0, THINK_S),
        )
        for _ in range(num_students)
    ]


def simulate(
    students: list[Student], port: int, duration_s: float, flood_s: float = FLOOD_S
) -> int:
    """Let the students spin for `duration_s`, and on while another client floods the server for
    `flood_s`. Returns the number of students who received an error."""
    errors: list[str] = []

    def spin_until(student: Student, stop_at: float) -> None:
        try:
            student.spin_until(stop_at)
        except (UnexpectedStatusError, OSError, http.client.HTTPException) as error:
            errors.append(f"{type(error).__name__}: {error}"[:200])

    for student in students:
        student.start_session(fetch_wheel=True)
    stop_at = time.perf_counter() + duration_s + flood_s
    threads = [threading.Thread(target=spin_until, args=(student, stop_at)) for student in students]
    for thread in threads:
        thread.start()
    time.sleep(duration_s)
    print(summary(f"{len(students)} students, {duration_s:.0f} s", students, errors))
    num_errors = len(errors)
    flood(port, flood_s)
    for thread in threads:
        thread.join()
    print(summary(f"the same with {flood_s:.0f} s of flood", students, errors[num_errors:]))
    for student in students:
        student.disconnect(stop_at)
    return len(errors)


def summary(title: str, students: list[Student], errors: list[str]) -> str:
    clicks = sorted(seconds for student in students for seconds in student.click_s)
    spins = [seconds for student in students for seconds in student.spin_s]
    num_requests = sum(student.num_requests for student in students)
    num_refused = sum(student.num_refused for student in students)
    return (
        f"{title}: {len(spins)} spins, {num_requests} requests, "
        f"{num_refused} repeated after 503, {len(errors)} errors {errors[:3]}; "
        f"click to result: median {statistics.median(clicks) * 1000:.0f} ms, "
        f"95 % within {clicks[int(len(clicks) * 0.95)] * 1000:.0f} ms"
    )


def flood(port: int, duration_s: float, limit: int = SESSION_LIMIT) -> None:
    """Read one session as fast as one connection can, for `duration_s`.

    Raises LimitNotEnforcedError unless the requests above `limit` are refused with 429, all with
    Retry-After. A server that is busy may answer too slowly for the limit to be reached.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/sessions", "{}", {"Content-Type": "application/json"})
    session_id = json.loads(connection.getresponse().read())["session_id"]
    statuses: Counter[int] = Counter()
    retry_after = set()
    stop_at = time.perf_counter() + duration_s
    while time.perf_counter() < stop_at:
        connection.request("GET", f"/api/sessions/{session_id}")
        response = connection.getresponse()
        response.read()
        statuses[response.status] += 1
        if response.status == http.HTTPStatus.TOO_MANY_REQUESTS:
            retry_after.add(response.headers["Retry-After"])
    print(
        f"a flood on one session: {dict(statuses)}, Retry-After {sorted(map(str, retry_after))} s"
    )
    is_limited = statuses[http.HTTPStatus.TOO_MANY_REQUESTS] > 0
    if (statuses.total() > limit and not is_limited) or None in retry_after:
        raise LimitNotEnforcedError


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
