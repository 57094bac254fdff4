"""Engine on other machines, behind the interface of an engine in the process.

One thread with an event loop sends the requests. As many as there are connections are under way;
the others wait here, in their order, like those before a forward pass of an engine in the process.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import httpx2

from wheel.engine.arrays import Logits
from wheel.engine.request import InferenceRequest
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics, total
from wheel.errors import EngineBusyError, EngineFailedError, TokenWheelError
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import (
    ProtocolError,
    Question,
    Vocabulary,
    decode_logits,
    decode_scores,
)

logger = logging.getLogger(__name__)

MAX_PREFETCHES = 32  # hints under way; one more is dropped
STATISTICS_TIMEOUT_S = 3.0


@dataclass(frozen=True, slots=True)
class RemoteLimits:
    """max_connections  requests under way at once
    max_waiting      requests that may wait for a connection; one more is refused
    timeout_s        from a request's submission to its answer
    """

    max_connections: int = 64
    max_waiting: int = 256
    timeout_s: float = 30.0


@dataclass(eq=False)
class RemoteRequest(InferenceRequest):
    affinity_key: str = ""
    is_scoring: bool = False


class RemoteEngine:
    """make_client      called in the engine's thread
    model_ids        of the models that the service offers, for statistics
    vocabulary       of a model; an answer of another one is refused
    """

    def __init__(
        self,
        make_client: Callable[[], EngineClient],
        model_ids: Sequence[str],
        vocabulary: Callable[[str], Vocabulary],
        *,
        limits: RemoteLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_client = make_client
        self._model_ids = tuple(model_ids)
        self._vocabulary = vocabulary
        self._limits = limits or RemoteLimits()
        self._clock = clock
        self._statistics = EngineStatistics()
        self._changed = threading.Condition()  # guards the attributes below
        self._waiting: deque[RemoteRequest] = deque()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: EngineClient | None = None  # this and the next two: of the thread only
        self._under_way: set[asyncio.Task[None]] = set()
        self._prefetches: set[asyncio.Task[None]] = set()
        self._is_over: asyncio.Event | None = None

    def start(self) -> None:
        with self._changed:
            self._ensure_thread()

    def stop(self) -> None:
        with self._changed:
            thread, self._is_stopping = self._thread, True
            refused, self._waiting = self._waiting, deque()
            self._call_in_loop(self._send_waiting)
        for request in refused:
            request.fail(EngineBusyError())
        if thread is not None:
            thread.join()

    def is_alive(self) -> bool:
        thread = self._thread
        return thread is not None and thread.is_alive()

    def next_logits(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> "Future[Logits]":
        return self._queue(
            RemoteRequest(model_id, token_ids, self._deadline(), affinity_key=affinity_key)
        )

    def score(self, model_id: str, token_ids: tuple[int, ...]) -> "Future[Scores]":
        return self._queue(RemoteRequest(model_id, token_ids, self._deadline(), is_scoring=True))

    def _deadline(self) -> float:
        return self._clock() + self._limits.timeout_s

    def _queue(self, request: RemoteRequest) -> "Future[Any]":
        future = request.join()
        with self._changed:
            self._ensure_thread()
            is_full = len(self._waiting) >= self._limits.max_waiting
            if self._is_stopping or self._loop is None or is_full:  # no loop: it could not start
                request.fail(EngineBusyError())
            else:
                self._waiting.append(request)
                self._call_in_loop(self._send_waiting)
        return future

    def prefetch(
        self, model_id: str, token_ids: tuple[int, ...], *, affinity_key: str = ""
    ) -> None:
        """Sent without waiting for an answer. Ignored for a model whose tokenizer is missing."""
        with suppress(TokenWheelError):
            question = Question(model_id, token_ids, self._vocabulary(model_id).digest)
            with self._changed:
                self._call_in_loop(self._send_hint, question, affinity_key)

    def statistics(self) -> EngineStatistics:
        """Of all replicas together, as of the last time when the service answered."""
        with self._changed:
            loop, num_waiting = self._loop, len(self._waiting)
        if loop is not None:
            self._statistics = self._asked_statistics(loop) or self._statistics
        known = self._statistics
        return replace(
            known,
            num_waiting=known.num_waiting + num_waiting,
            batch_counts=list(known.batch_counts),
        )

    def _asked_statistics(self, loop: asyncio.AbstractEventLoop) -> EngineStatistics | None:
        """None also if the loop ends meanwhile."""
        coroutine = self._ask_for_statistics()
        try:
            asking = asyncio.run_coroutine_threadsafe(coroutine, loop)
            return asking.result(2 * STATISTICS_TIMEOUT_S)
        except (TimeoutError, CancelledError, RuntimeError):
            coroutine.close()
            return None

    # With the lock held

    def _ensure_thread(self) -> None:
        if not self.is_alive():
            self._is_stopping = False
            self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
            self._thread.start()
        if not self._is_stopping:  # another client may just have started it
            self._changed.wait_for(lambda: self._loop is not None or not self._thread)

    def _call_in_loop(self, function: Callable[..., object], *arguments: object) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(function, *arguments)

    # In the engine's thread

    def _work(self) -> None:
        try:
            asyncio.run(self._run())
        finally:
            with self._changed:
                self._thread = self._loop = None
                self._changed.notify_all()

    async def _run(self) -> None:
        self._client, self._is_over = self._make_client(), asyncio.Event()
        with self._changed:
            self._loop = asyncio.get_running_loop()
            self._changed.notify_all()
        self._send_waiting()  # also notices a stop that came before the loop
        await self._is_over.wait()
        for task in self._prefetches:
            task.cancel()
        await self._client.close()

    def _send_waiting(self) -> None:
        while request := self._next_request():
            task = asyncio.create_task(self._answer(request))
            self._under_way.add(task)
            task.add_done_callback(self._note_end)
            cancel_with(request.futures, task)

    def _next_request(self) -> RemoteRequest | None:
        """None if there is none, or no connection for it. The last call ends the loop."""
        with self._changed:
            if self._waiting and len(self._under_way) < self._limits.max_connections:
                return self._waiting.popleft()
            if self._is_stopping and not self._under_way and self._is_over is not None:
                self._loop = None  # no call comes after this one
                self._is_over.set()
            return None

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._send_waiting()

    async def _answer(self, request: RemoteRequest) -> None:
        """Answer the request; no exception but a cancellation leaves this function."""
        if request.is_obsolete(self._clock()):
            request.fail(EngineBusyError())
            return
        try:
            async with asyncio.timeout(request.deadline - self._clock()):
                request.answer(await self._result(request))
        except TokenWheelError as error:
            request.fail(error)
        except TimeoutError:
            request.fail(EngineBusyError())
        except ProtocolError:
            logger.exception("the answer of the engine service is refused")
            request.fail(EngineFailedError())
        except Exception:
            logger.exception("a request to the engine service failed")
            request.fail(EngineFailedError())

    async def _result(self, request: RemoteRequest) -> Logits | Scores:
        assert self._client is not None
        vocabulary = self._vocabulary(request.model_id)
        question = Question(request.model_id, request.token_ids, vocabulary.digest)
        if request.is_scoring:
            return decode_scores(await self._client.score(question), question)
        message = await self._client.next_logits(question, request.affinity_key)
        return decode_logits(message, question, vocabulary.size)

    def _send_hint(self, question: Question, affinity_key: str) -> None:
        if self._client is None or len(self._prefetches) >= MAX_PREFETCHES:
            return
        task = asyncio.create_task(self._hint(self._client, question, affinity_key))
        self._prefetches.add(task)
        task.add_done_callback(self._prefetches.discard)

    async def _hint(self, client: EngineClient, question: Question, affinity_key: str) -> None:
        with suppress(httpx2.HTTPError, TimeoutError):
            async with asyncio.timeout(self._limits.timeout_s):
                await client.prefetch(question, affinity_key)

    async def _ask_for_statistics(self) -> EngineStatistics | None:
        """The sum over the models; None unless each that the service offers answers."""
        assert self._client is not None
        asked = [self._client.statistics(model_id) for model_id in self._model_ids]
        try:
            async with asyncio.timeout(STATISTICS_TIMEOUT_S):
                answers = await asyncio.gather(*asked, return_exceptions=True)
        except TimeoutError:
            return None
        if any(map(is_outage, answers)):
            return None
        return total(answer for answer in answers if isinstance(answer, EngineStatistics))


def cancel_with(futures: Iterable["Future[Logits]"], task: asyncio.Task[None]) -> None:
    """Cancel the task, in its own thread, when a client cancels one of the futures."""
    loop = task.get_loop()

    def cancel(future: "Future[Logits]") -> None:
        if future.cancelled():
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(task.cancel)

    for future in futures:
        future.add_done_callback(cancel)


def is_outage(answer: object) -> bool:
    """Whether it is an exception, but not the one for a model that the service does not offer."""
    if isinstance(answer, httpx2.HTTPStatusError):
        return answer.response.status_code != HTTPStatus.NOT_FOUND
    return isinstance(answer, BaseException)
