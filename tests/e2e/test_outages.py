"""Outages of Redis and PostgreSQL while a class is at work: requests fail fast, sessions go on."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest

from tests.postgres_server import running_postgres
from tests.redis_server import running_redis
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
NUM_STUDENTS = 12
LONGEST_WAIT_S = 3.0  # beyond what the same requests take while every store answers
KEEP_ON_DISK = ["--appendonly", "yes", "--appendfsync", "always"]


class Student:
    def __init__(self, server, number):
        self.server = server
        session_id = server.post("/api/sessions", {"seed": number}).json()["session_id"]
        self.url = f"/api/sessions/{session_id}"
        server.post(f"{self.url}/set-prompt", {"prompt": "The cat sat on the"})

    def spin(self):
        """The answer, and the seconds until it came."""
        started = time.monotonic()
        answer = self.server.post(f"{self.url}/spin")
        return answer, time.monotonic() - started

    def num_tokens(self):
        return self.server.get(self.url).json()["generation_count"]


class SchoolClass:
    """Students at work on a server. `normal_s` is the longest wait of one while all is well: the
    bound on the waits during an outage is relative to it, and so holds on a slow machine too."""

    def __init__(self, server):
        self.server = server
        self.students = [Student(server, number) for number in range(NUM_STUDENTS)]
        self.normal_s = 0.0

    def spin_all(self, times=1):
        with ThreadPoolExecutor(NUM_STUDENTS) as pool:
            return [
                answer for _ in range(times) for answer in pool.map(Student.spin, self.students)
            ]

    def all_spins_count(self):
        before = [student.num_tokens() for student in self.students]
        answers = self.spin_all()
        assert [answer.status_code for answer, _ in answers] == [200] * NUM_STUDENTS
        assert [student.num_tokens() for student in self.students] == [n + 1 for n in before]
        self.normal_s = max(self.normal_s, *(seconds for _, seconds in answers))

    def assert_in_time(self, seconds):
        assert seconds < LONGEST_WAIT_S + self.normal_s

    def assert_every_request_fails_fast(self):
        for answer, seconds in self.spin_all(times=3):
            assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
            assert answer.headers["Retry-After"]
            self.assert_in_time(seconds)
        started = time.monotonic()
        ready = self.server.get("/ready")
        assert (ready.status_code, ready.json()["code"]) == (503, "store_unavailable")
        page = self.server.get(self.students[0].url.replace("/api/sessions", "/wheel"))
        assert page.status_code == 503
        assert self.server.get("/health").status_code == 200
        self.assert_in_time(time.monotonic() - started)

    def texts(self):
        return [self.server.get(student.url).json()["current_text"] for student in self.students]

    def assert_goes_on_after(self, outage, end_of_outage):
        self.all_spins_count()
        texts = self.texts()
        outage()
        self.assert_every_request_fails_fast()
        end_of_outage()
        wait_until(lambda: self.server.get("/ready").status_code == 200, poll_s=0.1)
        assert self.texts() == texts
        self.all_spins_count()


@pytest.fixture(scope="module")
def make_folder(tmp_path_factory):
    return tmp_path_factory.mktemp


@pytest.fixture(scope="module")
def running_class(prepared_folder, remote_model, make_folder):
    @contextmanager
    def running_class(**environment):
        folder = make_folder("web")
        with prepared_folder.running_server(folder, **remote_model, **environment) as server:
            yield SchoolClass(server)

    return running_class


@pytest.fixture(scope="module")
def redis_folder(make_folder):
    return make_folder("redis")


@pytest.fixture(scope="module")
def redis(redis_folder):
    with running_redis(redis_folder, options=KEEP_ON_DISK) as redis:
        yield redis


@pytest.fixture(scope="module")
def postgres(make_folder):
    with running_postgres(make_folder("postgres")) as postgres:
        yield postgres


@pytest.fixture(scope="module")
def class_on_redis(running_class, redis, postgres):
    """Its sessions are in Redis and its database is PostgreSQL."""
    stores = {"CACHE_URL": redis.url, "DATABASE_URL": postgres.url}
    with running_class(**stores) as class_on_redis:
        yield class_on_redis


def test_a_class_whose_sessions_are_in_redis_goes_on_without_its_database(class_on_redis, postgres):
    server = class_on_redis.server
    class_on_redis.all_spins_count()
    postgres.freeze()
    for answer, seconds in class_on_redis.spin_all():
        assert answer.status_code == 200
        class_on_redis.assert_in_time(seconds)
    started = time.monotonic()
    assert Student(server, 1).spin()[0].status_code == 200
    class_on_redis.assert_in_time(time.monotonic() - started)
    assert server.get("/ready").status_code == 200
    assert server.get("/admin/").status_code in (200, 503)  # its login page needs no database
    postgres.thaw()
    assert server.get("/admin/login/").status_code == 200


def test_a_class_on_postgres_goes_on_after_redis_froze(class_on_redis, redis):
    class_on_redis.assert_goes_on_after(redis.freeze, redis.thaw)


def test_a_class_on_sqlite_goes_on_after_redis_froze_and_after_it_was_killed(
    running_class, redis, redis_folder
):
    """The only class that needs this Redis, which is another process afterwards."""
    with (
        running_class(CACHE_URL=redis.url) as class_on_sqlite,
        ExitStack() as stack,
    ):
        class_on_sqlite.assert_goes_on_after(redis.freeze, redis.thaw)
        again = running_redis(redis_folder, port=redis.port, options=KEEP_ON_DISK)
        class_on_sqlite.assert_goes_on_after(redis.kill, lambda: stack.enter_context(again))


def test_a_class_goes_on_after_postgres_froze_and_after_it_was_killed(running_class, make_folder):
    with (
        running_postgres(make_folder("own-postgres")) as postgres,
        running_class(DATABASE_URL=postgres.url) as class_on_postgres,
    ):
        class_on_postgres.assert_goes_on_after(postgres.freeze, postgres.thaw)
        class_on_postgres.assert_goes_on_after(postgres.kill, postgres.start)
