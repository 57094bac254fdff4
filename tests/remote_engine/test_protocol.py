"""Messages of the engine protocol: each comes back as it was, and nothing else is believed."""

import dataclasses

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wheel.engine.statistics import EngineStatistics
from wheel.errors import (
    ContextFullError,
    EngineBusyError,
    EngineFailedError,
    ModelUnavailableError,
    SessionNotFoundError,
)
from wheel.remote_engine.protocol import (
    ModelReport,
    ProtocolError,
    Question,
    decode_error,
    decode_logits,
    decode_statistics,
    encode_error,
    encode_logits,
    encode_statistics,
)

QUESTION = Question("m", (1, 2, 3), "v")
ROW = np.array([0.5, -1.25, 3e38, -0.0, 1e-45], dtype=np.float32)


@given(
    st.text(max_size=20),
    st.lists(st.integers(0, 2**31), min_size=1, max_size=40),
    st.text(max_size=9),
)
def test_a_question_comes_back(model_id, token_ids, vocabulary):
    question = Question(model_id, tuple(token_ids), vocabulary)
    assert Question.decode(question.encode()) == question


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=60))
def test_logits_come_back_to_the_last_bit_and_cannot_be_written_to(values):
    row = np.array(values, dtype=np.float32)
    answer = decode_logits(encode_logits(QUESTION, row), QUESTION, len(values))
    assert answer.dtype == np.float32
    assert answer.tobytes() == row.tobytes()
    assert not answer.flags.writeable


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"protocol": 2, "model_id": "m", "token_ids": [1]}',
        b'{"protocol": 1, "token_ids": [1], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": [1]}',
        b'{"protocol": 1, "model_id": "m", "token_ids": [1], "vocabulary": 3}',
        b'{"protocol": 1, "model_id": "m"}',
        b'{"protocol": 1, "model_id": 3, "token_ids": [1], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": [], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": [-1], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": [1.0], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": [true], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": ["1"], "vocabulary": "v"}',
        b'{"protocol": 1, "model_id": "m", "token_ids": "12", "vocabulary": "v"}',
    ],
)
def test_what_is_no_question_is_refused(body):
    with pytest.raises(ProtocolError):
        Question.decode(body)


def changed(**fields):
    """An answer to the question with these fields of its header changed."""
    header, _, values = encode_logits(QUESTION, ROW).partition(b"\n")
    return orjson.dumps(orjson.loads(header) | fields) + b"\n" + values


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (changed(model_id="n"), "another model"),
        (encode_logits(Question("m", (1, 2), "v"), ROW), "another context"),
        (encode_logits(Question("m", (1, 2, 3), "w"), ROW), "another context"),
        (encode_logits(QUESTION, ROW[:4]), "another shape"),
        (encode_logits(QUESTION, np.append(ROW, ROW)), "another shape"),
        (encode_logits(QUESTION, ROW.reshape(1, 5)), "another shape"),
        (changed(shape=[5, 1]), "another shape"),
        (encode_logits(QUESTION, ROW)[:-1], "another shape"),
        (encode_logits(QUESTION, ROW) + b"0", "another shape"),
        (changed(sha256="0" * 64), "another checksum"),
        (encode_logits(QUESTION, ROW)[:-1] + b"\x7f", "another checksum"),
        (changed(protocol=2), "version"),
        (changed(sha256=None), "another checksum"),
        (b"\n" + bytes(20), "no JSON"),
        (bytes(5000), "without a header"),
        (b"", "without a header"),
    ],
)
def test_logits_that_are_not_the_whole_answer_to_the_question_are_refused(message, problem):
    with pytest.raises(ProtocolError, match=problem):
        decode_logits(message, QUESTION, len(ROW))


@given(st.integers(0), st.integers(1, 255))
def test_a_change_of_any_byte_is_noticed_or_changes_nothing(position, difference):
    message = bytearray(encode_logits(QUESTION, ROW))
    message[position % len(message)] ^= difference
    try:
        answer = decode_logits(bytes(message), QUESTION, len(ROW))
    except ProtocolError:
        return
    assert answer.tobytes() == ROW.tobytes()


def test_a_report_of_a_model_comes_back():
    report = ModelReport("m", 64, 50, "ab")
    assert ModelReport.decode(report.encode()) == report


@pytest.mark.parametrize(
    "fields",
    [{"context_length": 0}, {"context_length": "x"}, {"vocabulary_size": None}, {"protocol": 0}],
)
def test_a_report_with_wrong_values_is_refused(fields):
    message = orjson.loads(ModelReport("m", 64, 50, "ab").encode()) | fields
    with pytest.raises(ProtocolError):
        ModelReport.decode(orjson.dumps(message))


def test_statistics_come_back():
    statistics = EngineStatistics(num_waiting=3, batch_counts=[1, 2, 3, 4, 5, 6, 7])
    assert decode_statistics(encode_statistics(statistics)) == statistics


@pytest.mark.parametrize(
    "fields", [{"num_waiting": -1}, {"batch_counts": [1]}, {"more": 1}, {"num_waiting": "1"}]
)
def test_wrong_statistics_are_refused(fields):
    message = dataclasses.asdict(EngineStatistics()) | {"protocol": 1} | fields
    with pytest.raises(ProtocolError):
        decode_statistics(orjson.dumps(message))


@pytest.mark.parametrize(
    "error",
    [
        ContextFullError("too long"),
        EngineBusyError(),
        EngineFailedError(),
        ModelUnavailableError("not here"),
    ],
)
def test_an_error_comes_back_with_its_sentence(error):
    decoded = decode_error(encode_error(error))
    assert decoded is not None
    assert type(decoded) is type(error)
    assert decoded is not None
    assert decoded.detail == error.detail
    assert getattr(decoded, "retry_after_s", 0) == getattr(error, "retry_after_s", 0)


def test_the_time_to_wait_comes_back():
    error = ModelUnavailableError("later")
    error.retry_after_s = 40
    assert getattr(decode_error(encode_error(error)), "retry_after_s", None) == 40


def test_an_error_that_the_engine_does_not_raise_is_a_failed_request_without_its_sentence():
    decoded = decode_error(encode_error(SessionNotFoundError("a secret")))
    assert decoded is not None
    assert type(decoded) is EngineFailedError
    assert "secret" not in decoded.detail


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"protocol": 1}', b'{"protocol": 1, "error": "other"}']
)
def test_a_page_of_a_proxy_is_no_error_of_the_engine(body):
    assert decode_error(body) is None
