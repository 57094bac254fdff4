"""The engines that the contract suite runs on, with forward passes under the test's control.

A further engine joins the suite by one more line in `FACTORIES`.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.plain_models import runner_of
from tests.checkpoints import random_gpt2
from tests.engine.bounds import BOUND_S
from tests.remote_engine.local_service import LocalService, OneModelCatalog
from tests.remote_engine.plain_service import TOKEN, EngineWithService, PlainService
from wheel.engine.batch import Runner
from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.naive_engine import NaiveEngine, full_forward, score_all
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import Engine
from wheel.errors import ModelUnavailableError
from wheel.language_models.runner_choice import make_openvino
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import Vocabulary
from wheel.remote_engine.remote_engine import RemoteLimits

MODEL_ID = "m"
VOCABULARY_SIZE = 50


@dataclass
class ForwardControl:
    """Forward passes stop at the gate while it is closed, and raise for `failing` token ids.

    token_ids   all token ids that went through a forward pass
    threads     the threads that ran forward passes
    """

    gate: threading.Event = field(default_factory=threading.Event)
    entered: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    failing: set[int] = field(default_factory=set)
    token_ids: list[int] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)

    def __post_init__(self):
        self.gate.set()

    def enter(self, token_ids):
        """Called at the beginning of every forward pass with its new tokens."""
        self.threads.add(threading.get_ident())
        self.entered.release()
        assert self.gate.wait(BOUND_S)
        if self.failing & set(token_ids):
            raise RuntimeError("this context fails")
        self.token_ids += token_ids


@dataclass
class ModelSource:
    """Gives a runner with random weights for `MODEL_ID` and no other model; records what it was
    asked for."""

    asked: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._runner = runner_of(random_gpt2(VOCABULARY_SIZE))

    def __call__(self, model_id):
        self.asked.append(model_id)
        if model_id != MODEL_ID:
            raise ModelUnavailableError("It is not here.")
        return self._runner


@dataclass
class EngineOptions:
    """What a test may set: see `EngineLimits`."""

    max_waiting: int = 256
    timeout_s: float = BOUND_S
    clock: Callable[[], float] = time.monotonic


class ControlledRunner:
    """A runner whose forward passes begin with `control.enter`."""

    def __init__(self, runner, control):
        self._runner = runner
        self._control = control
        self.name = runner.name
        self.context_length = runner.context_length
        self.allocate = runner.allocate

    def run(self, batch):
        self._control.enter(batch.token_ids())
        return self._runner.run(batch)

    def score(self, chunk, targets):
        self._control.enter(chunk.token_ids)
        return self._runner.score(chunk, targets)


def make_naive_engine(
    runner_for: ModelSource, control: ForwardControl, options: EngineOptions
) -> Engine:
    def forward(runner, token_ids):
        control.enter(token_ids)
        return full_forward(runner, token_ids)

    def forward_all(runner, token_ids):
        control.enter(token_ids)
        return score_all(runner, token_ids)

    return NaiveEngine(
        runner_for,
        forward_all=forward_all,
        max_waiting=options.max_waiting,
        timeout_s=options.timeout_s,
        forward=forward,
        clock=options.clock,
    )


def make_batching_engine(
    runner_for: Callable[[str], Runner], control: ForwardControl, options: EngineOptions
) -> Engine:
    return BatchingEngine(
        lambda model_id: ControlledRunner(runner_for(model_id), control),
        logits_cache=LogitsCache(10**6),
        prefix_cache=PrefixCache(10**6),
        look_ahead=LookAhead(num_children=0),
        limits=EngineLimits(max_waiting=options.max_waiting, timeout_s=options.timeout_s),
        clock=options.clock,
    )


def make_openvino_engine(
    runner_for: ModelSource, control: ForwardControl, options: EngineOptions
) -> Engine:
    """The batching engine with the same weights in OpenVINO."""
    runner = runner_of(random_gpt2(VOCABULARY_SIZE), make_openvino)

    def openvino_runner_for(model_id: str) -> Runner:
        runner_for(model_id)  # records the model, and refuses others
        return runner

    return make_batching_engine(openvino_runner_for, control, options)


def make_remote_engine(
    runner_for: ModelSource, control: ForwardControl, options: EngineOptions
) -> Engine:
    """In front of a batching engine, with one connection: the other requests wait before it, so
    that bounds and deadlines are those of the remote engine. tests/cluster has one on Ray Serve."""
    service = PlainService(make_batching_engine(runner_for, control, EngineOptions()))
    threading.Thread(target=service.serve_forever, daemon=True).start()
    return EngineWithService(
        service,
        lambda: EngineClient(service.url, TOKEN, max_connections=1),
        [MODEL_ID],
        lambda _: Vocabulary(VOCABULARY_SIZE, "a digest"),
        limits=RemoteLimits(
            max_connections=1, max_waiting=options.max_waiting, timeout_s=options.timeout_s
        ),
        clock=options.clock,
    )


def make_engine_of_own_process(
    runner_for: ModelSource, control: ForwardControl, options: EngineOptions
) -> Engine:
    """The same over a Unix socket, with the service of the engine process (in this process)."""
    catalog = OneModelCatalog(
        MODEL_ID, runner_for, vocabulary_size=VOCABULARY_SIZE, digest="a digest"
    )
    engine = make_batching_engine(catalog.runner, control, EngineOptions())
    service = LocalService(catalog, engine, timeout_s=BOUND_S)
    return EngineWithService(
        service,
        lambda: EngineClient("http://engine", "", max_connections=1, socket_path=service.path),
        [MODEL_ID],
        lambda _: Vocabulary(VOCABULARY_SIZE, "a digest"),
        limits=RemoteLimits(
            max_connections=1, max_waiting=options.max_waiting, timeout_s=options.timeout_s
        ),
        clock=options.clock,
    )


FACTORIES: dict[str, Callable[[ModelSource, ForwardControl, EngineOptions], Engine]] = {
    "naive": make_naive_engine,
    "batching": make_batching_engine,
    "batching, openvino": make_openvino_engine,
    "remote": make_remote_engine,
    "process": make_engine_of_own_process,
}
