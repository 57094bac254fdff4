"""HTTP to an engine service: pooled connections, a deadline, one retry, a bearer token."""

import asyncio
import logging
import random
from http import HTTPStatus
from pathlib import Path

import httpx2

from wheel.engine.statistics import EngineStatistics
from wheel.errors import EngineBusyError, EngineFailedError
from wheel.remote_engine import MAX_SIDE_CONNECTIONS, protocol
from wheel.remote_engine.protocol import ModelReport, Question

logger = logging.getLogger(__name__)

RETRY_DELAY_S = 0.2  # before the one retry; half of it at random
CONNECT_TIMEOUT_S = 5.0
RETRIED_STATUSES = {  # of the service's proxy: it has lost a replica, or has none for the moment
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class EngineClient:
    """Two connection pools, for one event loop.

    url          of the service, without a path
    socket_path  connects to this Unix socket, whatever the URL's host
    """

    def __init__(
        self, url: str, token: str, *, max_connections: int, socket_path: Path | None = None
    ) -> None:
        self._http = pool_of(url, token, max_connections, socket_path)
        # Never in the way of a student.
        self._side = pool_of(url, token, MAX_SIDE_CONNECTIONS, socket_path)
        self._is_reachable = True  # to log the beginning and the end of an outage once

    async def close(self) -> None:
        await self._http.aclose()
        await self._side.aclose()

    async def next_logits(self, question: Question, affinity_key: str) -> bytes:
        """The service's message. Raises the errors of `Engine.next_logits`: without a usable answer
        in two attempts, `EngineBusyError`."""
        return await self._ask(protocol.NEXT_LOGITS, question, affinity_key)

    async def score(self, question: Question) -> bytes:
        """Likewise, for `Engine.score`."""
        return await self._ask(protocol.SCORE, question, "")

    async def prefetch(self, question: Question, affinity_key: str) -> None:
        await self._send(protocol.PREFETCH, question, affinity_key, pool=self._side)

    async def report(self, model_id: str) -> ModelReport:
        """Raises `ProtocolError`, and `httpx2.HTTPError` without an answer of status 200."""
        return ModelReport.decode(await self._get(model_id, protocol.STATUS))

    async def statistics(self, model_id: str) -> EngineStatistics:
        """Of all replicas together. Raises as `report` does."""
        return protocol.decode_statistics(await self._get(model_id, protocol.STATISTICS))

    async def _ask(self, endpoint: str, question: Question, affinity_key: str) -> bytes:
        try:
            response = await self._send(endpoint, question, affinity_key)
            is_final = response.status_code not in RETRIED_STATUSES or is_failed_pass(response)
        except httpx2.TransportError:
            is_final = False
        if not is_final:
            await asyncio.sleep(RETRY_DELAY_S * random.uniform(0.5, 1))  # noqa: S311 - no secret
            try:
                response = await self._send(endpoint, question, "")  # any other replica
            except httpx2.TransportError as error:
                self._note_outage(type(error).__name__)
                raise EngineBusyError from None
        return self._body_of(response)

    def _body_of(self, response: httpx2.Response) -> bytes:
        """Raises the error that the response stands for."""
        if response.status_code == HTTPStatus.OK:
            self._note_answer()
            return response.content
        if error := protocol.decode_error(response.content):
            self._note_answer()
            raise error
        self._note_outage(f"status {response.status_code}")
        raise EngineBusyError

    async def _send(
        self,
        endpoint: str,
        question: Question,
        affinity_key: str,
        *,
        pool: httpx2.AsyncClient | None = None,
    ) -> httpx2.Response:
        headers = {protocol.AFFINITY_HEADER: affinity_key} if affinity_key else {}
        path = f"{protocol.PREFIX}/{question.model_id}/{endpoint}"
        return await (pool or self._http).post(path, content=question.encode(), headers=headers)

    async def _get(self, model_id: str, endpoint: str) -> bytes:
        response = await self._side.get(f"{protocol.PREFIX}/{model_id}/{endpoint}")
        response.raise_for_status()
        return response.content

    def _note_outage(self, reason: str) -> None:
        if self._is_reachable:
            logger.warning("the engine service does not answer: %s", reason)
        self._is_reachable = False

    def _note_answer(self) -> None:
        if not self._is_reachable:
            logger.warning("the engine service answers again")
        self._is_reachable = True


def pool_of(
    url: str, token: str, max_connections: int, socket_path: Path | None
) -> httpx2.AsyncClient:
    limits = httpx2.Limits(
        max_connections=max_connections, max_keepalive_connections=max_connections
    )
    return httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"} if token else {},
        limits=limits,
        timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),
        trust_env=False,  # a proxy for the internet is none for the cluster
        transport=None if socket_path is None else transport_over(socket_path, limits),
    )


def transport_over(socket_path: Path, limits: httpx2.Limits) -> httpx2.AsyncBaseTransport:
    """Without TLS, so it need not read the certificates of the internet."""
    return httpx2.AsyncHTTPTransport(
        uds=str(socket_path), limits=limits, verify=False, trust_env=False
    )


def is_failed_pass(response: httpx2.Response) -> bool:
    """Whether the engine itself says that this request failed: it would fail again."""
    return isinstance(protocol.decode_error(response.content), EngineFailedError)
