"""Two web processes with one Redis and one SQLite file answer as one server.

Each test sends requests to both processes, whichever it expects to see the other's changes.
"""

import json
import os
import signal
import sqlite3
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.workers import WorkerClient, connect_to_all
from tests.processes import is_running, run
from tests.redis_server import running_redis
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

NUM_ENDED = 1200
NUM_MEMBERS = 8
SESSION_LIMIT = 60
SETUP = f"""
import json, uuid
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils.timezone import now
from wheel.models import Classroom, Member, SessionIndexEntry

ada = User.objects.create_superuser("ada", password="Seven-Chalks-On-A-Shelf")
lesson = Classroom.objects.create(title="4b", prompt="The cat sat on the", owner=ada)
old = now() - timedelta(hours=3)
over = Classroom.objects.create(title="3b", owner=ada, expires_at=old)
Member.objects.create(classroom=over, session_id=uuid.uuid4(), pseudonym="Fox")
SessionIndexEntry.objects.bulk_create(
    SessionIndexEntry(session_id=uuid.uuid4(), model_id="gpt2", created_at=old, last_seen=old)
    for _ in range({NUM_ENDED})
)
print(json.dumps([lesson.pk, lesson.code, over.pk]))
"""
SETTINGS = {
    "WEB_PROCESSES": "2",
    "WHEEL_METRICS": "true",
    "WHEEL_LOOK_AHEAD": "false",  # so that only requests compute tokens
    "TRUSTED_PROXIES": "127.0.0.1",  # each test of a limit has addresses of its own
    "LIMIT_SESSION": f"{SESSION_LIMIT}/hour",
    "LIMIT_CODES": "5/hour",
    "LIMIT_LOOKUPS": "10/hour",
}


class World:
    """The server, and a client of each of its two processes. The teacher is logged in at both."""

    def __init__(self, server, data_dir, set_up):
        self.server = server
        self.data_dir = data_dir
        self.class_id, self.code, self.expired_id = set_up
        self.clients = connect_to_all(server, 2)
        first, second = self.clients
        first.get("/admin/login/")
        login = first.post_form("/admin/login/", username="ada", password="Seven-Chalks-On-A-Shelf")
        assert login.status_code == 302
        second.http.cookies.update(first.http.cookies)

    def at_once(self, ask):
        """The answers of both processes to requests that are sent at the same moment."""
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(ask, self.clients))

    def num_rows(self, table, where):
        with closing(sqlite3.connect(self.data_dir / "db.sqlite3")) as database:
            return database.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]


