"""The engine process's service in this process: behind a Unix socket, on models of a test."""

import socket
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace

from tokenwheel.http_limits import Limits
from tokenwheel.http_server import HTTPServer
from wheel.errors import UnknownModelError
from wheel.remote_engine.service import EngineService


class OneModelCatalog:
    """What the service uses of a catalog. `load` returns a runner, once, or raises. `status` has
    `is_loaded` and `detail` of `ModelStatus`."""

    def __init__(self, model_id, load, *, vocabulary_size, digest):
        self._load = load
        self._runners = {}
        self._vocabulary = SimpleNamespace(vocabulary_size=vocabulary_size, digest=digest)
        self.status = SimpleNamespace(
            spec=SimpleNamespace(model_id=model_id), is_loaded=True, detail=None
        )

    def statuses(self):
        return [self.status]

    def runner(self, model_id):
        if model_id not in self._runners:
            self._runners[model_id] = self._load(model_id)
        return self._runners[model_id]

    def tokenizer(self, model_id):
        if model_id != self.status.spec.model_id:
            raise UnknownModelError
        return self._vocabulary

    def context_length(self, model_id):
        return self.runner(model_id).context_length


class LocalService:
    """Serves until `close`. The engine belongs to it."""

    def __init__(self, catalog, engine, *, timeout_s):
        self.catalog, self.engine = catalog, engine
        self._folder = tempfile.TemporaryDirectory()  # a short path, as sockets need
        self.path = Path(self._folder.name) / "engine.sock"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.path))
        listener.listen()
        service = EngineService(catalog, engine, timeout_s=timeout_s)
        self._server = HTTPServer(service, [listener], limits=Limits(num_threads=8))
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self):
        while not self._is_over.is_set():
            self._server.handle_events()
        self._server.stop()

    def close(self):
        self._is_over.set()
        self._server.wake_up()
        self._thread.join()
        self.engine.stop()
        self._folder.cleanup()
