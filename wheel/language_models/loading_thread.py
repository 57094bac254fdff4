"""The one thread that imports torch and transformers, and loads models with them.

transformers imports its modules at their first use. Two threads that do this at the same moment can
find a module half imported, and fail with an ImportError.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class LoadingThread:
    """Runs functions one after the other, in the order of the calls. The thread starts with the
    first of them, and ends when none is left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # guards the two attributes below
        self._jobs: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None

    def run(self, work: Callable[[], T], *, timeout_s: float | None = None) -> T:
        """Return the result of `work`, or raise its exception. A function that runs in the thread
        already is called at once.

        Raises `TimeoutError` after `timeout_s` seconds. `work` runs nevertheless.
        """
        if threading.current_thread() is self._thread:
            return work()
        future: Future[T] = Future()
        self._add(lambda: set_outcome(future, work))
        return future.result(timeout_s)

    def join(self) -> None:
        """Wait until no function is left."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _add(self, job: Callable[[], None]) -> None:
        with self._lock:
            self._jobs.append(job)
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="model-loading", daemon=True)
                thread.start()
                self._thread = thread

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._thread = None
            return None


def set_outcome(future: "Future[T]", work: Callable[[], T]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
        future.set_exception(error)
