"""The bounds of a large class: 200 members with 100 tokens each, on the embedded database.

    python -m bench.class_bounds [--members 200] [--tokens 100]

Starts a server with SmolLM2, and measures the wall's answer, the answer 304 of an unchanged wall,
and the common spin: first with the engine's caches empty, as after a restart, then once more. Exits
with status 1 if a bound is exceeded.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import requests

from bench.class_load import ClassSetting, class_server
from tokenwheel.environment import exit_on_setting_error

NUM_ANSWERS = 20
WALL_BOUND_S = 0.3
UNCHANGED_BOUND_S = 0.02
COMMON_SPIN_BOUND_S = 8.0
HANGING_S = 300.0


class TeachersPage:
    """The wall of a class, in a browser with a login."""

    def __init__(self, port: int, setting: ClassSetting) -> None:
        self._url = f"http://127.0.0.1:{port}/classrooms/{setting.classroom_id}"
        self._browser = requests.Session()
        name, _, value = setting.cookie.partition("=")
        self._browser.cookies.set(name, value)
        self.etag = ""
        self.minute = 0  # when the wall of the ETag was asked for, in minutes of Unix time

    def close(self) -> None:
        self._browser.close()

    def load(self) -> None:
        self._get(200)

    def poll_s(self) -> float:
        """Seconds of an answer for the unchanged wall. The wall shows the minute: if another one
        has begun, the wall is loaded and asked for again."""
        while True:
            try:
                return seconds_of(self.poll)
            except UnexpectedAnswerError:
                if this_minute() == self.minute:
                    raise
                self.load()

    def poll(self) -> None:
        """Ask for the wall again, unchanged."""
        self._get(304, {"HX-Request": "true", "If-None-Match": self.etag})

    def spin_everyone(self, round_number: int) -> None:
        """The form of the wall."""
        form = {"round": round_number, "csrfmiddlewaretoken": self._browser.cookies["csrftoken"]}
        response = self._browser.post(
            f"{self._url}/spin", form, timeout=HANGING_S, allow_redirects=False
        )
        require_status(response, 302)

    def _get(self, status: int, headers: dict[str, str] | None = None) -> None:
        minute = this_minute()
        response = self._browser.get(f"{self._url}/wall", headers=headers, timeout=HANGING_S)
        require_status(response, status)
        self.etag, self.minute = response.headers["ETag"], minute


class UnexpectedAnswerError(Exception):
    """The server answered with another status than the one that is measured."""


def require_status(response: requests.Response, status: int) -> None:
    if response.status_code != status:
        raise UnexpectedAnswerError(f"{response.status_code}, not {status}: {response.text[:500]}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--tokens", type=int, default=100)
    arguments = parser.parse_args()
    preparation = ("--members", str(arguments.members), "--tokens", str(arguments.tokens))
    with class_server(*preparation) as (server, setting):
        page = TeachersPage(server.port, setting)
        with closing(page):
            results = measure(page)
    print(f"{arguments.members} members with {arguments.tokens} tokens each")
    for name, seconds, bound_s in results:
        print(f"{name:42}{seconds * 1000:>9.0f} ms, at most {bound_s * 1000:.0f} ms")
    sys.exit(1 if any(seconds > bound_s for _, seconds, bound_s in results) else 0)


def measure(page: TeachersPage) -> list[tuple[str, float, float]]:
    """Each figure with its name and its bound, in seconds."""
    first_s = seconds_of(page.load)
    walls = [seconds_of(page.load) for _ in range(NUM_ANSWERS)]
    polls = [page.poll_s() for _ in range(NUM_ANSWERS)]
    spins = [seconds_of(partial(page.spin_everyone, number)) for number in (1, 2)]
    after_s = seconds_of(page.load)
    return [
        ("the wall, for the first time", first_s, WALL_BOUND_S),
        ("the wall, median", statistics.median(walls), WALL_BOUND_S),
        ("the wall after a common spin", after_s, WALL_BOUND_S),
        ("the unchanged wall, 304, median", statistics.median(polls), UNCHANGED_BOUND_S),
        ("the common spin, caches empty", spins[0], COMMON_SPIN_BOUND_S),
        ("the common spin, again", spins[1], COMMON_SPIN_BOUND_S),
    ]


def this_minute() -> int:
    return int(time.time() // 60)


def seconds_of(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
