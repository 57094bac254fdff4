"""Ray Serve with two replicas whose engines the contract suite controls: `python -m
tests.cluster.contract_service`.

The tests' process answers through a `multiprocessing` manager: it lets forward passes wait or fail,
and asks for a new engine at the beginning of each test.
"""

import os
import sys
import threading
from functools import partial
from typing import Any

from tests.cluster.remote_control import connect
from tests.engine.engines import MODEL_ID, VOCABULARY_SIZE
from wheel.remote_engine.protocol import ModelReport

MODEL_IDS = (MODEL_ID, "missing")


class RemoteControl:
    """The `ForwardControl` and `ModelSource` of the running test, in another process."""

    def __init__(self, address, key):
        self._proxy = connect(address, key)
        self._models = {}

    def generation(self):
        return self._proxy.generation()

    def is_alive(self):
        return self._proxy.is_alive()

    def enter(self, token_ids):
        self._proxy.enter(list(token_ids), threading.get_ident())

    def runner(self, model_id):
        from bench.plain_models import runner_of
        from tests.checkpoints import random_gpt2

        self._proxy.note_asked(model_id)
        return runner_of(random_gpt2(VOCABULARY_SIZE))


class RenewedEngine:
    """A batching engine that is made anew when the next test has begun."""

    def __init__(self, control):
        self._control = control
        self._generation: int | None = None
        self._engine: Any = None
        self._lock = threading.Lock()

    def current(self):
        from tests.engine.engines import EngineOptions, make_batching_engine

        with self._lock:
            generation = self._control.generation()
            if generation != self._generation:
                if self._engine is not None:
                    self._engine.stop()
                self._generation = generation
                self._engine = make_batching_engine(
                    self._control.runner, self._control, EngineOptions()
                )
            return self._engine

    def start(self):
        self.current().start()

    def stop(self):
        self._engine.stop()

    def is_alive(self):
        return self._control.is_alive()

    def next_logits(self, model_id, token_ids, *, affinity_key=""):
        return self.current().next_logits(model_id, token_ids)

    def score(self, model_id, token_ids):
        return self.current().score(model_id, token_ids)

    def prefetch(self, model_id, token_ids, *, affinity_key=""):
        self.current().prefetch(model_id, token_ids)

    def statistics(self):
        return self.current().statistics()


def load(model_id, address, key):
    from cluster.replica import HostedModel

    report = ModelReport(model_id, 64, VOCABULARY_SIZE, "a digest")
    engine = RenewedEngine(RemoteControl(address, key))
    return HostedModel(engine, report, os.environ["WHEEL_ENGINE_TOKEN"])


def main():
    port, address, key = int(sys.argv[1]), int(sys.argv[2]), bytes.fromhex(sys.argv[3])
    from cluster import single_machine

    single_machine.use()
    from cluster.application import Arguments, deployment_options
    from cluster.replica import DEPLOYMENT
    from cluster.serving import serve_applications

    applications = {
        model_id: DEPLOYMENT.options(**deployment_options(Arguments(model_id=model_id))).bind(
            partial(load, model_id, address, key)
        )
        for model_id in MODEL_IDS
    }
    serve_applications(applications, {"host": "127.0.0.1", "port": port}, num_cpus=4)


if __name__ == "__main__":
    main()
