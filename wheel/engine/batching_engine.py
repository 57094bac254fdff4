"""Batching engine: one worker thread; each forward pass batches all waiting requests.

A request is answered from the logits cache, or joined to an equal request under way (single
flight), or queued for the worker thread. The worker reuses the longest cached prefix of the
context, and runs only the new tokens through the model, packed with those of other requests.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from wheel.engine.arrays import Logits
from wheel.engine.batch import Runner
from wheel.engine.inbox import Inbox
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.look_ahead import Hint, LookAhead
from wheel.engine.prefix_cache import PrefixCache
from wheel.engine.request import check_context_length, check_text_to_score, failed
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics, StatisticsRecorder
from wheel.engine.worker import EngineWorker
from wheel.errors import EngineFailedError, TokenWheelError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """max_waiting     requests that may wait; one more is refused
    timeout_s       how long a request may wait to be admitted to a batch
    max_batch_size  sequences in one forward pass
    chunk_tokens    tokens of prefill in one forward pass
    """

    max_waiting: int = 256
    timeout_s: float = 30.0
    max_batch_size: int = 32
    chunk_tokens: int = 128


DEFAULT_LIMITS = EngineLimits()


class BatchingEngine:
    """Engine with one worker thread, an inbox in front of it, and caches.

    `runner_for` returns the runner of a model, and loads the model if necessary. It is called in
    the thread of the first client that needs the model, so that a slow load does not delay
    requests for other models. The engine owns the caches and `look_ahead`: the caller must not use
    them any more.
    """

    def __init__(
        self,
        runner_for: Callable[[str], Runner],
        *,
        logits_cache: LogitsCache,
        prefix_cache: PrefixCache,
        look_ahead: LookAhead | None = None,
        limits: EngineLimits = DEFAULT_LIMITS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._runner_for = runner_for
        self._runners: dict[str, Runner] = {}  # entries are only added, atomically
        statistics = StatisticsRecorder()
        self._inbox = Inbox(
            logits_cache,
            statistics,
            max_waiting=limits.max_waiting,
            timeout_s=limits.timeout_s,
            takes_hints=look_ahead is not None,
            clock=clock,
        )
        self._worker = EngineWorker(
            self._inbox,
            self._runners,
            prefix_cache=prefix_cache,
            look_ahead=look_ahead,
            statistics=statistics,
            max_batch_size=limits.max_batch_size,
            chunk_tokens=limits.chunk_tokens,
            clock=clock,
        )
        self._thread: threading.Thread | None = None
        self._thread_lock = threading.Lock()  # held to start a thread or to begin stopping it

    def start(self) -> None:
        with self._thread_lock:
            if not self.is_alive():
                self._inbox.open()
                self._thread = threading.Thread(target=self._worker.run, name="engine", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        with self._thread_lock:
            self._inbox.close()
            thread = self._thread
        if thread is not None:
            thread.join()

    def is_alive(self) -> bool:
        thread = self._thread
        return thread is not None and thread.is_alive()

    def next_logits(
        self,
        model_id: str,
        token_ids: tuple[int, ...],
        *,
        affinity_key: str = "",
    ) -> "Future[Logits]":
        try:
            check_context_length(len(token_ids), self._runner(model_id).context_length)
        except TokenWheelError as error:
            return failed(error)
        except Exception:
            logger.exception("making the runner of %s failed", model_id)
            return failed(EngineFailedError())
        if not self.is_alive():
            self.start()
        return self._inbox.submit((model_id, token_ids))

    def score(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        try:
            check_text_to_score(len(token_ids), self._runner(model_id).context_length)
        except TokenWheelError as error:
            return failed(error)
        except Exception:
            logger.exception("making the runner of %s failed", model_id)
            return failed(EngineFailedError())
        if not self.is_alive():
            self.start()
        return self._inbox.submit_scoring(model_id, token_ids)

    def prefetch(
        self,
        model_id: str,
        token_ids: tuple[int, ...],
        *,
        affinity_key: str = "",
    ) -> None:
        """Ignored for a model that is not loaded yet."""
        runner = self._runners.get(model_id)
        if runner is not None and len(token_ids) <= runner.context_length:
            self._inbox.add_hint(Hint((model_id, token_ids), is_prefetch=True))

    def statistics(self) -> EngineStatistics:
        return self._inbox.statistics()

    def check_integrity(self) -> None:
        """Call while no thread runs. Asserts: nothing under way, nothing leased, budgets kept."""
        assert not self.is_alive()
        self._inbox.check_integrity()
        self._worker.check_integrity()

    def _runner(self, model_id: str) -> Runner:
        runner = self._runners.get(model_id)
        if runner is None:
            runner = self._runners.setdefault(model_id, self._runner_for(model_id))
        return runner
