"""The messages between the web tier and an engine in another process, version 1.

They do not depend on the transport. A question is JSON. Logits are one line of JSON, the header,
then the raw little-endian float32 values of the row. The header names the model, repeats the
digest of the question, and has the shape and the checksum of the values. An error is JSON with the
code and the sentence of a `TokenWheelError`. Nothing is pickled.

The version is in every message. A new version is needed for every change that the other side would
misunderstand; upgrades then follow docs/scaling.md.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any

import numpy as np
import orjson

from wheel.engine.arrays import Logits
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics
from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
    TokenWheelError,
)
from wheel.sentences import Sentence

VERSION = 1
PREFIX = f"/v{VERSION}/models"  # then the model's id, and one of the endpoints below
NEXT_LOGITS, SCORE, PREFETCH = "next-logits", "score", "prefetch"
STATUS, STATISTICS = "status", "statistics"
AFFINITY_HEADER = "x-session-id"  # equal values go to the same replica; the name is Ray Serve's

VALUES = np.dtype("<f4")
SCORE_VALUES = tuple(map(np.dtype, ("<f8", "<i8", "<i8", "<f8")))  # in the order of `Scores`
MAX_HEADER_BYTES = 4096
MAX_TOKENS = 1_000_000  # far more than any context window
MAX_DETAIL_LEN = 500

# The errors that an engine may answer with, by the name in the message.
ERRORS: Mapping[str, type[TokenWheelError]] = {
    "context_full": ContextFullError,
    "engine_busy": EngineBusyError,
    "engine_failed": EngineFailedError,
    "model_unavailable": ModelUnavailableError,
}


class ProtocolError(Exception):
    """The other side sent something that is not a message of this version, or not the answer to
    this question. The text names no value of the message."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """size    the number of tokens
    digest  of the tokenizer's table, see `Tokenizer.digest`
    """

    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Question:
    """A context whose next token's logits are wanted. `vocabulary`: the digest of the table that
    gives the ids their meaning."""

    model_id: str
    token_ids: tuple[int, ...]
    vocabulary: str

    def encode(self) -> bytes:
        return orjson.dumps({"protocol": VERSION} | asdict(self))

    @classmethod
    def decode(cls, message: bytes) -> "Question":
        """Raises `ProtocolError`."""
        content = json_object(message)
        model_id, token_ids = content.get("model_id"), content.get("token_ids")
        vocabulary = content.get("vocabulary")
        if not isinstance(model_id, str) or not isinstance(token_ids, list):
            raise ProtocolError("a question without model_id or token_ids")
        if not isinstance(vocabulary, str):
            raise ProtocolError("a question without a vocabulary")
        if not 0 < len(token_ids) <= MAX_TOKENS:
            raise ProtocolError("a question with no or too many token ids")
        if not all(type(token_id) is int and token_id >= 0 for token_id in token_ids):
            raise ProtocolError("a question with a token id that is no natural number")
        return cls(model_id, tuple(token_ids), vocabulary)

    @property
    def digest(self) -> str:
        """Of model, token ids and vocabulary, in hex; an answer repeats it."""
        return sha256(self.encode()).hexdigest()


def encode_logits(question: Question, row: Logits) -> bytes:
    values = np.ascontiguousarray(row, VALUES).tobytes()
    return header_of(question, row.shape, values) + values


def decode_logits(message: bytes, question: Question, vocabulary_size: int) -> Logits:
    """(vocabulary_size,) float32, not to be written to. Raises `ProtocolError` unless the message
    is a whole answer to this question, of the right shape."""
    num_bytes = vocabulary_size * VALUES.itemsize
    values = values_of(message, question, (vocabulary_size,), num_bytes)
    return np.frombuffer(values, VALUES).astype(np.float32, copy=False)


def header_of(question: Question, shape: tuple[int, ...], values: bytes) -> bytes:
    header = {
        "protocol": VERSION,
        "model_id": question.model_id,
        "question": question.digest,
        "shape": shape,
        "sha256": sha256(values).hexdigest(),
    }
    return orjson.dumps(header) + b"\n"


def values_of(
    message: bytes, question: Question, shape: tuple[int, ...], num_bytes: int
) -> memoryview:
    """What follows the header. Raises `ProtocolError` unless that is of an answer to this question,
    of this shape and size, and fits its checksum."""
    end = message.find(b"\n", 0, MAX_HEADER_BYTES)
    if end < 0:
        raise ProtocolError("an answer without a header")
    header, values = json_object(message[:end]), memoryview(message)[end + 1 :]
    if header.get("model_id") != question.model_id:
        raise ProtocolError("an answer of another model")
    if header.get("question") != question.digest:
        raise ProtocolError("an answer to another context")
    if header.get("shape") != list(shape) or len(values) != num_bytes:
        raise ProtocolError("an answer of another shape")
    if header.get("sha256") != sha256(values).hexdigest():
        raise ProtocolError("an answer with another checksum")
    return values


def encode_scores(question: Question, scores: Scores) -> bytes:
    columns = [getattr(scores, field.name) for field in fields(Scores)]
    values = b"".join(
        np.ascontiguousarray(column, dtype).tobytes()
        for column, dtype in zip(columns, SCORE_VALUES, strict=True)
    )
    return header_of(question, (len(scores),), values) + values


def decode_scores(message: bytes, question: Question) -> Scores:
    """Those of all tokens of the question but the first. Raises `ProtocolError` unless the message
    is a whole answer to this question."""
    num_scores = len(question.token_ids) - 1
    num_bytes = num_scores * sum(dtype.itemsize for dtype in SCORE_VALUES)
    values = values_of(message, question, (num_scores,), num_bytes)
    columns: list[Any] = []
    start = 0
    for dtype in SCORE_VALUES:
        column = np.frombuffer(values, dtype, num_scores, start)
        columns.append(column.astype(dtype.newbyteorder("="), copy=False))
        start += num_scores * dtype.itemsize
    return Scores(*columns)


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What a replica says of its model, once that is loaded. `vocabulary`: the digest of its
    tokenizer's table."""

    model_id: str
    context_length: int
    vocabulary_size: int
    vocabulary: str

    def encode(self) -> bytes:
        return orjson.dumps({"protocol": VERSION} | asdict(self))

    @classmethod
    def decode(cls, message: bytes) -> "ModelReport":
        """Raises `ProtocolError`."""
        content = json_object(message)
        try:
            report = cls(
                str(content["model_id"]),
                int(content["context_length"]),
                int(content["vocabulary_size"]),
                str(content["vocabulary"]),
            )
        except (KeyError, TypeError, ValueError):
            raise ProtocolError("an incomplete report of a model") from None
        if report.context_length < 1:
            raise ProtocolError("a model without a context window")
        return report


