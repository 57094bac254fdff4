"""The answers of the engine service about its models, asked for again and again in a thread."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx2

from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import ModelReport, ProtocolError

logger = logging.getLogger(__name__)

POLL_S = 3.0
TIMEOUT_S = 5.0
MAX_AGE_S = 15.0  # an older answer says nothing of now


@dataclass(frozen=True, slots=True)
class Observation:
    """report      None: the service gave none
    reason      why there is none; empty if there is one
    """

    report: ModelReport | None
    reason: str
    at_s: float


class ServiceWatch:
    """The newest observation of each model. `make_client` is called in the watch's own thread."""

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
        self._is_stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="engine-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping.set()
        if self._thread is not None:
            self._thread.join()

    def observe(self, model_id: str) -> Observation:
        """From memory; a process without the thread asks now, at most once in `POLL_S`."""
        observation = self._observations.get(model_id)
        age_s = None if observation is None else self._clock() - observation.at_s
        if self._thread is None and (age_s is None or age_s > POLL_S):
            self.ask_all()
        return self.remembered(model_id)

    def remembered(self, model_id: str) -> Observation:
        """From memory alone."""
        observation = self._observations.get(model_id)
        if observation is None or self._clock() - observation.at_s > MAX_AGE_S:
            return Observation(None, "it has not been asked yet", self._clock())
        return observation

    def ask_all(self) -> None:
        asyncio.run(self._ask_all())

    def _work(self) -> None:
        while not self._is_stopping.is_set():
            try:
                self.ask_all()
            except Exception:
                logger.exception("asking the engine service for its models failed")
            self._is_stopping.wait(POLL_S)

    async def _ask_all(self) -> None:
        client = self._make_client()
        try:
            await asyncio.gather(*(self._ask(client, model_id) for model_id in self._model_ids))
        finally:
            await client.close()

    async def _ask(self, client: EngineClient, model_id: str) -> None:
        report, reason = None, ""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                report = await client.report(model_id)
        except httpx2.HTTPStatusError as error:
            reason = f"it answers with status {error.response.status_code}"
        except (httpx2.HTTPError, TimeoutError) as error:
            reason = f"it does not answer ({type(error).__name__})"
        except ProtocolError as error:
            reason = f"it answers with {error}"
        self._note(model_id, Observation(report, reason, self._clock()))

    def _note(self, model_id: str, observation: Observation) -> None:
        before = self._observations.get(model_id)
        if before is None or before.reason != observation.reason:
            logger.info("engine service, %s: %s", model_id, observation.reason or "ready")
        self._observations[model_id] = observation
