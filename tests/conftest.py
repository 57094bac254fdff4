"""Fixtures for all tests: a small real GPT-2 checkpoint, a runtime that serves it, and servers and
a browser that every test of a worker shares.

The checkpoint stands for `gpt2`. The catalog also offers `gpt2-medium`, whose files are missing, as
on most servers.
"""

import os
import shutil
import threading
import time
from datetime import timedelta

import pytest
from django.core.cache import caches  # noqa: TID251 - the tests' store
from django.test import Client
from hypothesis import settings

from tests.checkpoints import write_hub_checkpoint
from tests.clock import Clock
from tests.e2e.server import PreparedFolder
from tests.postgres_server import running_postgres
from tests.redis_server import running_redis
from tests.scheduling import GroupScheduling, longest_first
from tests.thorough import IS_THOROUGH
from tests.waiting import HANGING_S
from wheel import runtime
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM
from wheel.sessions.store import SessionStore

# A test tries the same examples every time; `make fuzz` looks for new ones. No deadlines, so that a
# slow machine fails no test.
settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("new", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


ENDING_S = 60.0  # for threads that are on their way to their end

SERVER_FIXTURES = {"redis_server", "postgres_server", "own_redis", "own_postgres"}


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item):
    """Tests that start a server are slow."""
    if SERVER_FIXTURES & set(item.fixturenames):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items[:] = longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return GroupScheduling(config, log) if config.option.dist == "loadscope" else None


def is_allowed(thread):
    """Threads that end with the process: tqdm's monitor, which the first progress bar starts, and
    the executor of Playwright's event loop, which writes screenshots. And those of connections to a
    plain engine service, which end with the other side."""
    is_of_a_name = thread.name.startswith(("asyncio_", "connection of the plain service"))
    return is_of_a_name or type(thread).__name__ == "TMonitor"


def leftover_threads(before):
    """The threads that have begun since, without those that may stay."""
    return {thread for thread in set(threading.enumerate()) - before if not is_allowed(thread)}


def wait_for_leftover_threads(before):
    give_up_at = time.monotonic() + ENDING_S
    for thread in leftover_threads(before):
        thread.join(max(0.0, give_up_at - time.monotonic()))


@pytest.fixture(autouse=True)
def every_thread_of_a_test_ends_with_it():
    """A thread left running could touch the database of a later test.

    Session and module fixtures start their threads before this fixture looks.
    """
    before = set(threading.enumerate())
    yield
    wait_for_leftover_threads(before)
    assert not leftover_threads(before)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory):
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    with running_postgres(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def playwright():
    """Playwright runs an event loop in this thread until it ends, which Django would take for an
    async view."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=HANGING_S * 1000)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    """A browser for all tests; each opens a context of its own (decision 0050)."""
    from bench.chromium import SHELL, WHOLE, launch

    has_shell = shutil.which(SHELL) is not None
    program = SHELL if has_shell and not IS_THOROUGH else WHOLE
    browser = launch(playwright.chromium, program=program)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def whole_chromium(playwright):
    """Chromium as a user has it, with all that is around its engine."""
    from bench.chromium import launch

    browser = launch(playwright.chromium)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright, tmp_path_factory):
    """Debian's Firefox, for all tests that compare it with Chromium."""
    from tests.firefox import launch

    browser = launch(playwright.firefox, tmp_path_factory.mktemp("firefox"))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def prepared_folder(tmp_path_factory):
    return PreparedFolder(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="session")
def models_dir(tmp_path_factory):
    """A hub cache with a small checkpoint under the name of `gpt2`."""
    path = tmp_path_factory.mktemp("models")
    write_hub_checkpoint(path, "openai-community/gpt2")
    return path


@pytest.fixture(scope="session")
def catalog(models_dir):
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], models_dir)
    catalog.runner("gpt2")
    return catalog


@pytest.fixture(scope="session")
def engine(catalog):
    """The production engine, with caches so small that entries are evicted all the time."""
    engine = BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(20_000),
        prefix_cache=PrefixCache(500_000),
        look_ahead=LookAhead(num_children=1),
    )
    engine.start()
    yield engine
    engine.stop()
    engine.check_integrity()


@pytest.fixture
def store():
    caches["default"].clear()
    return SessionStore(caches["default"], ttl=timedelta(hours=1))


@pytest.fixture
def wheel_runtime(catalog, engine, store):
    """The runtime that services, API and pages use in a test.

    A live server may still be answering a page that was closed at the end of the test. That request
    would meet the runtime of the project's settings, and start a real engine.
    """
    before = set(threading.enumerate())
    ours = runtime.Runtime(
        catalog=catalog,
        engine=engine,
        store=store,
        request_timeout_s=30.0,
        max_prompt_characters=4000,
    )
    with runtime.use(ours):
        yield ours
        wait_for_leftover_threads(before)


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
