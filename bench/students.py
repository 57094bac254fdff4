"""Simulated students: HTTP clients that spin, in the number and at the pace of a scenario."""

import contextlib
import http.client
import json
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

TOKENS_PER_WORD = 1.3  # English prose in GPT-2's tokens


@dataclass(frozen=True, slots=True)
class Scenario:
    """The load of one class. `think_s` is the time between a result and the next click."""

    num_students: int
    num_words: int
    is_shared: bool = False
    think_s: float = 0.0

    @property
    def name(self) -> str:
        students = "1 student" if self.num_students == 1 else f"{self.num_students} students"
        prompt = "one prompt for all" if self.is_shared else "prompts of their own"
        pace = f"a click every {self.think_s:.0f} s" if self.think_s else "flat out"
        prompts = "" if self.num_students == 1 else f", {prompt}"
        return f"{students}, {self.num_words} words{prompts}, {pace}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The latencies that the clients of one class measured.

    spins_per_s     each spin is two requests: the spin itself, then the next wheel
    spin_s          seconds from each click to the response with the next wheel
    click_s         seconds from each click to the response with its result
    num_unanswered  requests in flight at the end; their waits so far are in the lists above
    """

    spins_per_s: float
    spin_s: list[float]
    click_s: list[float]
    num_unanswered: int


class UnexpectedStatusError(Exception):
    """The server answered with another status than 200, 201, or 503 with `Retry-After`."""


@dataclass(eq=False)
class Student:
    """One HTTP client with a session of its own. Latencies are in seconds.

    think_s        from the next wheel to the next click
    first_click_s  from the start of `spin_until` to the first click
    """

    port: int
    prompt: str
    think_s: float
    first_click_s: float
    spin_s: list[float] = field(default_factory=list)
    click_s: list[float] = field(default_factory=list)
    num_requests: int = 0
    num_refused: int = 0  # answers 503, after which the request was repeated
    is_waiting: bool = False
    is_disconnected: bool = False
    _clicked_at: float = 0.0
    _has_result: bool = False
    _url: str = ""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def start_session(self, *, fetch_wheel: bool) -> None:
        """Create a session and set its prompt. These requests are not counted."""
        self._url = "/api/sessions/" + self._request("POST", "/api/sessions", {})["session_id"]
        self._request("POST", f"{self._url}/set-prompt", {"prompt": self.prompt})
        if fetch_wheel:
            self._fetch_wheel()
        self.num_requests = 0

    def spin_until(self, stop_at: float) -> None:
        """Spin, wait for the next wheel, think, and so on; `stop_at` is a `time.perf_counter()`."""
        time.sleep(self.first_click_s)
        while time.perf_counter() < stop_at:
            try:
                self._spin()
            except (OSError, http.client.HTTPException):
                if self.is_disconnected:
                    return
                raise
            time.sleep(max(0.0, min(self.think_s, stop_at - time.perf_counter())))

    def _spin(self) -> None:
        self._clicked_at, self._has_result, self.is_waiting = time.perf_counter(), False, True
        self._request("POST", f"{self._url}/spin", {})
        self.click_s.append(time.perf_counter() - self._clicked_at)
        self._has_result = True
        self._fetch_wheel()
        self.spin_s.append(time.perf_counter() - self._clicked_at)
        self.is_waiting = False

    def disconnect(self, stopped_at: float) -> None:
        """Drop the request in flight; its wait so far counts as a latency."""
        if self.is_waiting:
            self.spin_s.append(stopped_at - self._clicked_at)
            if not self._has_result:
                self.click_s.append(stopped_at - self._clicked_at)
        self.is_disconnected = True
        with contextlib.suppress(OSError, AttributeError):  # no connection is open
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _fetch_wheel(self) -> None:
        self._request("GET", f"{self._url}/next-token-probs")

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer, after repetitions as long as the server says that it is busy."""
        sent = None if body is None else json.dumps(body)
        response, answer = self._send(method, path, sent)
        while is_busy(response) and not self.is_disconnected:
            self.num_refused += 1
            time.sleep(int(response.headers["Retry-After"]))
            response, answer = self._send(method, path, sent)
        if response.status not in (200, 201):
            raise UnexpectedStatusError(f"{response.status}: {answer.decode(errors='replace')}")
        self.num_requests += 1
        return json.loads(answer)

    def _send(
        self, method: str, path: str, body: str | None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        headers = {"Content-Type": "application/json"}
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):
            if self.is_disconnected:
                raise
            self._connection.close()  # the server had closed the idle connection
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        return response, response.read()


def is_busy(response: http.client.HTTPResponse) -> bool:
    is_refused = response.status == http.HTTPStatus.SERVICE_UNAVAILABLE
    return is_refused and "Retry-After" in response.headers


def run(scenario: Scenario, port: int, duration_s: float, *, fetch_wheel_first: bool) -> Outcome:
    """Put the scenario's load on the server for `duration_s`, after all sessions have started and,
    with `fetch_wheel_first`, have their first wheel."""
    generator = random.Random(scenario.name)  # noqa: S311 - the same prompts in every run
    shared = random_prompt(generator, scenario.num_words)
    students = [
        Student(
            port,
            shared if scenario.is_shared else random_prompt(generator, scenario.num_words),
            scenario.think_s,
            first_click_s=generator.uniform(0, scenario.think_s),
        )
        for _ in range(scenario.num_students)
    ]
    in_parallel(students, lambda student: student.start_session(fetch_wheel=fetch_wheel_first))
    stop_at = time.perf_counter() + duration_s
    threads = start_threads(students, lambda student: student.spin_until(stop_at))
    time.sleep(duration_s)
    unanswered = [student for student in students if student.is_waiting]
    for student in students:
        student.disconnect(stop_at)
    for thread in threads:
        thread.join()
    return Outcome(
        spins_per_s=sum(student.num_requests for student in students) / 2 / duration_s,
        spin_s=[seconds for student in students for seconds in student.spin_s],
        click_s=[seconds for student in students for seconds in student.click_s],
        num_unanswered=len(unanswered),
    )


def fetch_one_wheel(port: int) -> None:
    """Wait for the wheel of a prompt of one word."""
    Student(port, "a", think_s=0, first_click_s=0).start_session(fetch_wheel=True)


def random_prompt(generator: random.Random, num_words: int) -> str:
    """Words of one letter, one token each, and of two letters, two tokens each, in a proportion
    that gives `TOKENS_PER_WORD`."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [
        "".join(generator.choices(letters, k=2 if generator.random() < TOKENS_PER_WORD - 1 else 1))
        for _ in range(num_words)
    ]
    return " ".join(words)


def in_parallel(students: list[Student], work: Callable[[Student], None]) -> None:
    for thread in start_threads(students, work):
        thread.join()


def start_threads(
    students: list[Student], work: Callable[[Student], None]
) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=(student,), daemon=True) for student in students]
    for thread in threads:
        thread.start()
    return threads
