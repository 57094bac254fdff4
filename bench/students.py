"""Simulated students who spin over HTTP, as many and as fast as a scenario says."""

import contextlib
import http.client
import json
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

TOKENS_A_WORD = 1.3  # of English prose in GPT-2's tokens


@dataclass(frozen=True, slots=True)
class Scenario:
    """A class at work. `think_s` is how long a student looks at a result before the next click."""

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
    """What a class saw.

    spins_per_s    each spin is two requests: the spin itself, then the next wheel
    spin_s         seconds from a click until the next wheel is there, of every spin
    click_s        seconds from a click until its result is there
    num_unanswered requests still waiting when time was up; their waits so far are counted above
    """

    spins_per_s: float
    spin_s: list[float]
    click_s: list[float]
    num_unanswered: int


@dataclass(eq=False)
class Student:
    port: int
    prompt: str
    think_s: float
    first_click_s: float
    spin_s: list[float] = field(default_factory=list)
    click_s: list[float] = field(default_factory=list)
    num_requests: int = 0
    is_waiting: bool = False
    has_left: bool = False
    _clicked_at: float = 0.0
    _has_result: bool = False
    _url: str = ""

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def sit_down(self, *, look_at_wheel: bool) -> None:
        self._url = "/api/sessions/" + self._ask("POST", "/api/sessions", {})["session_id"]
        self._ask("POST", f"{self._url}/set-prompt", {"prompt": self.prompt})
        if look_at_wheel:
            self._look()
        self.num_requests = 0

    def click_until(self, stop_at: float) -> None:
        time.sleep(self.first_click_s)
        while time.perf_counter() < stop_at:
            try:
                self._spin(stop_at)
            except (OSError, http.client.HTTPException):
                if self.has_left:
                    return
                raise
            time.sleep(max(0.0, min(self.think_s, stop_at - time.perf_counter())))

    def _spin(self, stop_at: float) -> None:
        self._clicked_at, self._has_result, self.is_waiting = time.perf_counter(), False, True
        self._ask("POST", f"{self._url}/spin", {})
        self.click_s.append(time.perf_counter() - self._clicked_at)
        self._has_result = True
        self._look()
        self.spin_s.append(time.perf_counter() - self._clicked_at)
        self.is_waiting = False

    def leave(self, stopped_at: float) -> None:
        """Give up what has not been answered; that wait counts as it stands."""
        if self.is_waiting:
            self.spin_s.append(stopped_at - self._clicked_at)
            if not self._has_result:
                self.click_s.append(stopped_at - self._clicked_at)
        self.has_left = True
        with contextlib.suppress(OSError, AttributeError):  # not connected at the moment
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _look(self) -> None:
        self._ask("GET", f"{self._url}/next-token-probs")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json"}
        sent = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, path, sent, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):
            if self.has_left:
                raise
            self._connection.close()  # the server had closed what was idle for too long
            self._connection.request(method, path, sent, headers)
            response = self._connection.getresponse()
        answer = response.read()
        assert response.status in (200, 201), answer
        self.num_requests += 1
        return json.loads(answer)


def run(scenario: Scenario, port: int, duration_s: float, *, look_first: bool) -> Outcome:
    """Let a class work for so long. With `look_first`, all have seen their first wheel before."""
    generator = random.Random(scenario.name)  # noqa: S311 - texts of its own, the same in every run
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
    in_parallel(students, lambda student: student.sit_down(look_at_wheel=look_first))
    stop_at = time.perf_counter() + duration_s
    threads = start_threads(students, lambda student: student.click_until(stop_at))
    time.sleep(duration_s)
    unanswered = [student for student in students if student.is_waiting]
    for student in students:
        student.leave(stop_at)
    for thread in threads:
        thread.join()
    return Outcome(
        spins_per_s=sum(student.num_requests for student in students) / 2 / duration_s,
        spin_s=[seconds for student in students for seconds in student.spin_s],
        click_s=[seconds for student in students for seconds in student.click_s],
        num_unanswered=len(unanswered),
    )


def look_once(port: int) -> None:
    """Wait for the wheel of a text of one word."""
    Student(port, "a", think_s=0, first_click_s=0).sit_down(look_at_wheel=True)


def random_prompt(generator: random.Random, num_words: int) -> str:
    """Words of one letter, a token each, and of two letters, two each."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [
        "".join(generator.choices(letters, k=2 if generator.random() < TOKENS_A_WORD - 1 else 1))
        for _ in range(num_words)
    ]
    return " ".join(words)


def in_parallel(students: list[Student], work: Any) -> None:
    for thread in start_threads(students, work):
        thread.join()


def start_threads(students: list[Student], work: Any) -> list[threading.Thread]:
    threads = [threading.Thread(target=work, args=(student,), daemon=True) for student in students]
    for thread in threads:
        thread.start()
    return threads
