"""The remote engine and what can go wrong on the way to its service."""

import contextlib
import threading

import numpy as np
import pytest

from tests.engine.bounds import BOUND_S
from tests.remote_engine.plain_service import TOKEN, EngineWithService, PlainService
from tests.serving import serving
from tests.waiting import wait_until
from wheel.engine.request import answered
from wheel.engine.statistics import EngineStatistics
from wheel.errors import EngineBusyError, EngineFailedError
from wheel.remote_engine import protocol
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import Question, Vocabulary, encode_logits
from wheel.remote_engine.remote_engine import RemoteLimits

ROW = np.arange(50, dtype=np.float32)
VOCABULARY = Vocabulary(50, "a digest")
PAGE: tuple[int, dict[str, str], bytes] = (502, {}, b"<html>of a proxy</html>")
BUSY = (503, {"Retry-After": "1"}, protocol.encode_error(EngineBusyError()))


class RecordingEngine:
    """Answers everything with one row; a request waits while the gate is closed."""

    def __init__(self):
        self.asked, self.prefetched = [], []
        self.gate = threading.Event()
        self.gate.set()

    def next_logits(self, model_id, token_ids, **_):
        self.asked.append(token_ids)
        assert self.gate.wait(BOUND_S)
        return answered(ROW)

    def prefetch(self, model_id, token_ids, **_):
        self.prefetched.append(token_ids)

    def statistics(self):
        return EngineStatistics(num_logits_hits=len(self.asked), batch_counts=[1] * 7)

    def stop(self):
        pass


@pytest.fixture
def service():
    service = PlainService(RecordingEngine())
    with serving(service):
        yield service


@pytest.fixture
def make_engine(service):
    engines = []

    def make(token=TOKEN, **limits):
        engine = EngineWithService(
            service,
            lambda: EngineClient(service.url, token, max_connections=8),
            ["m"],
            lambda _: VOCABULARY,
            limits=RemoteLimits(**{"timeout_s": BOUND_S} | limits),
        )
        engines.append(engine)
        return engine

    yield make
    service.engine.gate.set()
    for engine in engines:
        engine.stop()


@pytest.fixture
def engine(make_engine):
    return make_engine()


def ask(engine, *token_ids, **options):
    return engine.next_logits("m", token_ids or (1, 2), **options)


def test_the_service_gets_the_token_and_the_affinity_key(engine, service):
    assert ask(engine, affinity_key="k").result(BOUND_S).tobytes() == ROW.tobytes()
    ((_, path, headers),) = service.requests
    assert path == "/v1/models/m/next-logits"
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers[protocol.AFFINITY_HEADER] == "k"


def test_a_request_without_an_affinity_key_has_no_header_for_it(engine, service):
    ask(engine).result(BOUND_S)
    assert service.requests[0][2][protocol.AFFINITY_HEADER] is None


@pytest.mark.parametrize(
    "answer", [None, PAGE, BUSY, (503, {}, b"no replica"), (500, {}, b"lost"), (504, {}, b"")]
)
def test_a_lost_or_refused_request_is_sent_once_more_to_any_replica(engine, service, answer):
    service.answers = [answer]
    ask(engine, affinity_key="k").result(BOUND_S)
    keys = [headers[protocol.AFFINITY_HEADER] for _, _, headers in service.requests]
    assert keys == ["k", None]


@pytest.mark.parametrize("answer", [None, PAGE, BUSY, (503, {}, b"no replica")])
def test_after_two_attempts_the_engine_is_busy(engine, service, answer):
    service.answers = [answer, answer]
    with pytest.raises(EngineBusyError):
        ask(engine).result(BOUND_S)
    assert service.num_asked(protocol.NEXT_LOGITS) == 2
    assert ask(engine).result(BOUND_S) is not None


def test_a_failed_forward_pass_is_not_repeated(engine, service):
    service.answers = [(500, {}, protocol.encode_error(EngineFailedError()))]
    with pytest.raises(EngineFailedError):
        ask(engine).result(BOUND_S)
    assert service.num_asked(protocol.NEXT_LOGITS) == 1


