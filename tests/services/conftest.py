"""Fixtures: a runtime on each kind of store, and a session with a prompt."""

from datetime import timedelta

import pytest
import torch
from django.core.management import call_command

from tests.checkpoints import write_hub_checkpoint
from tests.sessions.backends import cache_at, database_file
from wheel import runtime, services
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.sessions.store import SessionStore

LONG_CONTEXT = 256


@pytest.fixture(scope="session")
def long_catalog(tmp_path_factory):
    """A model with room for two hundred spins."""
    models_dir = tmp_path_factory.mktemp("long-models")
    write_hub_checkpoint(models_dir, "openai-community/gpt2", context_length=LONG_CONTEXT)
    return ModelCatalog([GPT2], models_dir)


@pytest.fixture(scope="module")
def long_engine(long_catalog):
    """An engine on one core, since the tests run ten busy threads beside it."""
    num_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    engine = BatchingEngine(
        long_catalog.runner,
        logits_cache=LogitsCache(10**6),
        prefix_cache=PrefixCache(10**7),
        look_ahead=LookAhead(num_children=1),
    )
    engine.start()
    yield engine
    engine.stop()
    torch.set_num_threads(num_threads)


@pytest.fixture
def index_file(tmp_path, django_db_blocker):
    """A database file with the index table, which threads share as in a server."""
    with database_file(tmp_path / "db.sqlite3", django_db_blocker):
        call_command("migrate", "wheel", verbosity=0)
        yield


@pytest.fixture(params=["locmem", "database", pytest.param("redis", marks=pytest.mark.slow)])
def shared_runtime(request, index_file, long_catalog, long_engine):
    """The runtime of a server, on each of three kinds of store."""
    match request.param:
        case "database":
            cache = cache_at("db://")
        case "redis":
            cache = cache_at(request.getfixturevalue("redis_server").url)
        case _:
            cache = cache_at("locmem://")
    cache.clear()
    ours = runtime.Runtime(
        catalog=long_catalog,
        engine=long_engine,
        store=SessionStore(cache, ttl=timedelta(hours=1)),
        request_timeout_s=120.0,
        max_prompt_characters=4000,
    )
    with runtime.use(ours):
        yield ours


@pytest.fixture
def session_id(wheel_runtime, db):
    """A seeded session whose text is "The cat"."""
    session_id = services.start_session(seed=7).session_id
    services.set_prompt(session_id=session_id, prompt="The cat")
    return session_id
