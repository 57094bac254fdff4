"""WSGI application: the protocol in front of the models and the engine of this process.

A thread waits for each request. The socket on which this is served must be reachable by the
server's own processes only, since no token is asked for.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from wheel.engine.request import Engine, check_context_length, check_text_to_score
from wheel.errors import (
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
    TokenWheelError,
    UnknownModelError,
)
from wheel.language_models.catalog import ModelCatalog
from wheel.remote_engine import protocol
from wheel.remote_engine.answers import (
    BYTES,
    JSON,
    checked_question,
    require_text_to_score,
    status_of,
)
from wheel.remote_engine.protocol import ModelReport, ProtocolError, Question

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
MARGIN_S = 5.0  # above the engine's own deadline, which answers first


@dataclass(frozen=True, slots=True)
class Answer:
    status: HTTPStatus
    body: bytes = b""
    media_type: str = BYTES


class EngineService:
    """catalog    loads models in the background
    timeout_s  of loading and computing a request
    """

    def __init__(self, catalog: ModelCatalog, engine: Engine, *, timeout_s: float) -> None:
        self._catalog = catalog
        self._engine = engine
        self._timeout_s = timeout_s + MARGIN_S
        self._reports: dict[str, ModelReport] = {}  # entries are only added, atomically
        self._endpoints: dict[tuple[str, str], Callable[[str, bytes], Answer]] = {
            ("POST", protocol.NEXT_LOGITS): self._next_logits,
            ("POST", protocol.SCORE): self._score,
            ("POST", protocol.PREFETCH): self._prefetch,
            ("GET", protocol.STATUS): self._status,
            ("GET", protocol.STATISTICS): self._statistics,
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        prefix, _, endpoint = environ["PATH_INFO"].rpartition("/")
        model_id = prefix.removeprefix(f"{protocol.PREFIX}/")
        body = environ["wsgi.input"].read() if environ["REQUEST_METHOD"] == "POST" else b""
        answer = self._answer(environ["REQUEST_METHOD"], endpoint, model_id, body)
        headers = [("Content-Length", str(len(answer.body))), ("Content-Type", answer.media_type)]
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [answer.body]

    def _answer(self, method: str, endpoint: str, model_id: str, body: bytes) -> Answer:
        """No exception leaves this function."""
        try:
            if (answer := self._endpoints.get((method, endpoint))) is None:
                return Answer(HTTPStatus.NOT_FOUND)
            return answer(model_id, body)
        except ProtocolError as error:
            return Answer(HTTPStatus.BAD_REQUEST, str(error).encode())
        except UnknownModelError:
            return Answer(HTTPStatus.NOT_FOUND)
        except TokenWheelError as error:
            return Answer(status_of(error), protocol.encode_error(error), JSON)
        except Exception:
            logger.exception("a request failed")
            return self._failure()

    def _failure(self) -> Answer:
        error = EngineFailedError()
        return Answer(status_of(error), protocol.encode_error(error), JSON)

    def _next_logits(self, model_id: str, body: bytes) -> Answer:
        report = self._report(model_id)
        question = checked_question(body, report)
        check_context_length(len(question.token_ids), report.context_length)
        row = self._result(self._engine.next_logits(model_id, question.token_ids))
        return Answer(HTTPStatus.OK, protocol.encode_logits(question, row))

    def _score(self, model_id: str, body: bytes) -> Answer:
        report = self._report(model_id)
        question = checked_question(body, report)
        require_text_to_score(question)
        check_text_to_score(len(question.token_ids), report.context_length)
        scores = self._result(self._engine.score(model_id, question.token_ids))
        return Answer(HTTPStatus.OK, protocol.encode_scores(question, scores))

    def _prefetch(self, model_id: str, body: bytes) -> Answer:
        """Ignored for a model that is not loaded yet, as by the engine."""
        if report := self._reports.get(model_id):
            question: Question = checked_question(body, report)
            self._engine.prefetch(model_id, question.token_ids)
        return Answer(HTTPStatus.NO_CONTENT)

    def _status(self, model_id: str, _: bytes) -> Answer:
        """Answers at once. Raises `EngineBusyError` while the model is being loaded, and
        `ModelUnavailableError` if it cannot be."""
        if model_id not in self._reports:
            self._require_loaded(model_id)
        return Answer(HTTPStatus.OK, self._report(model_id).encode(), JSON)

    def _require_loaded(self, model_id: str) -> None:
        statuses = {status.spec.model_id: status for status in self._catalog.statuses()}
        if (status := statuses.get(model_id)) is None:
            raise UnknownModelError
        if status.detail is not None:
            raise ModelUnavailableError(status.detail)
        if not status.is_loaded:
            raise EngineBusyError

    def _statistics(self, _model_id: str, _: bytes) -> Answer:
        statistics = self._engine.statistics()
        return Answer(HTTPStatus.OK, protocol.encode_statistics(statistics), JSON)

    def _report(self, model_id: str) -> ModelReport:
        """Waits for a model that is being loaded. Raises as `ModelCatalog.runner` does."""
        report = self._reports.get(model_id)
        if report is None:
            self._catalog.runner(model_id)
            tokenizer = self._catalog.tokenizer(model_id)
            report = self._reports[model_id] = ModelReport(
                model_id,
                self._catalog.context_length(model_id),
                tokenizer.vocabulary_size,
                tokenizer.digest,
            )
        return report

    def _result(self, future: "Future[Result]") -> Result:
        """Raises the errors of the engine, `EngineBusyError` if it does not answer in time."""
        try:
            return future.result(self._timeout_s)
        except TimeoutError:
            future.cancel()
            raise EngineBusyError from None
