"""Locust's users: the students of a school, and one client that floods its own session.

Run by `bench.school`, which describes the load in the environment. A student spins, waits for the
next wheel, and thinks. A request that the busy server refuses is sent again when it says.
"""

import os
import random
import time
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from locust import HttpUser, constant, task
from locust.clients import ResponseContextManager

from bench.students import random_prompt

THINK_S = float(os.environ["BENCH_THINK_S"])
NUM_WORDS = int(os.environ["BENCH_WORDS"])
FLOOD_AFTER_S = float(os.environ["BENCH_FLOOD_AFTER_S"])


def prompts() -> Iterator[str]:
    """The same in every run."""
    generator = random.Random(1)  # noqa: S311 - no secret
    while True:
        yield random_prompt(generator, NUM_WORDS)


PROMPTS = prompts()


class Student(HttpUser):
    wait_time = constant(THINK_S)

    def on_start(self) -> None:
        session_id = self.send("POST", "/api/sessions", "create a session", {})["session_id"]
        self.url = f"/api/sessions/{session_id}"
        self.send("POST", f"{self.url}/set-prompt", "set a prompt", {"prompt": next(PROMPTS)})
        self.send("GET", f"{self.url}/next-token-probs", "first wheel")

    @task
    def spin(self) -> None:
        self.send("POST", f"{self.url}/spin?history=none", "spin", {})
        self.send("GET", f"{self.url}/next-token-probs", "next wheel")

    def send(self, method: str, path: str, name: str, body: Any = None) -> Any:
        """The answer, after repetitions as long as the server says that it is busy: these are
        counted under a name of their own. Another status than 2xx is an error."""
        while True:
            with self.client.request(
                method, path, name=name, json=body, catch_response=True
            ) as response:
                if not is_busy(response):
                    return response.json() if response.ok else {}
                count_apart(response, f"{name}, busy")
            time.sleep(int(response.headers["Retry-After"]))


class Flooder(HttpUser):
    """Reads its session as fast as one connection can. 429 with Retry-After is no error."""

    fixed_count = 1
    wait_time = constant(0.0)

    def on_start(self) -> None:
        time.sleep(FLOOD_AFTER_S)
        created = self.client.post("/api/sessions", json={}, name="create a session")
        self.url = f"/api/sessions/{created.json()['session_id']}"

    @task
    def read(self) -> None:
        with self.client.get(self.url, name="flood", catch_response=True) as response:
            if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
                count_apart(response, "flood, refused")
                if "Retry-After" not in response.headers:
                    response.failure("429 without Retry-After")


def is_busy(response: ResponseContextManager) -> bool:
    is_refused = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    return is_refused and "Retry-After" in response.headers


def count_apart(response: ResponseContextManager, name: str) -> None:
    """Count the request as a success under another name."""
    response.request_meta = {**response.request_meta, "name": name}
    response.success()  # type: ignore[no-untyped-call]
