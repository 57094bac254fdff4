"""Fixtures: engines on controlled forward passes and recording runners."""

import time

import pytest

from tests.checkpoints import random_gpt2
from tests.engine.engines import (
    FACTORIES,
    VOCABULARY_SIZE,
    EngineOptions,
    ForwardControl,
    ModelSource,
)
from tests.engine.recording_runner import RecordingRunner
from tests.remote_engine.plain_service import EngineWithService
from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache


@pytest.fixture(scope="session")
def plain_model():
    """The weights of the engines in the contract suite, for plain forward passes."""
    return random_gpt2(VOCABULARY_SIZE)


@pytest.fixture
def control():
    return ForwardControl()


@pytest.fixture
def model_source():
    return ModelSource()


@pytest.fixture
def engine_log(caplog):
    """The log of the engine, as a function."""
    return lambda: caplog.text


@pytest.fixture(params=FACTORIES)
def make_contract_engine(request, control, model_source):
    """Makes engines of each kind. At the end their threads are ended."""
    engines = []

    def make(**options):
        engines.append(FACTORIES[request.param](model_source, control, EngineOptions(**options)))
        return engines[-1]

    yield make
    control.gate.set()
    for engine in engines:
        engine.stop()
        if isinstance(engine, EngineWithService):
            engine.close_service()


@pytest.fixture
def runner():
    return RecordingRunner()


@pytest.fixture
def make_engine(runner):
    """Makes batching engines on the recording runner. At the end their threads are ended, and
    they have kept their invariants."""
    engines = []

    def make(
        *,
        logits_budget=10**6,
        prefix_cache=None,
        prefix_budget=10**6,
        look_ahead=None,
        clock=time.monotonic,
        **limits,
    ):
        engine = BatchingEngine(
            lambda _: runner,
            logits_cache=LogitsCache(logits_budget),
            prefix_cache=prefix_cache or PrefixCache(prefix_budget),
            look_ahead=look_ahead,
            limits=EngineLimits(**limits),
            clock=clock,
        )
        engines.append(engine)
        return engine

    yield make
    runner.gate.set()
    for engine in engines:
        engine.stop()
        engine.check_integrity()
