"""A thread that writes this process's figures for the other web processes (`worker_figures`)."""

import logging
import os
import threading
import time
from pathlib import Path

from tokenwheel import worker_figures
from tokenwheel.worker_figures import WorkerFigures
from wheel import runtime
from wheel.engine.statistics import EngineStatistics

logger = logging.getLogger(__name__)

INTERVAL_S = 1.0


class FiguresPublisher:
    """Writes every second, and at the end. Engine counts of a process that is killed lack its last
    second at most."""

    def __init__(self, folder: Path, *, interval_s: float = INTERVAL_S) -> None:
        self._folder = folder
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="figures", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopped.set()
        self._thread.join()
        self.publish()

    def publish(self) -> None:
        """Write the figures of this moment. If the disk is full, the last ones stay."""
        with self._lock:
            try:
                worker_figures.write(self._folder, os.getpid(), own_figures())
            except OSError as error:
                logger.debug("the figures of this process could not be written: %s", error)

    def _run(self) -> None:
        self.publish()
        while not self._is_stopped.wait(self._interval_s):
            self.publish()


def own_figures() -> WorkerFigures:
    current = runtime.current()
    return WorkerFigures(
        engine=EngineStatistics() if runtime.is_engine_elsewhere() else current.engine.statistics(),
        cpu_seconds=time.process_time(),
        num_ready_models=sum(model.is_loaded for model in current.catalog.statuses()),
    )


_publisher: FiguresPublisher | None = None


def start(folder: Path) -> None:
    """Publish the figures of this process until `stop`."""
    global _publisher  # noqa: PLW0603 - one per process
    _publisher = FiguresPublisher(folder)
    _publisher.start()


def stop() -> None:
    if _publisher is not None:
        _publisher.stop()


def publish_now() -> None:
    if _publisher is not None:
        _publisher.publish()
