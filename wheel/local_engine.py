"""Models and engine of this process, built from plain settings."""

import gc
from functools import partial

from wheel.engine.batching_engine import BatchingEngine, EngineLimits
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.naive_engine import NaiveEngine
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import Engine
from wheel.engine_settings import EngineSettings
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.loader import load_runner_from
from wheel.language_models.models_file import registry_of
from wheel.language_models.registry import find_specs

MEGABYTE = 1024 * 1024


def build(settings: EngineSettings) -> tuple[ModelCatalog, Engine]:
    """Neither is started, and no model is loaded."""
    catalog = ModelCatalog(
        find_specs(settings.model_ids, registry_of(settings.models_file)),
        settings.models_dir,
        default_model_id=settings.default_model_id,
        max_context_length=settings.max_context_length,
        load_timeout_s=settings.load_timeout_s,
        load_runner=partial(load_runner_from, choice=settings.runner),
    )
    make_engine = build_naive if settings.kind == "naive" else build_batching
    return catalog, make_engine(catalog, settings)


def build_naive(catalog: ModelCatalog, settings: EngineSettings) -> Engine:
    return NaiveEngine(
        catalog.runner, max_waiting=settings.max_waiting, timeout_s=settings.timeout_s
    )


def build_batching(catalog: ModelCatalog, settings: EngineSettings) -> Engine:
    return BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(settings.logits_cache_mb * MEGABYTE),
        prefix_cache=PrefixCache(settings.prefix_cache_mb * MEGABYTE),
        look_ahead=build_look_ahead(settings.look_ahead_children),
        limits=EngineLimits(max_waiting=settings.max_waiting, timeout_s=settings.timeout_s),
    )


def build_look_ahead(num_children: int | None) -> LookAhead | None:
    return None if num_children is None else LookAhead(num_children=num_children)


def exempt_from_garbage_collection(_model_id: str) -> None:
    """The objects of a loaded model live as long as the process. Garbage collection would examine
    them in every run."""
    gc.collect()
    gc.freeze()
