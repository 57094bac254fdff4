"""Rate limits and known keys of processes that share a Redis, and what an outage of it changes.

Each `Throttle` stands for one process: it has a memory and a connection of its own.
"""

import logging
import uuid

import pytest
import redis
from django.http import HttpResponse
from django.test import RequestFactory
from limits import parse

from tests.redis_server import running_redis
from tests.waiting import wait_until
from tokenwheel.backends import cache_from_url
from tokenwheel.middleware.costs import COSTS
from tokenwheel.middleware.throttling import Throttle
from tokenwheel.optional_redis import optional_redis
from wheel.errors import ThrottledError

CODE_PATH = "/api/classrooms/ABC234"
OPEN_S = 0.05


class Process:
    """The middleware of one process, whose view answers with a given status."""

    def __init__(self, url, limits):
        parsed = {name: parse(limit) for name, limit in limits.items()}
        self.waits_s = []
        self.throttle = Throttle(parsed, optional_redis(cache_from_url(url), open_s=OPEN_S))

    def request(self, path, status=200, address="192.0.2.1", method="get"):
        """The status of the answer: of the view, or 429."""
        request = getattr(RequestFactory(), method)(path, REMOTE_ADDR=address)
        response = HttpResponse(status=status)
        try:
            self.throttle.admit(request)
            self.throttle.count_answered_code(request, response)
        except ThrottledError as error:
            self.waits_s.append(error.retry_after_s)
            return 429
        self.throttle.update_known_sessions(request, response)
        return status

    def repeat(self, num_requests, path, **options):
        return [self.request(path, **options) for _ in range(num_requests)]


@pytest.fixture
def own_redis(tmp_path):
    with running_redis(tmp_path) as server:
        yield server


@pytest.fixture
def processes(own_redis):
    """Make two processes with these limits."""

    def make(**limits):
        return [Process(own_redis.url, limits) for _ in range(2)]

    return make


@pytest.fixture
def client(own_redis):
    with redis.Redis(port=own_redis.port, decode_responses=True) as client:
        yield client


def session_path():
    return f"/api/sessions/{uuid.uuid4()}"


def alternate(processes, num_requests, path, **options):
    """Requests that two processes answer in turn."""
    return [processes[number % 2].request(path, **options) for number in range(num_requests)]


@pytest.mark.parametrize(
    ("name", "path_of"),
    [("session", session_path), ("address", lambda: "/api/models")],
    ids=["session", "address"],
)
def test_two_processes_count_together(processes, name, path_of):
    both = processes(**{name: "6/hour"})
    found = alternate(both, 9, path_of())
    assert found == [200] * 6 + [429] * 3
    assert all(1 <= wait_s <= 3600 for process in both for wait_s in process.waits_s)


@pytest.mark.parametrize("name", ["tokenize", "session-simulate"])
def test_costly_calls_at_two_processes_are_added_up(processes, name):
    both = processes(costly=f"{4 * COSTS[name].per_call}/hour", address="100/hour")
    session = session_path()
    assert both[0].request(session) == 200  # known from now on
    path = "/api/tokenize" if name == "tokenize" else f"{session}/simulate"
    found = alternate(both, 6, path, method="post")
    assert found == [200] * 4 + [429] * 2
    assert all(1 <= wait_s <= 3600 for process in both for wait_s in process.waits_s)
    assert alternate(both, 2, "/api/models") == [200] * 2
    assert both[1].request(path, method="post", address="192.0.2.8") == 200


def test_processes_without_redis_count_for_themselves():
    both = [Process("locmem://", {"address": "3/hour"}) for _ in range(2)]
    found = alternate(both, 8, "/api/models")
    assert found == [200] * 6 + [429] * 2


def test_starts_and_wrong_codes_are_counted_together(processes):
    first, second = processes(starts="2/hour", codes="2/hour")
    assert [one.request("/api/sessions", method="post") for one in (first, second)] == [200] * 2
    assert second.request("/api/sessions", method="post") == 429
    assert [one.request(CODE_PATH, status=404) for one in (first, second)] == [404] * 2
    assert first.request(CODE_PATH, status=404) == 429


def test_a_code_that_was_right_at_one_process_is_known_at_the_other(processes):
    first, second = processes(lookups="2/hour")
    assert first.request(CODE_PATH) == 200
    first.repeat(3, "/api/classrooms/XYZ234", status=404)
    assert second.request("/api/classrooms/XYZ235", status=404) == 429
    assert [one.request(CODE_PATH) for one in (first, second)] == [200] * 2
    assert second.request(CODE_PATH, address="192.0.2.8") == 200  # a look-up of that address
    assert [second.request(CODE_PATH, address="192.0.2.8") for _ in range(5)] == [200] * 5


