"""A server that answers like the API without a model, and results with round numbers."""

import json
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.engine import BATCH_SIZES
from bench.http_scenarios import NAIVE_SCENARIOS, OUR_SCENARIOS
from bench.results import ClassFigures, Figure, ModelFigures, Results, RunnerFigure, RunnerFigures
from bench.students import Outcome
from tests.serving import serving
from wheel.language_models.registry import GPT2


class FakeServer(ThreadingHTTPServer):
    """Records requests as (method, path, body).

    is_stuck     spins are never answered
    spin_status  of the answers to spins
    num_busy     number of spins that are answered 503 first, with Retry-After
    read_limit   number of reads of one session before status 429
    """

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FakeHandler)
        self.requests = []
        self.is_stuck = False
        self.spin_status = 200
        self.num_busy = 0
        self.read_limit = None
        self.retry_after = "1"

    def count(self, method, ending):
        return sum(m == method and path.endswith(ending) for m, path, _ in self.requests)

    def bodies(self, ending):
        return [body for _, path, body in self.requests if path.endswith(ending)]


class FakeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeServer

    def do_GET(self):
        self.server.requests.append(("GET", self.path, None))
        num_reads = Counter(path for _, path, _ in self.server.requests)[self.path]
        is_read = not self.path.endswith("/next-token-probs")
        if is_read and self.server.read_limit is not None and num_reads > self.server.read_limit:
            self.answer(429)
        else:
            self.answer(200)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_spin = self.path.partition("?")[0].endswith("/spin")
        if is_spin and self.server.is_stuck:
            self.rfile.read(1)  # returns when the client disconnects
            return
        if is_spin and self.server.num_busy:
            self.server.num_busy -= 1
            self.answer(503, retry_after="0")
            return
        self.server.requests.append(("POST", self.path, body))
        self.answer(self.server.spin_status if is_spin else 200)

    def answer(self, status, retry_after=None):
        body = json.dumps({"session_id": str(len(self.server.requests))}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        retry_after = self.server.retry_after if status == 429 else retry_after
        if retry_after is not None:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def fake_server():
    server = FakeServer()
    with serving(server):
        yield server


@pytest.fixture(scope="session")
def results():
    """Everything is four times as fast as on the naive server."""
    names = ["one token after 5", "one token after 250", "a known context again"]
    names += [f"one token for each of {size}" for size in BATCH_SIZES]
    figures = [Figure(name, 0.010, 0.040) for name in names]
    steps = [RunnerFigure("torch", 0.016), RunnerFigure("openvino", 0.012)]
    runners = [
        RunnerFigures(
            1, 0.008, 0.0001, [RunnerFigure("torch", 0.01), RunnerFigure("openvino", 0.02)]
        ),
        RunnerFigures(30, limit_s=0.008, products_s=0.004, steps=steps),
    ]
    ours, naive = Outcome(80.0, [0.1], [0.01], 0), Outcome(20.0, [0.4], [0.2], 3)
    return Results(
        models=[ModelFigures(GPT2.model_id, 30e9, 240_000_000, figures, runners)],
        classes=[
            ClassFigures(scenario, ours, naive if scenario in NAIVE_SCENARIOS else None)
            for scenario in OUR_SCENARIOS
        ],
        ready_s=3.5,
        naive_ready_s=4.5,
        web_side_s={"REST": 0.004, "page": 0.02},
    )
