"""Loading of tokenizers and weights into memory: on demand, or all in the background.

A model that several threads need is loaded once, while they wait. A failed load is tried again after
a delay that doubles each time (exponential backoff), since its cause may pass.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.errors import ModelUnavailableError, TokenWheelError
from wheel.language_models.loading_thread import LoadingThread
from wheel.language_models.registry import ModelSpec
from wheel.language_models.tokenizer import Tokenizer, needs_transformers

if TYPE_CHECKING:
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)

FIRST_RETRY_S = 1.0
MAX_RETRY_S = 60.0
MAX_WAITING = 32  # of the server's 64 threads, so that others still answer, such as probes

FindFolder = Callable[[ModelSpec], Path]  # raises ModelUnavailableError
LoadWeights = Callable[[Path], "PreTrainedModel"]


def load_weights_from(folder: Path) -> "PreTrainedModel":
    from wheel.language_models.weights import load_weights  # noqa: PLC0415 - torch takes seconds to import

    return load_weights(folder)


@dataclass(frozen=True, slots=True)
class Failure:
    """A load that raised. `sentence` names the model and the kind of error; `retry_at` is on the
    loader's clock."""

    sentence: str
    num_attempts: int
    retry_at: float


@dataclass(eq=False)
class LoadedModel:
    """The parts of one model in memory; None: not loaded.

    The attributes can be read without any lock; the locks are held during a load.
    """

    spec: ModelSpec
    tokenizer: Tokenizer | None = None
    weights: "PreTrainedModel | None" = None
    failure: Failure | None = None
    tokenizer_lock: threading.Lock = field(default_factory=threading.Lock)
    weights_lock: threading.Lock = field(default_factory=threading.Lock)


class ModelLoader:
    """find_folder   returns the folder with a model's files, or raises `ModelUnavailableError`
    timeout_s     how long a thread waits for a model to be loaded
    max_waiting   how many threads may wait at once; others get the error immediately
    """

    def __init__(
        self,
        find_folder: FindFolder,
        *,
        load_weights: LoadWeights,
        timeout_s: float,
        max_waiting: int = MAX_WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_folder = find_folder
        self._load_weights = load_weights
        self._timeout_s = timeout_s
        self._clock = clock
        self._places = threading.Semaphore(max_waiting)
        self.thread = LoadingThread()

    def tokenizer(self, model: LoadedModel) -> Tokenizer:
        """Raises `ModelUnavailableError`."""
        if model.tokenizer is None:
            with self._loading(model, model.tokenizer_lock) as folder:
                model.tokenizer = model.tokenizer or self._load_tokenizer(folder)
        return model.tokenizer

    def weights(self, model: LoadedModel) -> "PreTrainedModel":
        """Raises `ModelUnavailableError`."""
        if model.weights is None:
            with self._loading(model, model.weights_lock) as folder:
                model.weights = model.weights or self.thread.run(
                    lambda: self._load_weights(folder), timeout_s=self._timeout_s
                )
            model.failure = None
        return model.weights

    def seconds_to_retry(self, model: LoadedModel) -> float | None:
        """None if the last load has not failed."""
        return model.failure and max(0.0, model.failure.retry_at - self._clock())

    def _load_tokenizer(self, folder: Path) -> Tokenizer:
        if not needs_transformers(folder):
            return Tokenizer.from_folder(folder)
        return self.thread.run(lambda: Tokenizer.from_folder(folder), timeout_s=self._timeout_s)

    @contextmanager
    def _loading(self, model: LoadedModel, lock: threading.Lock) -> Iterator[Path]:
        """Hold the lock while loading. An exception is recorded in `model.failure`."""
        with self._waiting(model, lock):
            try:
                yield self._folder_to_load(model)
            except TokenWheelError:
                raise
            except TimeoutError:
                raise still_loading(model) from None
            except Exception as error:
                model.failure = self._failure(model, error)
                raise ModelUnavailableError(model.failure.sentence) from error

    @contextmanager
    def _waiting(self, model: LoadedModel, lock: threading.Lock) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise still_loading(model)
        try:
            if not lock.acquire(timeout=self._timeout_s):
                raise still_loading(model)
            try:
                yield
            finally:
                lock.release()
        finally:
            self._places.release()

    def _folder_to_load(self, model: LoadedModel) -> Path:
        seconds = self.seconds_to_retry(model)
        if model.failure is not None and seconds:
            error = ModelUnavailableError(model.failure.sentence)
            error.retry_after_s = ceil(seconds)
            raise error
        return self._find_folder(model.spec)

    def _failure(self, model: LoadedModel, error: Exception) -> Failure:
        logger.exception("loading %s failed", model.spec.model_id)
        num_attempts = model.failure.num_attempts + 1 if model.failure else 1
        return Failure(
            f"{model.spec.name} could not be loaded ({type(error).__name__}); "
            "the server's log says why.",
            num_attempts,
            self._clock() + retry_delay_s(num_attempts),
        )


def retry_delay_s(num_attempts: int) -> float:
    """1 s after the first attempt, then twice as long each time, up to a minute."""
    return min(MAX_RETRY_S, FIRST_RETRY_S * 2.0 ** min(num_attempts - 1, 10))


def still_loading(model: LoadedModel) -> ModelUnavailableError:
    return ModelUnavailableError(f"{model.spec.name} is still being loaded.")


class BackgroundLoading:
    """A thread that has models loaded one after the other, with their tokenizers, until none is
    left that failed."""

    def __init__(self, loader: ModelLoader) -> None:
        self._loader = loader
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(
        self,
        find_models: Callable[[], Iterable[LoadedModel]],
        on_loaded: Callable[[str], object],
    ) -> threading.Thread:
        """Both functions are called in the new thread: `find_models` for the models that are not
        loaded, in the order of loading, and `on_loaded` with the id of each that was loaded."""

        def load_all() -> None:
            delay_s: float | None = 0.0
            while delay_s is not None and not self._stopping.wait(delay_s):
                delay_s = self._load_each(find_models(), on_loaded)

        self._thread = threading.Thread(target=load_all, name="model-loader", daemon=True)
        self._thread.start()
        return self._thread

    def stop(self) -> None:
        """Wait for the model that is being loaded, and load no other."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _load_each(
        self, models: Iterable[LoadedModel], on_loaded: Callable[[str], object]
    ) -> float | None:
        """Returns the seconds until the first of those that failed can be tried again."""
        delays_s = []
        for model in models:
            if self._stopping.is_set():
                return None
            if not self._load(model, on_loaded):
                delays_s.append(self._loader.seconds_to_retry(model) or FIRST_RETRY_S)
        return min(delays_s, default=None)

    def _load(self, model: LoadedModel, on_loaded: Callable[[str], object]) -> bool:
        try:
            self._loader.tokenizer(model)
            self._loader.weights(model)
        except ModelUnavailableError:
            return False  # logged by the loader, and shown in the list of models
        logger.info("loaded %s", model.spec.model_id)
        on_loaded(model.spec.model_id)
        return True
