"""The answers of the engine service about its models, asked for again and again in a thread."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import inf

import httpx2

from wheel.errors import EngineBusyError, ModelUnavailableError
from wheel.remote_engine import protocol
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import ModelReport, ProtocolError

logger = logging.getLogger(__name__)

POLL_S = 3.0
LOADING_POLL_S = 0.2  # while a model is being loaded
TIMEOUT_S = 5.0
MAX_AGE_S = 15.0  # an older answer says nothing of now


@dataclass(frozen=True, slots=True)
class Observation:
    """report       the last that the service gave; None: it has never given one
    reported_at  when it was last known to be true
    reason       why the last answer was no report; empty if it was one
    asked_at     when that was
    is_loading   whether the last answer was that the model is being loaded
    refusal      the service's own sentence, if the last answer was that the model cannot be loaded
    """

    report: ModelReport | None = None
    reported_at: float = -inf
    reason: str = "it has not been asked yet"
    asked_at: float = -inf
    is_loading: bool = False
    refusal: str | None = None


class ServiceWatch:
    """What the service last said of each model. `make_client` is called in the watch's thread."""

    def __init__(
        self,
        make_client: Callable[[], EngineClient],
        model_ids: Sequence[str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_client = make_client
        self._model_ids = tuple(model_ids)
        self._clock = clock
        self._observations: dict[str, Observation] = {}
        self._is_stopping, self._has_asked = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="engine-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping.set()
        if self._thread is not None:
            self._thread.join()

    def reason(self, model_id: str) -> str:
        """Why the model cannot be used now; empty if it can, perhaps after a wait for its load.
        Waits for the first answers after the start. A process without the thread asks now, at most
        once in `POLL_S`."""
        if self._thread is not None:
            self._has_asked.wait(TIMEOUT_S)
        elif self._clock() - self._observation(model_id).asked_at > POLL_S:
            self.ask_all()
        observation = self._observation(model_id)
        return "" if observation.is_loading or self.report(model_id) else observation.reason

    def refusal(self, model_id: str) -> str | None:
        """From memory. The service's own sentence on why the model cannot be loaded, if it has
        given one."""
        return self._observation(model_id).refusal

    def report(self, model_id: str) -> ModelReport | None:
        """From memory. One failed answer says nothing: a report holds for `MAX_AGE_S`."""
        observation = self._observation(model_id)
        is_old = self._clock() - observation.reported_at > MAX_AGE_S
        return None if is_old else observation.report

    def last_report(self, model_id: str) -> ModelReport | None:
        """From memory, however old."""
        return self._observation(model_id).report

    def _observation(self, model_id: str) -> Observation:
        return self._observations.get(model_id, Observation())

    def ask_all(self) -> None:
        """Ask now. In a thread of its own, since that of the caller may have an event loop."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._ask_once()).result()

    def _work(self) -> None:
        while not self._is_stopping.is_set():
            try:
                asyncio.run(self._ask_until_stopped())
            except Exception:
                logger.exception("asking the engine service for its models failed")
                self._is_stopping.wait(POLL_S)

    async def _ask_until_stopped(self) -> None:
        client = self._make_client()
        try:
            while not self._is_stopping.is_set():
                await self._ask_each(client)
                self._has_asked.set()
                await asyncio.to_thread(self._is_stopping.wait, self._pause_s())
        finally:
            await client.close()

    def _pause_s(self) -> float:
        is_loading = any(seen.is_loading for seen in self._observations.values())
        return LOADING_POLL_S if is_loading else POLL_S

    async def _ask_once(self) -> None:
        client = self._make_client()
        try:
            await self._ask_each(client)
        finally:
            await client.close()

    async def _ask_each(self, client: EngineClient) -> None:
        await asyncio.gather(*(self._ask(client, model_id) for model_id in self._model_ids))

    async def _ask(self, client: EngineClient, model_id: str) -> None:
        before = self._observation(model_id)
        seen = replace(before, asked_at=self._clock(), is_loading=False, refusal=None)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                report = await client.report(model_id)
            seen = replace(seen, report=report, reported_at=self._clock(), reason="")
        except httpx2.HTTPStatusError as error:
            seen = self._refused(seen, error.response, self.report(model_id))
        except (httpx2.HTTPError, TimeoutError) as error:
            seen = replace(seen, reason=f"it does not answer ({type(error).__name__})")
        except ProtocolError as error:
            seen = replace(seen, reason=f"it answers with {error}")
        if before.reason != seen.reason:
            logger.info("engine service, %s: %s", model_id, seen.reason or "ready")
        self._observations[model_id] = seen

    def _refused(
        self, seen: Observation, response: httpx2.Response, report: ModelReport | None
    ) -> Observation:
        """What an answer without a report says. `report`: the last one, if it still holds."""
        status, error = response.status_code, protocol.decode_error(response.content)
        if isinstance(error, ModelUnavailableError):
            return replace(
                seen, reason="it cannot load the model", refusal=error.detail, reported_at=-inf
            )
        if isinstance(error, EngineBusyError):
            seen = replace(seen, is_loading=True)
        if status == HTTPStatus.SERVICE_UNAVAILABLE and report is not None:
            seen = replace(seen, reported_at=self._clock())  # busy, so it is there
        reason = (
            "it is loading the model" if seen.is_loading else f"it answers with status {status}"
        )
        return replace(seen, reason=reason)
