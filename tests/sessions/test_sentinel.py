"""Redis behind Sentinel: after the primary is killed, sessions continue on the replica."""

import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
import redis
from limits import parse

from bench.server import free_port
from tests.redis_server import running_redis, running_server
from tests.sessions.backends import cache_at
from tests.sessions.sessions import new_session, one_draw_more
from tokenwheel.backends import cache_from_url
from tokenwheel.middleware.counters import counters_for
from tokenwheel.optional_redis import optional_redis
from wheel.errors import StoreUnavailableError
from wheel.sessions.store import SessionStore

pytestmark = pytest.mark.slow
SERVICE = "class-of-2025"
PASSWORD = "of the class"


@contextmanager
def running_sentinel(folder, primary):
    port = free_port()
    config = folder / "sentinel.conf"
    config.write_text(
        f"""
        sentinel monitor {SERVICE} 127.0.0.1 {primary.port} 1
        sentinel auth-pass {SERVICE} "{PASSWORD}"
        sentinel down-after-milliseconds {SERVICE} 300
        sentinel failover-timeout {SERVICE} 3000
        """
    )
    with running_server([str(config), "--sentinel", "--port", str(port)], folder, port) as server:
        yield server


@pytest.fixture
def group(tmp_path):
    """A primary, its replica, and a sentinel that monitors both."""
    options = ["--requirepass", PASSWORD, "--masterauth", PASSWORD]
    with ExitStack() as stack:

        def start(name, make, *arguments, **named):
            (tmp_path / name).mkdir()
            return stack.enter_context(make(tmp_path / name, *arguments, **named))

        primary = start("primary", running_redis, options=options)
        replica = start("replica", running_redis, options=options)
        with redis.Redis(port=replica.port, password=PASSWORD) as client:
            client.replicaof("127.0.0.1", primary.port)
            wait_until(lambda: client.info("replication")["master_link_status"] == "up")
        sentinel = start("sentinel", running_sentinel, primary)
        with redis.Redis(port=sentinel.port, decode_responses=True) as client:
            wait_until(lambda: client.sentinel_master(SERVICE)["num-slaves"] == 1)
        yield primary, replica, sentinel


def wait_until(is_so, seconds=30.0):
    give_up_at = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def url_at(sentinel):
    password = PASSWORD.replace(" ", "%20")
    unused_port = free_port()  # a sentinel that is down must not matter
    hosts = f"127.0.0.1:{unused_port},127.0.0.1:{sentinel.port}"
    return f"redis+sentinel://:{password}@{hosts}/{SERVICE}/0"


@pytest.mark.timeout(120)
def test_rate_limits_are_shared_again_after_a_killed_primary(group):
    primary, _, sentinel = group
    limit = parse("3/hour")
    url = url_at(sentinel)
    servers = [optional_redis(cache_from_url(url), open_s=0.05) for _ in range(2)]
    both = [counters_for(server) for server in servers]
    hits = [both[number % 2].hit(limit, "address", "192.0.2.1") for number in range(4)]
    assert hits == [True] * 3 + [False]
    primary.kill()
    assert both[0].hit(limit, "address", "192.0.2.2")  # in memory
    for server in servers:
        wait_until(lambda server=server: server.ask(server.client.ping, lambda: False))
    hits = [both[number % 2].hit(limit, "address", "192.0.2.3") for number in range(4)]
    assert hits == [True] * 3 + [False]


@pytest.mark.timeout(120)
def test_sessions_survive_a_killed_primary(group):
    primary, _, sentinel = group
    store = SessionStore(cache_at(url_at(sentinel)), ttl=timedelta(hours=1))
    stored = store.create(new_session())
    store.replace(stored, one_draw_more(stored.session))
    with redis.Redis(port=primary.port, password=PASSWORD) as client:
        assert client.wait(1, 5000) == 1  # the replica has it too
    primary.kill()

    def is_back():
        started = time.monotonic()
        try:
            store.ping()
        except StoreUnavailableError:
            return False
        finally:
            assert time.monotonic() - started < 3
        return True

    wait_until(is_back)
    copy = store.load(stored.session.session_id)
    assert copy.session.num_draws == 1
    assert store.replace(copy, one_draw_more(copy.session)) is not None