def encode_statistics(statistics: EngineStatistics) -> bytes:
    return orjson.dumps({"protocol": VERSION} | asdict(statistics))


def decode_statistics(message: bytes) -> EngineStatistics:
    """Raises `ProtocolError`."""
    content = json_object(message)
    del content["protocol"]
    try:
        statistics = EngineStatistics(**content)
    except TypeError:
        raise ProtocolError("statistics with other figures") from None
    figures = [*asdict(statistics).values()]
    numbers = [n for figure in figures for n in (figure if isinstance(figure, list) else [figure])]
    is_whole = len(statistics.batch_counts) == len(EngineStatistics().batch_counts)
    if not is_whole or not all(type(number) is int and number >= 0 for number in numbers):
        raise ProtocolError("statistics that are no natural numbers")
    return statistics


def encode_error(error: TokenWheelError) -> bytes:
    """An error that is not in `ERRORS` becomes `engine_failed`."""
    names = {error_type: name for name, error_type in ERRORS.items()}
    name = names.get(type(error), "engine_failed")
    content: dict[str, Any] = {"protocol": VERSION, "error": name}
    if type(error) in names:
        content |= {"detail": error.detail, "retry_after_s": getattr(error, "retry_after_s", None)}
        if isinstance(error.detail, Sentence):
            content |= {"template": error.detail.template, "parameters": error.detail.parameters}
    return orjson.dumps(content)


def decode_error(message: bytes) -> TokenWheelError | None:
    """None if it is no error of this protocol, such as a page of a proxy."""
    try:
        content = json_object(message)
    except ProtocolError:
        return None
    error_type = ERRORS.get(str(content.get("error")))
    if error_type is None:
        return None
    error = error_type(detail_of(content))
    retry_after_s = content.get("retry_after_s")
    if hasattr(error, "retry_after_s") and type(retry_after_s) is int and 0 < retry_after_s <= 3600:
        error.retry_after_s = retry_after_s
    return error


def detail_of(content: Mapping[str, Any]) -> str | None:
    """As a `Sentence`, which pages can translate, if the message has the template of the detail."""
    detail, template = content.get("detail"), content.get("template")
    if not isinstance(detail, str):
        return None
    detail = detail[:MAX_DETAIL_LEN]
    if not isinstance(template, str) or not isinstance(content.get("parameters"), dict):
        return detail
    values = content["parameters"].values()
    if not all(type(value) in (str, int, float) for value in values):
        return detail
    try:
        sentence = Sentence(template, **content["parameters"])
    except (KeyError, TypeError, ValueError):
        return detail
    return sentence if sentence == detail else detail


def json_object(message: bytes) -> dict[str, Any]:
    """Raises `ProtocolError` unless it is a JSON object of this version."""
    try:
        content = orjson.loads(message)
    except orjson.JSONDecodeError:
        raise ProtocolError("no JSON") from None
    if not isinstance(content, dict) or content.get("protocol") != VERSION:
        raise ProtocolError(f"no message of version {VERSION}")
    return content
