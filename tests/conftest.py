"""Fixtures for all tests: a small real GPT-2 checkpoint, and a runtime that serves it.

The checkpoint is served as `gpt2`; `gpt2-medium` is on offer but not downloaded.
"""

import os
from datetime import timedelta

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store
from django.test import Client
from hypothesis import settings

from tests.checkpoints import write_hub_checkpoint
from wheel import runtime
from wheel.engine.batching_engine import BatchingEngine, runners_of
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM
from wheel.sessions.store import SessionStore

# Tests use the same examples every time; `make fuzz` searches for new ones. No deadlines: slow
# machines are no failure.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory):
    """A hub cache with a small checkpoint under the name of `gpt2`."""
    path = tmp_path_factory.mktemp("models")
    write_hub_checkpoint(path, "openai-community/gpt2")
    return path


@pytest.fixture(scope="session")
def catalog(models_dir):
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], models_dir)
    catalog.weights("gpt2")
    return catalog


@pytest.fixture(scope="session")
def engine(catalog):
    """The production engine, with caches so small that entries are evicted all the time."""
    engine = BatchingEngine(
        runners_of(catalog.weights),
        logits_cache=LogitsCache(20_000),
        prefix_cache=PrefixCache(500_000),
        look_ahead=LookAhead(num_children=1),
    )
    yield engine
    engine.stop()
    engine.check_integrity()


@pytest.fixture
def store():
    caches["default"].clear()
    return SessionStore(caches["default"], ttl=timedelta(hours=1))


@pytest.fixture
def wheel_runtime(catalog, engine, store):
    """The runtime that services, API and pages use in a test."""
    ours = runtime.Runtime(
        catalog=catalog,
        engine=engine,
        store=store,
        request_timeout_s=30.0,
        max_prompt_characters=4000,
    )
    with runtime.use(ours):
        yield ours


class ApiClient(Client):
    """Django's test client, sending JSON: a dictionary is encoded, a string goes as it is."""

    def post_json(self, path, body=""):
        return self.post(path, body, content_type="application/json")

    def start(self, prompt=None, **body):
        """The id of a new session, with a prompt where one is given."""
        session_id = self.post_json("/api/sessions", body).json()["session_id"]
        if prompt is not None:
            self.post_json(f"/api/sessions/{session_id}/set-prompt", {"prompt": prompt})
        return session_id


@pytest.fixture
def api(wheel_runtime, db):
    return ApiClient()


@pytest.fixture
def session_url(api):
    """The address of a session whose text is "The cat sat on the"."""
    return f"/api/sessions/{api.start('The cat sat on the')}"
