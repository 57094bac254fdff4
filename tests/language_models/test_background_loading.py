"""The thread of background loading: a stop at the worst moment."""

import threading

from tests.language_models.fakes import BOUND_S, RecordingLoad
from tests.waiting import wait_until
from wheel.language_models.background_loading import BackgroundLoading
from wheel.language_models.loader import ModelLoader


class EventSetBeforeClear(threading.Event):
    """Once armed, starts a thread in `clear`, and clears the event after the thread has set it."""

    def __init__(self, target):
        super().__init__()
        self.thread = threading.Thread(target=target, daemon=True)
        self.is_armed = False

    def clear(self):
        super().clear()
        if self.is_armed:
            self.is_armed = False
            self.thread.start()
            assert self.wait(BOUND_S)
            super().clear()


def test_a_stop_is_not_missed_while_the_thread_clears_its_event(tmp_path):
    def find_models():
        if event.thread.ident is None:
            event.is_armed = True
            loader.on_failure()  # so that the wait that follows ends
        return []

    loader = ModelLoader(lambda _: tmp_path, load_runner=RecordingLoad(), timeout_s=BOUND_S)
    loading = BackgroundLoading(loader, find_models)
    event = loading._wake_up = EventSetBeforeClear(loading.stop)
    loading.start(str)
    wait_until(lambda: event.thread.ident)
    event.thread.join(BOUND_S)
    assert not event.thread.is_alive()
