"""An engine service without Ray: the protocol over Python's own HTTP server, in this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.serving import serving
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.errors import EngineFailedError, ModelUnavailableError, TokenWheelError
from wheel.language_models.runners import load_runner
from wheel.language_models.tokenizer import Tokenizer
from wheel.remote_engine import protocol
from wheel.remote_engine.protocol import ModelReport, Question
from wheel.remote_engine.remote_engine import RemoteEngine

THREAD_NAME = "connection of the plain service"
TOKEN = "a token of the tests, long enough"


class PlainService(ThreadingHTTPServer):
    """Serves one engine. `answers`: what it answers instead, in order, as (status, headers, body),
    or None to close the connection; after the last one it is itself again. `hint_answers`: the same
    for hints, which come at any time.

    status    of the answers about the model
    requests  (method, path, headers) of all requests
    """

    daemon_threads = True

    def __init__(self, engine, report=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.engine = engine
        self.report = report or ModelReport("m", 64, 50, "a digest")
        self.answers = []
        self.hint_answers = []
        self.status = 200
        self.requests = []

    def process_request(self, request, client_address):
        """In a thread whose name `tests.conftest.is_allowed` knows: it waits for more requests of
        its connection."""
        threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name=THREAD_NAME,
            daemon=True,
        ).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def close(self):
        self.shutdown()
        self.server_close()
        self.engine.stop()

    def num_asked(self, endpoint):
        return sum(path.endswith(f"/{endpoint}") for _, path, _ in self.requests)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PlainService

    def do_GET(self):
        self.begin()
        if self.path.endswith(protocol.STATISTICS):
            self.answer(200, protocol.encode_statistics(self.server.engine.statistics()))
        else:
            self.answer(self.server.status, self.server.report.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.begin()
        is_hint = self.path.endswith(protocol.PREFETCH)
        answers = self.server.hint_answers if is_hint else self.server.answers
        if answers:
            self.answer_otherwise(answers.pop(0))
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.answer(401, b"")
        else:
            self.answer_question(Question.decode(body))

    def begin(self):
        self.server.requests.append((self.command, self.path, self.headers))

    def answer_otherwise(self, answer):
        if answer is None:
            self.close_connection = True
            return
        status, headers, body = answer
        self.answer(status, body, headers)

    def answer_question(self, question):
        if self.path.endswith(protocol.PREFETCH):
            self.server.engine.prefetch(question.model_id, question.token_ids)
            self.answer(204, b"")
            return
        if question.vocabulary != self.server.report.vocabulary:
            error = ModelUnavailableError("The engine service has another vocabulary.")
            self.answer(503, protocol.encode_error(error))
            return
        engine, asked = self.server.engine, (question.model_id, question.token_ids)
        try:
            if self.path.endswith(protocol.SCORE):
                message = protocol.encode_scores(question, engine.score(*asked).result())
            else:
                message = protocol.encode_logits(question, engine.next_logits(*asked).result())
        except TokenWheelError as error:
            failed = isinstance(error, EngineFailedError)
            self.answer(500 if failed else 503, protocol.encode_error(error))
        else:
            self.answer(200, message)

    def answer(self, status, body, headers=()):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@contextmanager
def running_service(checkpoint: Path) -> Iterator[PlainService]:
    """A service of the model in this folder, as `gpt2`."""
    runner, tokenizer = load_runner(checkpoint), Tokenizer.from_folder(checkpoint)
    engine = BatchingEngine(
        lambda _: runner,
        logits_cache=LogitsCache(10**7),
        prefix_cache=PrefixCache(10**7),
    )
    report = ModelReport("gpt2", runner.context_length, tokenizer.vocabulary_size, tokenizer.digest)
    engine.start()
    try:
        with serving(PlainService(engine, report)) as service:
            yield service
    finally:
        engine.stop()


class EngineWithService(RemoteEngine):
    """A remote engine whose service is in this process."""

    def __init__(self, service, *arguments, **options):
        super().__init__(*arguments, **options)
        self.service = service

    def close_service(self):
        self.service.close()
