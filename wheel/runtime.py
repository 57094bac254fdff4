"""Model catalog, engine and session store of this process, built once from the settings.

Tests replace them with `use`.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.cache import caches

from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.naive_engine import NaiveEngine
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import Engine
from wheel.engine.scores_cache import ScoresCache
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.loader import load_runner_from
from wheel.language_models.registry import find_specs
from wheel.remote_engine.catalog import RemoteCatalog
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.remote_engine import RemoteEngine, RemoteLimits
from wheel.remote_engine.watch import ServiceWatch
from wheel.sessions.clock_jumps import ClockJumps
from wheel.sessions.store import SessionStore

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Runtime:
    """The objects that all services share. `max_sessions`: 0 for no limit."""

    catalog: ModelCatalog
    engine: Engine
    store: SessionStore
    request_timeout_s: float
    max_prompt_characters: int
    max_sessions: int = 0
    scores_cache: ScoresCache = field(default_factory=ScoresCache)

    def start(self) -> None:
        """Start the engine, and load models in the background. Call in the process that serves,
        after any fork."""
        self.engine.start()
        self.catalog.start(on_loaded=exempt_from_garbage_collection)

    def stop(self) -> None:
        """Finish the current model load and the current forward passes, and end the threads."""
        self.catalog.stop()
        self.engine.stop()


def exempt_from_garbage_collection(_model_id: str) -> None:
    """The objects of a loaded model live as long as the process. Garbage collection would examine
    them in every run."""
    gc.collect()
    gc.freeze()


_current: Runtime | None = None
_lock = threading.Lock()


def current() -> Runtime:
    """The runtime of this process, made at the first call. Making it loads no model."""
    global _current  # noqa: PLW0603 - one per process
    with _lock:
        if _current is None:
            _current = build_runtime()
        return _current


def stop() -> None:
    """Stop the runtime, if there is one, at the end of a process that has served."""
    if _current is not None:
        _current.stop()


@contextmanager
def use(runtime: Runtime) -> Iterator[Runtime]:
    """Replace the current runtime within a `with` statement."""
    global _current  # noqa: PLW0603
    previous, _current = _current, runtime
    try:
        yield runtime
    finally:
        _current = previous


def build_runtime() -> Runtime:
    catalog, engine = build_engine()
    return Runtime(
        catalog=catalog,
        engine=engine,
        store=build_store(),
        request_timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
        max_prompt_characters=settings.WHEEL_MAX_PROMPT_CHARACTERS,
        max_sessions=settings.WHEEL_MAX_SESSIONS,
    )


def build_engine() -> tuple[ModelCatalog, Engine]:
    if settings.WHEEL_ENGINE_URL:
        return build_remote()
    return build_naive() if settings.WHEEL_ENGINE == "naive" else build_batching()


def build_remote() -> tuple[ModelCatalog, Engine]:
    specs = find_specs(settings.WHEEL_MODELS)
    model_ids = [spec.model_id for spec in specs]
    catalog = RemoteCatalog(
        specs,
        settings.TRANSFORMERS_CACHE,
        ServiceWatch(make_client, model_ids),
        default_model_id=settings.WHEEL_DEFAULT_MODEL,
        max_context_length=settings.WHEEL_MAX_CONTEXT_LENGTH,
        load_timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
    )
    return catalog, RemoteEngine(
        make_client,
        model_ids,
        catalog.vocabulary,
        limits=RemoteLimits(
            max_connections=settings.WHEEL_ENGINE_CONNECTIONS,
            max_waiting=settings.WHEEL_MAX_WAITING,
            timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
        ),
    )


def make_client() -> EngineClient:
    return EngineClient(
        settings.WHEEL_ENGINE_URL,
        settings.WHEEL_ENGINE_TOKEN,
        max_connections=settings.WHEEL_ENGINE_CONNECTIONS,
    )


def build_naive() -> tuple[ModelCatalog, Engine]:
    catalog = build_catalog()
    return catalog, NaiveEngine(
        catalog.runner,
        max_waiting=settings.WHEEL_MAX_WAITING,
        timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
    )


def build_batching() -> tuple[ModelCatalog, Engine]:
    catalog = build_catalog()
    return catalog, BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(settings.WHEEL_LOGITS_CACHE_MB * MEGABYTE),
        prefix_cache=PrefixCache(settings.WHEEL_PREFIX_CACHE_MB * MEGABYTE),
        look_ahead=build_look_ahead(),
        limits=EngineLimits(
            max_waiting=settings.WHEEL_MAX_WAITING, timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S
        ),
    )


def build_catalog() -> ModelCatalog:
    return ModelCatalog(
        find_specs(settings.WHEEL_MODELS),
        settings.TRANSFORMERS_CACHE,
        default_model_id=settings.WHEEL_DEFAULT_MODEL,
        max_context_length=settings.WHEEL_MAX_CONTEXT_LENGTH,
        load_timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
        load_runner=partial(load_runner_from, choice=settings.WHEEL_RUNNER),
    )


def build_look_ahead() -> LookAhead | None:
    if not settings.WHEEL_LOOK_AHEAD:
        return None
    return LookAhead(num_children=settings.WHEEL_LOOK_AHEAD_CHILDREN)


def build_store() -> SessionStore:
    return SessionStore(
        caches["default"],
        ttl=timedelta(seconds=settings.WHEEL_SESSION_TTL_S),
        jumps=ClockJumps(),
    )
