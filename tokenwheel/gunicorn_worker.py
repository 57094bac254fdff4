"""gunicorn's worker: the HTTP server on the sockets of gunicorn's master process."""

import os
from types import FrameType

from gunicorn.workers.base import Worker

from tokenwheel.http_connection import protect_log
from tokenwheel.http_server import HTTPServer


class HTTPServerWorker(Worker):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's master starts it, watches it, and starts another if it dies."""

    def run(self) -> None:
        protect_log()
        self.server = HTTPServer(self.wsgi, [listener.sock for listener in self.sockets])
        while self.alive and os.getppid() == self.ppid:
            self.notify()
            self.server.handle_events()
        self.server.stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if hasattr(self, "server"):
            self.server.wake_up()
