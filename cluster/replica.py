"""One replica: an engine with one model, behind the protocol of the remote engine.

Ray Serve routes the requests, counts those under way, restarts a replica that is not healthy, and
adds and removes replicas. Batching, caches and look-ahead are the engine's own.
"""

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response
from ray import serve

from cluster.answers import error_response, unauthorised
from cluster.loopback import bind_replica_to_loopback
from wheel.engine.request import Engine, check_context_length, check_text_to_score
from wheel.engine.statistics import EngineStatistics, total
from wheel.errors import EngineFailedError, TokenWheelError
from wheel.remote_engine import protocol
from wheel.remote_engine.answers import BYTES, JSON, checked_question, require_text_to_score
from wheel.remote_engine.protocol import ModelReport, ProtocolError, Question

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HostedModel:
    """A loaded model on an engine that has not been started. `token`: that requests must bear."""

    engine: Engine
    report: ModelReport
    token: str


class LoadModel(Protocol):
    def __call__(self) -> HostedModel:
        """Called in the replica; may take long, and raises if the model cannot be used."""


app = FastAPI(openapi_url=None)


@serve.deployment
@serve.ingress(app)
class EngineReplica:
    """load  called in the new replica"""

    def __init__(self, load: LoadModel) -> None:
        bind_replica_to_loopback()
        hosted = load()
        self._engine, self._report, self._token = hosted.engine, hosted.report, hosted.token
        self._engine.start()

    def check_health(self) -> None:
        """Ray Serve replaces a replica of which this raises."""
        if not self._engine.is_alive():
            raise RuntimeError("the engine's thread has ended")

    def own_statistics(self) -> EngineStatistics:
        return self._engine.statistics()

    def __del__(self) -> None:
        if hasattr(self, "_engine"):  # its model was loaded
            self._engine.stop()

    @app.post(f"/{protocol.NEXT_LOGITS}")
    async def next_logits(self, request: Request) -> Response:
        return await self._answer(request, self._encoded_logits)

    @app.post(f"/{protocol.SCORE}")
    async def score(self, request: Request) -> Response:
        return await self._answer(request, self._encoded_scores)

    async def _encoded_logits(self, question: Question) -> bytes:
        check_context_length(len(question.token_ids), self._report.context_length)
        future = self._engine.next_logits(question.model_id, question.token_ids)
        # A client that disconnects cancels it.
        return protocol.encode_logits(question, await asyncio.wrap_future(future))

    async def _encoded_scores(self, question: Question) -> bytes:
        require_text_to_score(question)
        check_text_to_score(len(question.token_ids), self._report.context_length)
        future = self._engine.score(question.model_id, question.token_ids)
        return protocol.encode_scores(question, await asyncio.wrap_future(future))

    async def _answer(
        self, request: Request, encoded: Callable[[Question], Awaitable[bytes]]
    ) -> Response:
        if not self._is_authorised(request):
            return unauthorised()
        try:
            message = await encoded(checked_question(await request.body(), self._report))
        except ProtocolError as error:
            return Response(str(error), HTTPStatus.BAD_REQUEST)
        except TokenWheelError as error:
            return error_response(error)
        except Exception:
            logger.exception("a request failed")
            return error_response(EngineFailedError())
        return Response(message, media_type=BYTES)

    @app.post(f"/{protocol.PREFETCH}")
    async def prefetch(self, request: Request) -> Response:
        if not self._is_authorised(request):
            return unauthorised()
        try:
            question = checked_question(await request.body(), self._report)
        except ProtocolError as error:
            return Response(str(error), HTTPStatus.BAD_REQUEST)
        except TokenWheelError as error:
            return error_response(error)
        self._engine.prefetch(question.model_id, question.token_ids)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @app.get(f"/{protocol.STATUS}")
    async def status(self, request: Request) -> Response:
        if not self._is_authorised(request):
            return unauthorised()
        return Response(self._report.encode(), media_type=JSON)

    @app.get(f"/{protocol.STATISTICS}")
    async def statistics(self, request: Request) -> Response:
        """Of all replicas of this model together."""
        if not self._is_authorised(request):
            return unauthorised()
        context = serve.get_replica_context()
        replicas = serve.get_deployment_handle(context.deployment, context.app_name)
        answers = await replicas.broadcast("own_statistics").results_async()
        return Response(protocol.encode_statistics(total(answers)), media_type=JSON)

    def _is_authorised(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())


DEPLOYMENT: Any = EngineReplica  # what the decorators have made of the class
