"""Model catalog, engine and session store of this process, built once from the settings.

Tests replace them with `use`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.core.cache import caches

from wheel import local_engine
from wheel.domain.recent_shapes import RecentShapes
from wheel.engine.request import Engine
from wheel.engine.scores_cache import ScoresCache
from wheel.engine_settings import EngineSettings
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.model_files import locate_model, locate_tokenizer
from wheel.language_models.registry import find_specs
from wheel.remote_engine import local_socket
from wheel.remote_engine.catalog import RemoteCatalog
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.remote_engine import RemoteEngine, RemoteLimits
from wheel.remote_engine.watch import ServiceWatch
from wheel.sessions.clock_jumps import ClockJumps
from wheel.sessions.store import SessionStore

LOCAL_URL = "http://engine"  # the host has no meaning on a Unix socket


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
    recent_shapes: RecentShapes = field(default_factory=RecentShapes)

    def start(self) -> None:
        """Start the engine, and load models in the background. Call in the process that serves,
        after any fork."""
        self.engine.start()
        self.catalog.start(on_loaded=local_engine.exempt_from_garbage_collection)

    def stop(self) -> None:
        """Finish the current model load and the current forward passes, and end the threads."""
        self.catalog.stop()
        self.engine.stop()


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
    if is_engine_elsewhere():
        return build_remote()
    return local_engine.build(EngineSettings.of(settings))


def is_engine_elsewhere() -> bool:
    """Whether the engine is in a process of its own. All web processes share it then, and each of
    them can read its statistics."""
    return bool(getattr(settings, "WHEEL_ENGINE_URL", "") or local_socket.path())


def build_remote() -> tuple[ModelCatalog, Engine]:
    specs = find_specs(settings.WHEEL_MODELS, settings.WHEEL_REGISTRY)
    model_ids = [spec.model_id for spec in specs]
    catalog = RemoteCatalog(
        specs,
        settings.TRANSFORMERS_CACHE,
        ServiceWatch(make_client, model_ids),
        default_model_id=settings.WHEEL_DEFAULT_MODEL,
        max_context_length=settings.WHEEL_MAX_CONTEXT_LENGTH,
        load_timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
        locate=locate_model if local_socket.path() else locate_tokenizer,
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
    """Over the socket of the server's own engine process, or to the service on other machines."""
    num_connections = settings.WHEEL_ENGINE_CONNECTIONS
    if path := local_socket.path():
        return EngineClient(LOCAL_URL, "", max_connections=num_connections, socket_path=path)
    return EngineClient(
        settings.WHEEL_ENGINE_URL, settings.WHEEL_ENGINE_TOKEN, max_connections=num_connections
    )


def build_store() -> SessionStore:
    return SessionStore(
        caches["default"],
        ttl=timedelta(seconds=settings.WHEEL_SESSION_TTL_S),
        jumps=ClockJumps(),
    )