def test_a_session_that_was_found_at_one_process_is_known_at_the_other(processes):
    first, second = processes(address="3/hour")
    known = session_path()
    assert first.request(known) == 200
    assert 429 in first.repeat(4, "/api/models")
    assert second.request(known) == 200
    assert second.request(session_path()) == 429


def test_a_session_that_has_ended_is_no_longer_known_at_a_process_that_asks(processes):
    first, second = processes(address="3/hour")
    path = session_path()
    assert [first.request(path), first.request(path, status=404)] == [200, 404]
    assert 429 in first.repeat(4, "/api/models")
    assert second.request(path, status=404) == 429


def test_a_usual_request_takes_one_round_trip(processes, client):
    first, second = processes(session="1000/hour", address="1000/hour", lookups="1000/hour")
    path = session_path()
    for process in (first, second):
        process.repeat(3, path)
        process.repeat(3, CODE_PATH)

    def num_calls(name):
        return client.info("commandstats")[f"cmdstat_{name}"]["calls"]

    before = {name: num_calls(name) for name in ("evalsha", "exists", "set")}
    second.repeat(10, path)
    grown = {name: num_calls(name) - before[name] for name in before}
    assert grown == {"evalsha": 10, "exists": 10, "set": 0}  # the script itself calls EXISTS


def test_redis_holds_addresses_and_digests_and_forgets_them(processes, client):
    names = ("session", "address", "lookups", "logins")
    first, _ = processes(costly="99/hour", **dict.fromkeys(names, "9/hour"))
    session_id = uuid.uuid4()
    assert first.request(f"/api/sessions/{session_id}") == 200
    assert first.request(CODE_PATH) == 200
    request = RequestFactory().post("/admin/login/", {"username": "ada"}, REMOTE_ADDR="192.0.2.1")
    first.throttle.admit(request)
    assert first.request(f"/api/sessions/{session_id}/simulate", method="post") == 200
    keys = client.keys("*")
    assert len(keys) == 7  # session, address, lookups, logins, costly; the known session and code
    assert all(key.startswith(("tokenwheel:limits:", "tokenwheel:known:")) for key in keys)
    for secret in (session_id.hex, str(session_id), "ABC234", "ada/"):
        assert not [key for key in keys if secret in key]
    assert all(0 < client.ttl(key) <= 24 * 3600 for key in keys)


def logged(caplog, words):
    return [record for record in caplog.records if words in record.getMessage()]


def ask_until_redis_answers(process, caplog):
    """With requests that count against an address that no test counts."""

    def is_back():
        assert process.request("/api/models", address="192.0.2.7") in (200, 429)
        return logged(caplog, "answers again")

    wait_until(is_back)


def assert_counts_together(processes, address):
    found = alternate(processes, 4, "/api/models", address=address)
    assert found == [200] * 3 + [429]


def test_while_redis_is_down_each_process_counts_in_memory(processes, own_redis, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    both = processes(address="3/hour")
    assert_counts_together(both, "192.0.2.1")
    own_redis.kill()
    for process in both:
        found = process.repeat(4, "/api/models")
        assert found == [200] * 3 + [429]
    assert len(logged(caplog, "does not answer")) == 2  # a line of each process
    with running_redis(tmp_path, port=own_redis.port):
        for process in both:
            caplog.clear()
            ask_until_redis_answers(process, caplog)
        assert_counts_together(both, "192.0.2.2")


def test_a_redis_that_hangs_refuses_no_request_and_is_logged_once(processes, own_redis, caplog):
    caplog.set_level(logging.INFO)
    first, second = processes(address="100/hour", session="100/hour", lookups="100/hour")
    path = session_path()
    own_redis.freeze()
    assert first.repeat(6, path) == [200] * 6
    assert first.repeat(6, CODE_PATH) == [200] * 6
    assert first.repeat(6, CODE_PATH, status=404) == [404] * 6
    assert len(logged(caplog, "does not answer")) == 1
    own_redis.thaw()
    ask_until_redis_answers(first, caplog)
    assert second.request(path) == 200


def test_a_redis_without_memory_refuses_no_request(processes, client):
    first, _ = processes(address="100/hour")
    client.config_set("maxmemory", "1")
    assert [first.request(session_path()) for _ in range(6)] == [200] * 6


def test_known_sessions_go_on_while_redis_is_down(processes, own_redis):
    first, _ = processes(address="3/hour")
    path = session_path()
    assert first.request(path) == 200
    own_redis.kill()
    assert first.repeat(9, path) == [200] * 9
