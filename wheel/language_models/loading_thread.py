"""The one thread that imports torch, and loads models with it.

A load takes all cores and twice the memory of the weights for a moment, so two at once would be
slower and larger. torch imports some of its modules at their first use. Two threads that do this at
the same moment can find a module half imported, and fail with an ImportError.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    work: Callable[[], Any]
    future: "Future[Any]" = field(default_factory=Future)

    def run(self) -> None:
        try:
            self.future.set_result(self.work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            self.future.set_exception(error)


class LoadingThread:
    """Runs functions one after the other, in the order of the calls. The thread starts with the
    first of them, and ends when none is left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the three attributes below
        self._jobs: deque[Job] = deque()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def run(self, work: Callable[[], T], *, timeout_s: float | None = None) -> T:
        """Return the result of `work`, or raise its exception.

        Raises `TimeoutError` after `timeout_s` seconds; `work` runs nevertheless. Raises
        `CancelledError` if the thread is closed before `work` has begun.
        """
        job = Job(work)
        self._add(job)
        result: T = job.future.result(timeout_s)
        return result

    def close(self) -> None:
        """Cancel the functions that wait, and all later ones. Wait for the one that is running."""
        with self._lock:
            self._is_closed = True
            cancelled, self._jobs = self._jobs, deque()
            thread = self._thread
        for job in cancelled:
            job.future.cancel()
        if thread is not None:
            thread.join()

    def _add(self, job: Job) -> None:
        with self._lock:
            if self._is_closed:
                job.future.cancel()
                return
            self._jobs.append(job)
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="model-loading", daemon=True)
                thread.start()  # raises if the machine has no thread left
                self._thread = thread

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.run()

    def _next(self) -> Job | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._thread = None
            return None
