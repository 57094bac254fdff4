"""Background thread of a server: loads all models, and tries those that fail again."""

import logging
import threading
from collections.abc import Callable, Iterable

from wheel.errors import ModelUnavailableError
from wheel.language_models.loader import FIRST_RETRY_S, LoadedModel, ModelLoader, retry_delay_s

logger = logging.getLogger(__name__)

FindModels = Callable[[], Iterable[LoadedModel]]
OnLoaded = Callable[[str], object]


class BackgroundLoading:
    """A thread that has models loaded one after the other, with their tokenizers, and tries those
    that fail again, whether it or a request loaded them.

    find_models  called in this thread for the models to load, in order
    """

    def __init__(self, loader: ModelLoader, find_models: FindModels) -> None:
        self._loader = loader
        self._find_models = find_models
        self._thread: threading.Thread | None = None
        self._wake_up = threading.Event()
        self._is_stopping = False
        self._num_failed_rounds = 0  # since the last that did not

    def start(self, on_loaded: OnLoaded) -> None:
        """`on_loaded` is called in the new thread with the id of each model that was loaded."""
        self._loader.on_failure = self._wake_up.set
        self._thread = threading.Thread(
            target=self._work, args=(on_loaded,), name="model-retries", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Wait for the model that is being loaded, and load no other."""
        self._is_stopping = True
        self._wake_up.set()
        self._loader.stop()
        if self._thread is not None:
            self._thread.join()

    def _work(self, on_loaded: OnLoaded) -> None:
        while not self._is_stopping:
            delay_s = self._run_round(on_loaded)
            self._wake_up.wait(delay_s)
            self._wake_up.clear()  # before the condition of the loop, so that no `stop` is missed

    def _run_round(self, on_loaded: OnLoaded) -> float | None:
        """Returns the seconds until the next round; None if it need not come. No exception may end
        the thread, since a model that fails would then never be tried again."""
        try:
            delay_s = self._load_each(on_loaded)
        except Exception:
            logger.exception("loading the models in the background failed")
            self._num_failed_rounds += 1
            return retry_delay_s(self._num_failed_rounds)
        self._num_failed_rounds = 0
        return delay_s

    def _load_each(self, on_loaded: OnLoaded) -> float | None:
        """Returns the seconds until the first of those that failed can be tried again."""
        delays_s = []
        for model in self._find_models():
            if self._is_stopping:
                break
            if not self._load(model, on_loaded):
                delays_s.append(self._loader.seconds_to_retry(model) or FIRST_RETRY_S)
        return min(delays_s, default=None)

    def _load(self, model: LoadedModel, on_loaded: OnLoaded) -> bool:
        try:
            self._loader.load(model)
        except ModelUnavailableError:
            return False  # logged by the loader, and shown in the list of models
        logger.info("loaded %s", model.spec.model_id)
        on_loaded(model.spec.model_id)
        return True
