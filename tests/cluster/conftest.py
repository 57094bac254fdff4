"""Fixtures: the engine service on Ray Serve, started once for each module."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from bench.server import free_port
from tests.cluster.contract_service import MODEL_IDS
from tests.cluster.remote_control import Switchboard, serve
from tests.engine.conftest import control, model_source, plain_model  # noqa: F401 - fixtures
from tests.engine.engines import VOCABULARY_SIZE
from tests.waiting import wait_until
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import Vocabulary
from wheel.remote_engine.remote_engine import RemoteEngine, RemoteLimits

TOKEN = "a token of the tests of the cluster"


@pytest.fixture(autouse=True)
def every_thread_of_a_test_ends_with_it():
    """Not here: a thread for each thread of a replica that asks the switchboard ends with that."""


def pytest_collection_modifyitems(items):
    """`make test` leaves these out: they need Ray (`make test-cluster`)."""
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.cluster)


class RayService:
    """A process with Ray and all of its processes. `folder`: its log and Ray's own."""

    def __init__(self, module, arguments, folder, environment):
        self.port = free_port()
        self.folder = folder
        self.log_path = folder / "service.log"
        self.environment = (
            os.environ
            | {
                "WHEEL_ENGINE_TOKEN": TOKEN,
                "RAY_AUTH_TOKEN": secrets.token_hex(32),
                "PYTHONPATH": str(settings.BASE_DIR),
                "OMP_NUM_THREADS": "1",
            }
            | dict(environment)
        )
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *map(str, arguments(self.port))],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def log(self):
        return self.log_path.read_text(errors="replace")

    def is_ready(self):
        assert self.process.poll() is None, self.log()
        return "The engine service is at" in self.log()

    def make_client(self, max_connections=64, token=TOKEN):
        return EngineClient(self.url, token, max_connections=max_connections)


@contextmanager
def running_service(module, arguments, environment=()):
    """`arguments`: a function from the port to those of the module."""
    with tempfile.TemporaryDirectory(prefix="tw-") as folder:
        service = RayService(module, arguments, Path(folder), environment)
        try:
            wait_until(service.is_ready)
            yield service
        finally:
            sys.stderr.write(service.log())  # shown if a test fails
            service.process.send_signal(signal.SIGTERM)
            try:
                service.process.wait(60)
            finally:
                service.process.kill()


@pytest.fixture(scope="session")
def switchboard():
    return Switchboard()


@pytest.fixture(scope="session")
def contract_service(switchboard):
    key = secrets.token_bytes(16)
    port = serve(switchboard, key)
    with running_service(
        "tests.cluster.contract_service", lambda own_port: [own_port, port, key.hex()]
    ) as service:
        yield service


@pytest.fixture
def engine_log(contract_service):
    return contract_service.log


@pytest.fixture
def make_contract_engine(switchboard, contract_service, control, model_source):  # noqa: F811
    """Remote engines on Ray Serve, with a new engine in the replicas for each test."""
    switchboard.begin_test(control, model_source)
    engines = []

    def make(*, max_waiting=256, timeout_s=60.0, **options):
        limits = RemoteLimits(max_connections=1, max_waiting=max_waiting, timeout_s=timeout_s)
        engine = RemoteEngine(
            contract_service.make_client,
            MODEL_IDS,
            lambda _: Vocabulary(VOCABULARY_SIZE, "a digest"),
            limits=limits,
            **options,
        )
        engines.append(engine)
        return engine

    yield make
    control.gate.set()
    for engine in engines:
        engine.stop()
