"""A server on a database file of its own for the state machine of sessions: its address, its clock,
and its restart."""

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import requests
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler

from tests.api.fakes import FailingEngine
from tests.api.plain_session import PAGE_ACTIONS, Answer, Request
from tests.api.plain_wheel import PlainModel
from tests.clock import Clock
from tests.serving import serving
from tests.sessions.backends import cache_at, database_file
from tests.waiting import HANGING_S
from wheel import runtime
from wheel.clock import utc_now
from wheel.engine.arrays import Logits
from wheel.engine.request import answered
from wheel.engine.scores import Scores
from wheel.language_models.catalog import ModelCatalog
from wheel.models import Classroom, ClassState
from wheel.services import classrooms
from wheel.sessions.store import SessionStore

CSRF_TOKEN = "a" * 32
METHODS = {"next-token-probs": "GET", "branches": "GET", "delete": "DELETE"}


@lru_cache(maxsize=4096)
def logits_of(token_ids: tuple[int, ...], vocabulary_size: int) -> Logits:
    """(vocabulary_size,) float32, different for every context."""
    generator = random.Random(repr(token_ids))
    return np.array([generator.gauss(0, 2.5) for _ in range(vocabulary_size)], dtype=np.float32)


class PlainEngine(FailingEngine):
    """Answers every context at once, with `logits_of`."""

    def __init__(self, vocabulary_size):
        super().__init__()
        self.vocabulary_size = vocabulary_size

    def is_alive(self):
        return True

    def score(self, model_id, token_ids):
        contexts = (token_ids[:stop] for stop in range(1, len(token_ids)))
        rows = np.array([logits_of(context, self.vocabulary_size) for context in contexts])
        future: Future[Scores] = Future()
        future.set_result(Scores.of_rows(rows, token_ids[1:]))
        return future

    def next_logits(self, model_id, token_ids, *, affinity_key=""):
        return answered(logits_of(tuple(token_ids), self.vocabulary_size))


class SessionWorld:
    """url: of the server. A restart replaces everything that the server has in memory."""

    def __init__(self, catalog: ModelCatalog, url: str) -> None:
        tokenizer = catalog.tokenizer("gpt2")
        self._vocabulary_size = tokenizer.vocabulary_size
        self.url = url
        self.clock = Clock()
        self.model = PlainModel(
            logits_of=self._plain_logits_of,
            tokens=tokenizer.tokens,
            encode=tokenizer.encode,
            context_length=catalog.context_length("gpt2"),
        )
        self._catalog = catalog
        self._runtimes = ExitStack()
        self.restart()

    def restart(self) -> None:
        self._runtimes.close()
        store = SessionStore(cache_at("db://"), ttl=timedelta(hours=1), now=self.clock)
        ours = runtime.Runtime(
            catalog=self._catalog,
            engine=PlainEngine(self._vocabulary_size),
            store=store,
            request_timeout_s=HANGING_S,
            max_prompt_characters=4000,
        )
        self._runtimes.enter_context(runtime.use(ours))

    def close(self) -> None:
        self._runtimes.close()

    def _plain_logits_of(self, token_ids: tuple[int, ...]) -> Sequence[float]:
        logits: list[float] = logits_of(token_ids, self._vocabulary_size).tolist()
        return logits

    def create(self, body: dict[str, Any]) -> str:
        answer = requests.post(f"{self.url}/api/sessions", json=body, timeout=HANGING_S)
        assert answer.status_code == 201, answer.content
        session_id: str = answer.json()["session_id"]
        return session_id

    def new_classroom(self, **fields: Any) -> Classroom:
        """It is there as long as the machine runs, by the clock of the world and by the real one,
        which decides whether it can be joined."""
        ends_at = max(self.clock(), utc_now()) + timedelta(days=365)
        return Classroom.objects.create(title="Class 4b", expires_at=ends_at, **fields)

    def set_state(self, code: str, state: str) -> None:
        classrooms.set_state(Classroom.objects.get(code=code), ClassState(state))

    def join(self, code: str) -> str:
        answer = requests.post(f"{self.url}/api/classrooms/{code}/sessions", timeout=HANGING_S)
        assert answer.status_code == 201, answer.content
        session_id: str = answer.json()["session_id"]
        return session_id

    def read(self, session_id: str) -> Answer:
        return parsed(requests.get(f"{self.url}/api/sessions/{session_id}", timeout=HANGING_S))

    def send(self, session_id: str, request: Request) -> Answer:
        if request.name in PAGE_ACTIONS:
            return self._send_form(session_id, request)
        method = METHODS.get(request.name, "POST")
        fields = dict(request.body)
        tail = "" if request.name == "delete" else f"/{request.name}"
        if request.name == "restore":
            tail = f"/branches/{fields.pop('branch')}/restore"
        query, body = ({}, fields) if method == "POST" else (fields, None)
        answer = requests.request(
            method,
            f"{self.url}/api/sessions/{session_id}{tail}",
            params=query if request.history == "all" else query | {"history": request.history},
            json=body,
            headers={} if request.key is None else {"Idempotency-Key": request.key},
            timeout=HANGING_S,
        )
        return parsed(answer)

    def _send_form(self, session_id: str, request: Request) -> Answer:
        answer = requests.post(
            f"{self.url}/wheel/{session_id}/{request.name}",
            data=request.body | {"csrfmiddlewaretoken": CSRF_TOKEN},
            cookies={"csrftoken": CSRF_TOKEN},
            allow_redirects=False,
            timeout=HANGING_S,
        )
        return answer.status_code, {}


def parsed(answer: requests.Response) -> Answer:
    return answer.status_code, answer.json()


@contextmanager
def session_world(folder: Any, catalog: ModelCatalog, blocker: Any) -> Iterator[SessionWorld]:
    with database_file(folder / "db.sqlite3", blocker):
        call_command("migrate", "wheel", verbosity=0)
        server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
        server.set_app(get_wsgi_application())
        with serving(server):
            world = SessionWorld(catalog, f"http://127.0.0.1:{server.server_port}")
            try:
                yield world
            finally:
                world.close()