@pytest.fixture(scope="module")
def world(prepared_folder, tiny_model, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("processes")
    with running_redis(tmp_path_factory.mktemp("redis")) as redis:
        server = prepared_folder.new_server(data_dir, CACHE_URL=redis.url, **SETTINGS, **tiny_model)
        made = run([*server.manage, "shell", "-c", SETUP], server.environment)
        assert made.returncode == 0, made.stderr
        try:
            server.start()
            yield World(server, data_dir, json.loads(made.stdout.splitlines()[-1]))
        finally:
            server.stop()


@pytest.fixture
def clients(world):
    return world.clients


def start(client, prompt="The cat sat on the"):
    path = f"/api/sessions/{client.post('/api/sessions').json()['session_id']}"
    client.post(f"{path}/set-prompt", {"prompt": prompt})
    return path


def join(client, world):
    answer = client.post(f"/api/classrooms/{world.code}/sessions")
    assert answer.status_code == 201, answer.text
    return answer.json()["session_id"]


def num_tokens(client, path):
    return len(client.get(path).json()["token_history"])


def metrics_at(client):
    """(name, labels) -> value of each sample. A sample that appears twice fails."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    samples = [
        ((sample.name, tuple(sorted(sample.labels.items()))), sample.value)
        for family in families
        for sample in family.samples
    ]
    assert max(Counter(key for key, _ in samples).values()) == 1
    return dict(samples)


def num_requests_of(client, endpoint="/api/models"):
    labels = (("endpoint", endpoint), ("method", "GET"), ("status", "200"))
    return metrics_at(client).get(("tokenwheel_requests_total", labels), 0)


def num_timed_of(client, endpoint="/api/models"):
    key = ("tokenwheel_request_duration_seconds_count", (("endpoint", endpoint),))
    return metrics_at(client).get(key, 0)


def num_computed_of(client):
    return metrics_at(client)["tokenwheel_tokens_total", (("source", "computed"),)]


def test_a_session_of_one_process_goes_on_at_the_other(clients):
    first, second = clients
    path = start(first)
    for number in range(6):
        assert clients[number % 2].post(f"{path}/spin").status_code == 200
    assert num_tokens(first, path) == num_tokens(second, path) == 6


def test_a_request_with_a_key_takes_effect_once_when_both_processes_get_it(world, clients):
    path = start(clients[0])
    for _ in range(6):
        key = {"Idempotency-Key": str(uuid.uuid4())}
        answers = world.at_once(lambda one, key=key: one.post(f"{path}/spin", headers=key))
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()
    assert num_tokens(clients[0], path) == 6


def test_a_common_spin_that_both_processes_get_gives_every_member_one_token(world, clients):
    ids = [join(clients[number % 2], world) for number in range(NUM_MEMBERS)]
    action = f"/classrooms/{world.class_id}/spin"
    for round_number in (1, 2, 3):
        form = {"round": round_number}
        answers = world.at_once(lambda one, form=form: one.post_form(action, **form))
        assert [answer.status_code for answer in answers] == [302, 302]
        counts = [num_tokens(clients[round_number % 2], f"/api/sessions/{one}") for one in ids]
        assert counts == [round_number] * NUM_MEMBERS


def test_the_wall_has_one_etag_at_both_processes_until_the_class_changes(world, clients):
    path = f"/classrooms/{world.class_id}/wall"

    def wall(client, etag=""):
        return client.get(path, headers={"HX-Request": "true", "If-None-Match": etag})

    def is_the_same():  # again, if a minute has just begun
        return wall(clients[1], wall(clients[0]).headers["ETag"]).status_code == 304

    for changing, other in (clients, clients[::-1]):
        wait_until(is_the_same)
        etag = wall(other).headers["ETag"]
        join(changing, world)
        assert wall(other, etag).status_code == 200


def test_the_page_of_a_member_learns_at_one_process_what_was_changed_at_the_other(world, clients):
    first, second = clients
    path = f"/wheel/{join(first, world)}/class"
    etag = first.get(path).headers["ETag"]
    assert second.get(path, headers={"If-None-Match": etag}).status_code == 304
    for action, state in (("freeze", "frozen"), ("resume", "open")):
        assert first.post_form(f"/classrooms/{world.class_id}/{action}").status_code == 302
        answer = second.get(path, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        etag = answer.headers["ETag"]


def test_the_requests_for_a_session_are_limited_in_total(clients):
    path = f"/api/sessions/{clients[0].post('/api/sessions').json()['session_id']}"
    answers = [clients[number % 2].get(path) for number in range(SESSION_LIMIT + 9)]
    assert Counter(answer.status_code for answer in answers) == {200: SESSION_LIMIT, 429: 9}


def test_wrong_codes_are_limited_in_total_and_a_right_one_is_known_everywhere(world, clients):
    first, second = clients
    address = {"X-Forwarded-For": "192.0.2.1"}

    def look_up(client, code):
        return client.get(f"/api/classrooms/{code}", headers=address).status_code

    assert look_up(first, world.code) == 200
    found = [look_up(clients[number % 2], "XYZ234") for number in range(12)]
    assert found == [404] * 5 + [429] * 7
    assert [look_up(one, world.code) for one in (second, first, second)] == [200] * 3


def test_both_processes_prune_and_what_has_ended_is_gone(world):
    """Both prune some seconds after their start."""
    is_old = "last_seen < datetime('now', '-2 hours')"
    wait_until(lambda: not world.num_rows("wheel_sessionindexentry", is_old))
    wait_until(lambda: not world.num_rows("wheel_classroom", f"id = {world.expired_id}"))
    assert world.num_rows("wheel_member", f"classroom_id = {world.expired_id}") == 0
    assert world.num_rows("wheel_classroom", f"id = {world.class_id}") == 1


def test_the_engines_of_both_processes_are_counted_together(clients):
    """Each engine has to read the prompt, since it is new to both."""
    first, second = clients
    wait_until(lambda: num_computed_of(first) == num_computed_of(second))
    before, num_read = num_computed_of(first), 0
    for client in clients:
        path = start(client, prompt="Nothing else begins with this")
        assert client.get(f"{path}/next-token-probs").status_code == 200
        num_read += len(client.get(path).json()["prompt_token_ids"])
    after = before + num_read
    wait_until(lambda: all(num_computed_of(client) == after for client in clients))


def test_memory_and_sessions_are_those_of_the_whole_server(world, clients):
    seen = metrics_at(clients[0])
    resident = [resident_bytes(client.pid) for client in clients]
    assert seen["process_resident_memory_bytes", ()] == pytest.approx(sum(resident), rel=0.1)
    assert seen["tokenwheel_ready_models", ()] == 1
    assert seen["tokenwheel_sessions", ()] == metrics_at(clients[1])["tokenwheel_sessions", ()] > 0


def test_no_request_is_uncounted_after_a_process_was_killed(world):
    first, second = world.clients
    before = num_requests_of(first), num_timed_of(first)
    for client, times in ((first, 5), (second, 3)):
        for _ in range(times):
            assert client.get("/api/models").status_code == 200
    now = before[0] + 8, before[1] + 8
    assert all((num_requests_of(one), num_timed_of(one)) == now for one in world.clients)
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not is_running(first.pid))
    assert (num_requests_of(second), num_timed_of(second)) == now
    old = {first.pid, second.pid}
    wait_until(lambda: set(world.server.worker_pids()) - old)
    third = WorkerClient(world.server, *set(world.server.worker_pids()) - old)
    third.wait_until_ready()
    assert third.get("/api/models").status_code == 200
    assert (num_requests_of(third), num_timed_of(second)) == (now[0] + 1, now[1] + 1)
    assert not list(world.data_dir.glob(f"metrics/*/*_{first.pid}.*"))
    world.clients[0] = third


def test_no_process_has_logged_a_failure(world):
    log = world.server.log()
    assert "Traceback" not in log
    assert "could not be" not in log


def resident_bytes(pid):
    num_pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(num_pages) * os.sysconf("SC_PAGE_SIZE")
