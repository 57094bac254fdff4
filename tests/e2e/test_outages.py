"""A class is at work when Redis or PostgreSQL freezes, or dies: nobody waits, and all goes on."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from tests.e2e.server import Server
from tests.postgres_server import running_postgres
from tests.redis_server import running_redis

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
NUM_STUDENTS = 12
LONGEST_WAIT_S = 3.0


class Student:
    def __init__(self, server, number):
        self.server = server
        session_id = server.post("/api/sessions", {"seed": number}).json()["session_id"]
        self.url = f"/api/sessions/{session_id}"
        server.post(f"{self.url}/set-prompt", {"prompt": "The cat sat on the"})

    def spin(self):
        """The answer, and the seconds that it took."""
        started = time.monotonic()
        answer = self.server.post(f"{self.url}/spin")
        return answer, time.monotonic() - started

    def num_tokens(self):
        return self.server.get(self.url).json()["generation_count"]


@contextmanager
def running_class(folder, **environment):
    server = Server(folder, **environment)
    server.prepare()
    try:
        server.start()
        yield server, [Student(server, number) for number in range(NUM_STUDENTS)]
    finally:
        server.stop()


def spin_all(students, times=1):
    with ThreadPoolExecutor(NUM_STUDENTS) as pool:
        return [answer for _ in range(times) for answer in pool.map(Student.spin, students)]


def all_spins_count(students):
    before = [student.num_tokens() for student in students]
    assert [answer.status_code for answer, _ in spin_all(students)] == [200] * NUM_STUDENTS
    assert [student.num_tokens() for student in students] == [count + 1 for count in before]


def everybody_is_told_in_time(server, students):
    for answer, seconds in spin_all(students, times=3):
        assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
        assert answer.headers["Retry-After"]
        assert seconds < LONGEST_WAIT_S
    started = time.monotonic()
    ready = server.get("/ready")
    assert (ready.status_code, ready.json()["code"]) == (503, "store_unavailable")
    page = server.get(students[0].url.replace("/api/sessions", "/wheel"))
    assert page.status_code == 503
    assert server.get("/health").status_code == 200
    assert time.monotonic() - started < LONGEST_WAIT_S


def is_ready_again(server):
    give_up_at = time.monotonic() + 15
    while server.get("/ready").status_code != 200:
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def goes_on_after(server, students, outage, end_of_outage):
    """The class works; the outage; the class goes on where it was."""
    all_spins_count(students)
    texts = [server.get(student.url).json()["current_text"] for student in students]
    outage()
    everybody_is_told_in_time(server, students)
    end_of_outage()
    is_ready_again(server)
    assert [server.get(student.url).json()["current_text"] for student in students] == texts
    all_spins_count(students)


@pytest.fixture
def folder(tmp_path):
    def make(name):
        (tmp_path / name).mkdir()
        return tmp_path / name

    return make


def test_a_redis_that_freezes_and_one_that_is_killed(folder):
    keep_on_disk = ["--appendonly", "yes", "--appendfsync", "always"]
    with ExitStack() as stack:
        data = folder("redis")
        redis = stack.enter_context(running_redis(data, options=keep_on_disk))
        server, students = stack.enter_context(running_class(folder("web"), CACHE_URL=redis.url))
        goes_on_after(server, students, redis.freeze, redis.thaw)
        again = running_redis(data, port=redis.port, options=keep_on_disk)
        goes_on_after(server, students, redis.kill, lambda: stack.enter_context(again))


def test_a_postgres_that_freezes_and_one_that_is_killed(folder):
    with (
        running_postgres(folder("postgres")) as postgres,
        running_class(folder("web"), DATABASE_URL=postgres.url) as (server, students),
    ):
        goes_on_after(server, students, postgres.freeze, postgres.thaw)
        goes_on_after(server, students, postgres.kill, postgres.start)


def test_a_class_whose_sessions_are_in_redis_goes_on_without_its_database(folder):
    with (
        running_redis(folder("redis")) as redis,
        running_postgres(folder("postgres")) as postgres,
        running_class(folder("web"), CACHE_URL=redis.url, DATABASE_URL=postgres.url) as (
            server,
            students,
        ),
    ):
        postgres.freeze()
        for answer, seconds in spin_all(students):
            assert answer.status_code == 200
            assert seconds < LONGEST_WAIT_S
        started = time.monotonic()
        assert Student(server, 1).spin()[0].status_code == 200
        assert time.monotonic() - started < LONGEST_WAIT_S
        assert server.get("/ready").status_code == 200
        assert server.get("/admin/").status_code in (200, 503)  # its login page needs none
        postgres.thaw()
        assert server.get("/admin/login/").status_code == 200
