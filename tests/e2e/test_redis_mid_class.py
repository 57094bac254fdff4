"""A class of thirty whose sessions are in Redis, while Redis is stopped or killed amid their spins.

The requests in progress at that moment have read their session and not yet written it.
"""

from contextlib import ExitStack

import pytest

from tests.redis_server import running_redis

pytestmark = pytest.mark.slow
KEEP_ON_DISK = ["--appendonly", "yes", "--appendfsync", "always"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("redis")


@pytest.fixture(scope="module")
def redis(folder):
    with running_redis(folder, options=KEEP_ON_DISK) as redis:
        yield redis


@pytest.fixture(scope="module")
def server(prepared_folder, remote_model, redis, tmp_path_factory):
    web = tmp_path_factory.mktemp("web")
    with prepared_folder.running_server(web, CACHE_URL=redis.url, **remote_model) as server:
        yield server


def test_a_class_goes_on_after_redis_was_stopped_and_continued(redis, school_class):
    with school_class.at_work():
        school_class.wait_for_spins(2)
        redis.freeze()
        school_class.wait_for_refusals()
        redis.thaw()
        school_class.wait_for_spins(2)
    school_class.assert_that_no_token_is_lost_or_doubled()


def test_a_class_goes_on_after_redis_was_killed_and_started_again(redis, folder, school_class):
    with ExitStack() as stack:
        with school_class.at_work():
            school_class.wait_for_spins(2)
            redis.kill()
            school_class.wait_for_refusals()
            stack.enter_context(running_redis(folder, port=redis.port, options=KEEP_ON_DISK))
            school_class.wait_for_spins(2)
        school_class.assert_that_no_token_is_lost_or_doubled()