def test_a_wrong_token_is_refused_and_logged(make_engine, service, caplog):
    with pytest.raises(EngineBusyError):
        ask(make_engine(token="another token, also long enough")).result(BOUND_S)
    assert service.engine.asked == []
    assert "the engine service does not answer: status 401" in caplog.text


def test_an_outage_is_logged_at_its_beginning_and_its_end(engine, service, caplog):
    caplog.set_level("WARNING")
    service.answers = [PAGE] * 4
    for _ in range(2):
        with pytest.raises(EngineBusyError):
            ask(engine).result(BOUND_S)
    for _ in range(2):
        ask(engine).result(BOUND_S)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "the engine service does not answer: status 502",
        "the engine service answers again",
    ]


@pytest.mark.parametrize(
    "body",
    [
        encode_logits(Question("m", (9,), "a digest"), ROW),
        encode_logits(Question("n", (1, 2), "a digest"), ROW),
        encode_logits(Question("m", (1, 2), "a digest"), ROW[1:]),
        encode_logits(Question("m", (1, 2), "a digest"), ROW)[:-1] + b"!",
        b"<html>",
    ],
    ids=["context", "model", "shape", "checksum", "page"],
)
def test_an_answer_that_does_not_match_is_not_believed(engine, service, body, caplog):
    service.answers = [(200, {}, body)]
    with pytest.raises(EngineFailedError):
        ask(engine).result(BOUND_S)
    assert "the answer of the engine service is refused" in caplog.text
    assert "1, 2" not in caplog.text


def test_a_service_that_is_not_there_is_a_busy_engine(make_engine, service):
    engine = make_engine()
    service.shutdown()
    service.server_close()
    with pytest.raises(EngineBusyError):
        ask(engine).result(BOUND_S)


def test_a_service_that_does_not_answer_in_time_is_a_busy_engine(make_engine, service):
    engine = make_engine(timeout_s=0.2)
    service.engine.gate.clear()
    with pytest.raises(EngineBusyError):
        ask(engine).result(BOUND_S)
    service.engine.gate.set()


def test_requests_above_the_number_of_connections_wait_here(make_engine, service):
    engine = make_engine(max_connections=2)
    service.engine.gate.clear()
    futures = [ask(engine, number) for number in range(5)]
    wait_until(lambda: len(service.engine.asked) == 2)
    assert engine.statistics().num_waiting == 3
    service.engine.gate.set()
    for future in futures:
        future.result(BOUND_S)


def test_a_cancelled_request_frees_its_connection(make_engine, service):
    engine = make_engine(max_connections=1)
    service.engine.gate.clear()
    first = ask(engine, 1)
    wait_until(lambda: service.engine.asked)
    assert first.cancel()
    second = ask(engine, 2)
    wait_until(lambda: len(service.engine.asked) == 2)
    service.engine.gate.set()
    second.result(BOUND_S)


def test_a_hint_is_sent_without_waiting_for_it(engine, service):
    engine.start()
    engine.prefetch("m", (4, 5), affinity_key="k")
    wait_until(lambda: service.engine.prefetched)
    assert service.engine.prefetched == [(4, 5)]
    assert service.requests[0][2][protocol.AFFINITY_HEADER] == "k"


def test_a_lost_hint_harms_nothing(engine, service, caplog):
    service.hint_answers = [None]
    engine.start()
    engine.prefetch("m", (4, 5))
    wait_until(lambda: not service.hint_answers)
    ask(engine).result(BOUND_S)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_statistics_are_those_of_the_service(engine):
    ask(engine).result(BOUND_S)
    assert engine.statistics() == EngineStatistics(num_logits_hits=1, batch_counts=[1] * 7)


def test_without_the_service_statistics_stay_as_they_were(engine, service):
    """A counter that fell to zero and came back would look like work."""
    ask(engine).result(BOUND_S)
    before = engine.statistics()
    service.shutdown()
    service.server_close()
    engine.stop()
    engine.start()
    assert engine.statistics() == before


def test_a_stopped_engine_ends_its_thread_and_starts_again(engine):
    ask(engine).result(BOUND_S)
    engine.stop()
    assert not engine.is_alive()
    with contextlib.suppress(EngineBusyError):
        ask(engine).result(BOUND_S)
    assert ask(engine).result(BOUND_S) is not None
