"""The benchmark's own arithmetic, its students and its report; what it measures is not tested."""

import json
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from xml.etree import ElementTree as ET

import pytest

from bench import students
from bench.chart import write_chart
from bench.engine import BATCH_SIZES, Bench, Figure
from bench.report import p95, report
from bench.students import Outcome, Scenario, random_prompt
from bench.suite import (
    NAIVE_SCENARIOS,
    OUR_SCENARIOS,
    ClassFigures,
    ModelFigures,
    Results,
)
from wheel.language_models.registry import GPT2

SECONDS = 1.0


class FakeServer(BaseHTTPRequestHandler):
    """Answers as the API would, and remembers who asked for what. Spins of a session in
    `stuck` are never answered."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[tuple[str, str]]] = []
    stuck = False

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.stuck and self.path.endswith("/spin"):
            self.rfile.read(1)  # until the student leaves
            return
        self.answer()

    def answer(self):
        self.asked.append((self.command, self.path.partition("?")[0]))
        body = json.dumps({"session_id": str(len(self.asked))}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def fake_server(monkeypatch):
    monkeypatch.setattr(FakeServer, "asked", [])
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeServer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def run(server, scenario):
    return students.run(scenario, server.server_port, SECONDS, look_first=True)


def test_a_spin_is_a_spin_and_a_look_at_the_next_wheel(fake_server):
    outcome = run(fake_server, Scenario(3, 10))
    kinds = [(method, path.rsplit("/", 1)[-1]) for method, path in FakeServer.asked]
    num_spins = kinds.count(("POST", "spin"))
    assert num_spins > 3
    assert abs(num_spins - kinds.count(("GET", "next-token-probs")) + 3) <= 3
    assert kinds.count(("POST", "set-prompt")) == 3
    assert abs(outcome.spins_per_s * SECONDS - num_spins) <= 3
    assert abs(len(outcome.spin_s) - len(outcome.click_s)) <= 3
    assert min(outcome.click_s) > 0


def test_a_click_that_is_never_answered_counts_as_waiting_to_the_end(fake_server, monkeypatch):
    monkeypatch.setattr(FakeServer, "stuck", True)
    outcome = run(fake_server, Scenario(2, 10))
    assert (outcome.spins_per_s, outcome.num_unanswered) == (0, 2)
    assert all(0 < seconds <= SECONDS for seconds in outcome.click_s)


def test_a_prompt_is_of_the_wanted_length_and_the_same_in_every_run():
    prompts = [random_prompt(random.Random(1), 60) for _ in range(2)]
    assert prompts[0] == prompts[1]
    assert len(prompts[0].split()) == 60


def test_p95_is_the_largest_of_few():
    assert p95(Outcome(1.0, [], [0.1, 0.3, 0.2], 0)) == 0.3
    assert p95(Outcome(1.0, [], [i / 100 for i in range(100)], 0)) == 0.95


@pytest.fixture(scope="module")
def results():
    """As if everything were four times as fast."""
    names = ["one token after 5", "one token after 250", "a known context again"]
    names += [f"one token for each of {size}" for size in BATCH_SIZES]
    figures = [Figure(name, 0.010, 0.040) for name in names]
    outcome, slow = Outcome(80.0, [0.1], [0.01], 0), Outcome(20.0, [0.4], [0.2], 3)
    return Results(
        models=[ModelFigures(GPT2.model_id, 30e9, 240_000_000, figures)],
        classes=[
            ClassFigures(scenario, outcome, slow if scenario in NAIVE_SCENARIOS else None)
            for scenario in OUR_SCENARIOS
        ],
        ready_s=3.5,
        naive_ready_s=4.5,
    )


def test_the_report_gives_ratios_and_the_goals(results):
    text = report(results)
    assert "reading the weights once takes 8.0 ms" in text
    assert "4.00x" in text
    goals = text.partition("goals")[2]
    assert "over the bandwidth limit" in goals
    assert "1.25x" in goals  # 10 ms over 8 ms
    assert "0.03" in goals  # a batch of 30 as fast as one
    assert "200.0 ms" in goals
    assert "3.5 s" in goals


def test_the_results_are_json(results):
    read = json.loads(json.dumps(results.as_dict()))
    assert read["classes"][0]["scenario"]["num_students"] == 1


def test_the_chart_is_a_picture_with_a_bar_for_every_ratio(results, tmp_path):
    write_chart(results, tmp_path / "chart.svg")
    root = ET.parse(tmp_path / "chart.svg").getroot()
    bars = root.findall("{http://www.w3.org/2000/svg}rect")[1:]
    num_class_ratios = sum(not scenario.think_s for scenario in NAIVE_SCENARIOS)
    assert len(bars) == 7 + num_class_ratios
    assert len({bar.get("width") for bar in bars}) == 1


def test_the_bench_measures_what_it_says_on_a_small_model():
    from tests.checkpoints import random_gpt2

    bench = Bench(random_gpt2(50, context_length=1024))
    figures = list(bench.figures())
    assert len(figures) == Bench.num_figures()
    assert all(figure.ours_s > 0 and figure.ratio for figure in figures)
    assert bench.bandwidth > 0
