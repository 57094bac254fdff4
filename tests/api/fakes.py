"""Fake engines and stores that fail as real ones do, and context managers that install them."""

from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from django.core.cache import caches  # noqa: TID251 - the tests' store
from django.core.cache.backends.locmem import LocMemCache  # noqa: TID251

from wheel import runtime
from wheel.clock import utc_now
from wheel.engine.arrays import Logits
from wheel.engine.scores import Scores
from wheel.engine.statistics import EngineStatistics
from wheel.sessions.store import SessionStore


class FailingEngine:
    """Fails every request with `error`; without one, never answers."""

    def __init__(self, error=None):
        self.error = error

    def start(self):
        pass

    def stop(self):
        pass

    def is_alive(self):
        return self.error is None

    def next_logits(self, model_id, token_ids, *, affinity_key=""):
        future: Future[Logits] = Future()
        if self.error is not None:
            future.set_exception(self.error)
        return future

    def score(self, model_id, token_ids):
        future: Future[Scores] = Future()
        if self.error is not None:
            future.set_exception(self.error)
        return future

    def statistics(self):
        return EngineStatistics()

    def prefetch(self, model_id, token_ids, *, affinity_key=""):
        pass


class InterruptedEngine:
    """Calls `interruption` before the first request, then answers like `engine`."""

    def __init__(self, engine, interruption):
        self.engine = engine
        self.interruptions = [interruption]

    def start(self):
        self.engine.start()

    def stop(self):
        pass

    def is_alive(self):
        return self.engine.is_alive()

    def next_logits(self, model_id, token_ids, *, affinity_key=""):
        if self.interruptions:
            self.interruptions.pop()()
        return self.engine.next_logits(model_id, token_ids)

    def score(self, model_id, token_ids):
        return self.engine.score(model_id, token_ids)

    def statistics(self):
        return EngineStatistics()

    def prefetch(self, model_id, token_ids, *, affinity_key=""):
        pass


class DownCache(LocMemCache):
    """A cache that refuses the connection after `num_reads` successful reads."""

    def __init__(self, num_reads=0):
        super().__init__("down", {})
        self.num_reads = num_reads

    def get(self, key, default=None, version=None):
        if self.num_reads == 0:
            raise ConnectionRefusedError("connection refused")
        self.num_reads -= 1
        return caches["default"].get(key, default, version)

    def get_many(self, keys, version=None):
        raise ConnectionRefusedError("connection refused")

    def add(self, key, value, timeout=None, version=None):
        raise ConnectionRefusedError("connection refused")

    def set(self, key, value, timeout=None, version=None):
        raise ConnectionRefusedError("connection refused")

    def delete(self, key, version=None):
        raise ConnectionRefusedError("connection refused")


class FailingCatalog:
    """A model catalog whose methods all call `fail`, which raises."""

    def __init__(self, fail):
        self._fail = fail

    def __getattr__(self, name):
        return lambda *_: self._fail()


@contextmanager
def changed_runtime(**changes):
    with runtime.use(replace(runtime.current(), **changes)) as changed:
        yield changed


def engine_that_raises(error):
    return changed_runtime(engine=FailingEngine(error))


def engine_without_answer(timeout_s=0.01):
    return changed_runtime(engine=FailingEngine(), request_timeout_s=timeout_s)


def store_down(after_num_reads=0):
    store = SessionStore(DownCache(after_num_reads), ttl=timedelta(hours=1))
    return changed_runtime(store=store)


def store_later(**passed):
    """The same sessions, with the clock put forward."""
    clock = timedelta(**passed)
    store = SessionStore(caches["default"], ttl=timedelta(hours=1), now=lambda: utc_now() + clock)
    return changed_runtime(store=store)
