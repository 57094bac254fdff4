"""The application with a null model: an engine that answers at once, with the same logits always.

gunicorn serves it, with the code of any checkout (`bench.web_side` copies this file to where that
checkout does not look). So all CPU time is that of the web side. `/null-model/cpu` answers with the
CPU seconds of this process so far.
"""

import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import fields
from typing import Any

import numpy as np
import tokenizers

from wheel import runtime
from wheel.engine.arrays import Logits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.request import answered
from wheel.engine.statistics import StatisticsRecorder
from wheel.language_models.catalog import ModelStatus
from wheel.language_models.registry import SMOLLM2_135M
from wheel.language_models.tokenizer import Tokenizer

CPU_PATH = "/null-model/cpu"
TOKENIZER = "NULL_MODEL_TOKENIZER"  # environment: the path of a tokenizer.json
STEEPNESS = 1.2  # Zipf's exponent: 12 tokens reach 1 %, and a third of all draws are of Other

CONTEXT_LENGTH = 2048
CACHE_BYTES = 256 * 1024 * 1024


class NullEngine:
    """The logits are in no order. The first token, which ends a text, is practically never drawn.
    As with the real engine, each context has a row of its own, which is cached."""

    def __init__(self, vocabulary_size: int) -> None:
        ranks = np.random.default_rng(0).permutation(vocabulary_size) + 1.0
        self._row = (-STEEPNESS * np.log(ranks)).astype(np.float32)
        self._row[0] = self._row.min() - 20
        self._cache = LogitsCache(CACHE_BYTES)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def next_logits(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> "Future[Logits]":
        key = (model_id, token_ids)
        row = self._cache.get(key)
        if row is None:
            row = self._row.copy()
            row.flags.writeable = False
            self._cache.put(key, row)
        return answered(row)

    def prefetch(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> None: ...

    def is_alive(self) -> bool:
        return True

    def statistics(self) -> Any:
        return StatisticsRecorder().snapshot(num_waiting=0)


class NullCatalog:
    """One model, whose tokenizer is read from a file."""

    def __init__(self, backend: tokenizers.Tokenizer) -> None:
        self._tokenizer = Tokenizer(backend)
        self._spec = SMOLLM2_135M

    def start(self, on_loaded: Callable[[str], object] = str) -> None:
        on_loaded(self._spec.model_id)

    def stop(self) -> None: ...

    def statuses(self) -> list[ModelStatus]:
        known: dict[str, Any] = {
            "spec": self._spec,
            "num_parameters": self._spec.num_parameters,
            "context_length": CONTEXT_LENGTH,
            "vocabulary_size": self._tokenizer.vocabulary_size,
            "is_default": True,
            "is_available": True,
            "is_loaded": True,
            "runner_name": None,
            "detail": None,
        }
        names = [field.name for field in fields(ModelStatus)]  # older checkouts have fewer
        return [ModelStatus(**{name: known[name] for name in names})]

    def default_model_id(self) -> str:
        return self._spec.model_id

    def require_available(self, model_id: str) -> None: ...

    def is_default_loaded(self) -> bool:
        return True

    def context_length(self, model_id: str) -> int:
        return CONTEXT_LENGTH

    def tokenizer(self, model_id: str) -> Tokenizer:
        return self._tokenizer


def build_null() -> tuple[Any, Any]:
    catalog = NullCatalog(tokenizers.Tokenizer.from_file(os.environ[TOKENIZER]))
    return catalog, NullEngine(catalog.tokenizer(SMOLLM2_135M.model_id).vocabulary_size)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] != CPU_PATH:
        return serve(environ, start_response)
    body = repr(time.process_time()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def make_application() -> Callable[..., Iterable[bytes]]:
    """Only a process that serves makes the runtime, when Django starts."""
    runtime.build_engine = build_null
    from tokenwheel.wsgi import application  # noqa: PLC0415

    return application


if TOKENIZER in os.environ:
    serve = make_application()
