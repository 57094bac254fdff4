"""`make simulate-class`: 200 students behind one address for a minute, then a flood among them.

Everybody speaks HTTP to a server of its own with the limits of the README. Says what was seen, and
fails where a student met an error.
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
from typing import Any

import django

THINK_S = 3.0
FLOOD_S = 10.0


def main() -> None:
    arguments = parse()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - Django is set up now

    from bench.server import ServerProcess  # noqa: PLC0415
    from bench.students import Student, random_prompt  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        models = {"TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE)}
        server = ServerProcess(Path(folder) / "data", models)
        server.prepare()
        try:
            print(f"ready after {server.start():.1f} s")
            generator = random.Random(1)  # noqa: S311 - the same texts in every run
            students = [
                Student(
                    server.port,
                    random_prompt(generator, arguments.words),
                    THINK_S,
                    first_click_s=generator.uniform(0, THINK_S),
                )
                for _ in range(arguments.students)
            ]
            has_failed = attend(students, server.port, arguments.seconds)
        finally:
            server.stop()
    sys.exit(1 if has_failed else 0)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--words", type=int, default=10, help="of each student's own prompt")
    return parser.parse_args()


def attend(students: list[Any], port: int, seconds: float) -> bool:
    """Whether a student met an error."""
    errors: list[str] = []

    def work(student: Any, stop_at: float) -> None:
        try:
            student.click_until(stop_at)
        except (AssertionError, OSError, http.client.HTTPException) as error:
            errors.append(f"{type(error).__name__}: {error}"[:200])

    for student in students:
        student.sit_down(look_at_wheel=True)
    stop_at = time.perf_counter() + seconds + FLOOD_S
    threads = [threading.Thread(target=work, args=(student, stop_at)) for student in students]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    tell(f"{len(students)} students, {seconds:.0f} s", students, errors)
    num_errors = len(errors)
    flood(port)
    for thread in threads:
        thread.join()
    tell(f"the same with {FLOOD_S:.0f} s of flood", students, errors[num_errors:])
    return bool(errors)


def tell(name: str, students: list[Any], errors: list[str]) -> None:
    clicks = sorted(seconds for student in students for seconds in student.click_s)
    spins = [seconds for student in students for seconds in student.spin_s]
    requests = sum(student.num_requests for student in students)
    print(
        f"{name}: {len(spins)} spins, {requests} requests, {len(errors)} errors {errors[:3]}; "
        f"click to result: median {statistics.median(clicks) * 1000:.0f} ms, "
        f"95 % within {clicks[int(len(clicks) * 0.95)] * 1000:.0f} ms"
    )


def flood(port: int) -> None:
    """As fast as one client can, on a session of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/api/sessions", "{}", {"Content-Type": "application/json"})
    session_id = json.loads(connection.getresponse().read())["session_id"]
    statuses: Counter[int] = Counter()
    retry_after = set()
    stop_at = time.perf_counter() + FLOOD_S
    while time.perf_counter() < stop_at:
        connection.request("GET", f"/api/sessions/{session_id}")
        answer = connection.getresponse()
        answer.read()
        statuses[answer.status] += 1
        if answer.status == http.HTTPStatus.TOO_MANY_REQUESTS:
            retry_after.add(answer.headers["Retry-After"])
    print(f"a flood on one session: {dict(statuses)}, Retry-After {sorted(retry_after)} s")
    assert statuses[http.HTTPStatus.TOO_MANY_REQUESTS], "the flood met no limit"
    assert None not in retry_after


if __name__ == "__main__":
    main()
