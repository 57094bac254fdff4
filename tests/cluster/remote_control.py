"""The tests' side of controlled forward passes in another process."""

import threading
from multiprocessing.managers import BaseManager
from typing import Any


class Switchboard:
    """Passes the calls of the replicas on to the control and the model source of the running
    test."""

    def __init__(self):
        self._generation = 0
        self.engine_is_alive = True
        self._control: Any = None
        self._source: Any = None

    def begin_test(self, control, source):
        self._control, self._source = control, source
        self._generation += 1

    def is_alive(self):
        return self.engine_is_alive

    def generation(self):
        return self._generation

    def enter(self, token_ids, thread):
        """The thread is that of the replica."""
        control = self._control
        control.threads.add(thread)
        control.entered.release()
        assert control.gate.wait(60)
        if control.failing & set(token_ids):
            raise RuntimeError("this context fails")
        control.token_ids += token_ids

    def note_asked(self, model_id):
        """Raises as the model source of the test does."""
        self._source(model_id)


class Manager(BaseManager):
    """Only `connect` and `serve` use it."""


def serve(switchboard, key):
    """The port at which replicas reach this switchboard."""
    Manager.register("switchboard", callable=lambda: switchboard)
    server = Manager(("127.0.0.1", 0), authkey=key).get_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address: Any = server.address
    return address[1]


def connect(port, key):
    Manager.register("switchboard")
    manager: Any = Manager(("127.0.0.1", port), authkey=key)
    manager.connect()
    return manager.switchboard()
