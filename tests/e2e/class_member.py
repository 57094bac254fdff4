"""Members of a class that use the REST API. Each repeats a request with its Idempotency-Key until
it is answered, as a client does whose server may end at any time."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.e2e.students import REPEATED_STATUSES
from tests.waiting import HANGING_S

PAUSE_S = 0.05  # before a request is repeated whose connection broke


class ClassMember:
    """The session of a member. `num_spun` counts the acknowledged spins; `answers` counts what
    attempts came to: a status, or the name of an exception."""

    def __init__(self, url: str, session_id: str) -> None:
        self.url = url
        self.num_spun = 0
        self.answers: Counter[int | str] = Counter()
        self._path = f"{url}/api/sessions/{session_id}"
        self._http = requests.Session()
        self._http.trust_env = False

    @classmethod
    def join(cls, url: str, code: str) -> "ClassMember":
        joined = requests.post(f"{url}/api/classrooms/{code}/sessions", timeout=HANGING_S)
        assert joined.status_code == 201, joined.text
        return cls(url, joined.json()["session_id"])

    def spin(self) -> None:
        answer = self._until_answered("/spin", {})
        assert answer.status_code == 200, answer.text
        self.num_spun += 1

    def spin_times(self, num_spins: int) -> None:
        for _ in range(num_spins):
            self.spin()

    def choose(self, token_text: str) -> None:
        """Add a token by hand."""
        answer = self._until_answered("/append-token", {"token_text": token_text})
        assert answer.status_code == 200, answer.text

    def refused_spin(self) -> requests.Response:
        """The answer to a spin that is not repeated."""
        return self._http.post(f"{self._path}/spin", json={}, timeout=HANGING_S)

    def session(self) -> dict[str, Any]:
        answer = self._http.get(self._path, timeout=HANGING_S)
        assert answer.status_code == 200, answer.text
        session: dict[str, Any] = answer.json()
        return session

    def wheel(self) -> dict[str, Any]:
        """The next wheel, with the session's settings."""
        answer = self._http.get(f"{self._path}/next-token-probs", timeout=HANGING_S)
        assert answer.status_code == 200, answer.text
        wheel: dict[str, Any] = answer.json()
        return wheel

    def _until_answered(self, tail: str, body: dict[str, Any]) -> requests.Response:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        give_up_at = time.monotonic() + HANGING_S
        while time.monotonic() < give_up_at:
            try:
                answer = self._http.post(
                    self._path + tail, json=body, headers=key, timeout=HANGING_S
                )
            except requests.RequestException as error:
                self.answers[type(error).__name__] += 1
                time.sleep(PAUSE_S)
                continue
            self.answers[answer.status_code] += 1
            if answer.status_code not in REPEATED_STATUSES:
                return answer
            time.sleep(int(answer.headers["Retry-After"]))
        raise AssertionError(f"no answer to {tail}: {self.answers}")


def in_threads(act: Callable[[ClassMember], Any], members: Sequence[ClassMember]) -> list[Any]:
    """What `act` returns for each member; each has a thread of its own."""
    with ThreadPoolExecutor(len(members)) as pool:
        return list(pool.map(act, members))


def join_together(url: str, code: str, num_members: int) -> list[ClassMember]:
    with ThreadPoolExecutor(num_members) as pool:
        joining = [pool.submit(ClassMember.join, url, code) for _ in range(num_members)]
        return [joined.result() for joined in joining]


def sessions_of(members: Sequence[ClassMember]) -> list[dict[str, Any]]:
    return in_threads(ClassMember.session, members)
