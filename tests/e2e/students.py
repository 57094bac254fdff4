"""Students who repeat each spin until it is answered, and who remember every answer.

A student who sends `rev` can repeat a spin safely: if the answer to the first attempt was lost, the
repetition gets 409 with the current state.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import requests

from tests.e2e.server import Server
from tests.waiting import HANGING_S, wait_until

NUM_STUDENTS = 30
PROMPT = "The cat sat on the"
PAUSE_S = 0.1  # between two spins, and before a spin is repeated
ENDING_S = 60.0  # for the spins in progress when a class ends
REPEATED_STATUSES = {429, 503}


@dataclass
class PersistentStudent:
    """One session. `token_ids` are the acknowledged tokens; `answers` counts what attempts came to:
    a status, or the name of an exception."""

    url: str
    seed: int
    token_ids: list[int] = field(default_factory=list)
    answers: Counter[int | str] = field(default_factory=Counter)
    rev: int = 0
    _path: str = ""

    def __post_init__(self) -> None:
        self._http = requests.Session()
        self._http.trust_env = False

    def start(self) -> None:
        created = self._http.post(f"{self.url}/api/sessions", json={"seed": self.seed})
        self._path = f"/api/sessions/{created.json()['session_id']}"
        answer = self._http.post(f"{self.url}{self._path}/set-prompt", json={"prompt": PROMPT})
        self.rev = answer.json()["rev"]

    def spin_until(self, is_over: Event) -> None:
        """Spin until `is_over`, and bring the last spin to its end."""
        time.sleep(random.Random(self.seed).uniform(0, PAUSE_S))
        while not is_over.is_set():
            self._spin(is_over)
            time.sleep(PAUSE_S)

    def stored_token_ids(self) -> list[int]:
        """The tokens of the session at the server."""
        answer = self._http.get(f"{self.url}{self._path}", timeout=HANGING_S)
        return [token["token_id"] for token in answer.json()["token_history"]]

    def _spin(self, is_over: Event) -> None:
        give_up_at = float("inf")
        while not self._is_spin_acknowledged():
            if is_over.is_set():
                give_up_at = min(give_up_at, time.monotonic() + ENDING_S)
            assert time.monotonic() < give_up_at, f"no answer to a spin: {self.answers}"
            time.sleep(PAUSE_S)

    def _is_spin_acknowledged(self) -> bool:
        try:
            answer = self._http.post(
                f"{self.url}{self._path}/spin", json={"rev": self.rev}, timeout=HANGING_S
            )
            body = answer.json()
        except requests.RequestException as error:
            self.answers[type(error).__name__] += 1
            return False
        self.answers[answer.status_code] += 1
        if answer.status_code in REPEATED_STATUSES:
            assert int(answer.headers["Retry-After"]) >= 1
            return False
        assert answer.status_code in (200, 409), answer.text  # a 500 ends the test
        self._acknowledge(body)
        return True

    def _acknowledge(self, body: dict[str, Any]) -> None:
        """One more token than before, whether the answer is of this attempt (200) or shows that an
        earlier one took effect (409)."""
        token_ids = [token["token_id"] for token in body["token_history"]]
        assert token_ids[:-1] == self.token_ids
        assert body["rev"] == self.rev + 1
        self.token_ids, self.rev = token_ids, body["rev"]


@dataclass
class SchoolClass:
    students: Sequence[PersistentStudent]
    _at_work: list[Future[None]] = field(default_factory=list)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All students spin, each in a thread."""
        is_over = Event()
        with ThreadPoolExecutor(len(self.students)) as pool:
            try:
                self._at_work = [pool.submit(one.spin_until, is_over) for one in self.students]
                yield
            finally:
                is_over.set()
        self._raise_errors()

    def wait_for_spins(self, num_spins: int) -> None:
        """Wait until each student has that many more tokens."""
        wanted = [len(student.token_ids) + num_spins for student in self.students]

        def have_spun() -> bool:
            self._raise_errors()
            now = [len(student.token_ids) for student in self.students]
            return all(a >= b for a, b in zip(now, wanted, strict=True))

        wait_until(have_spun)

    def wait_for_refusals(self, status: int = 503) -> None:
        """Wait until each student has met this status."""
        wait_until(lambda: all(student.answers[status] for student in self.students))

    def assert_that_no_token_is_lost_or_doubled(self) -> None:
        for student in self.students:
            assert student.stored_token_ids() == student.token_ids

    def answers(self) -> Counter[int | str]:
        return sum((student.answers for student in self.students), Counter())

    def _raise_errors(self) -> None:
        for future in self._at_work:
            if future.done():
                future.result()


def start_class(server: Server) -> SchoolClass:
    students = [PersistentStudent(server.url, seed) for seed in range(NUM_STUDENTS)]
    for student in students:
        student.start()
    return SchoolClass(students)
