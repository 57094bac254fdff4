"""Loading of tokenizers and weights into memory: on demand, or all in the background.

A model that several threads need is loaded once, while they wait. A failed load is tried again
after a delay that doubles each time (exponential backoff), since its cause may pass.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from wheel.errors import ModelUnavailableError
from wheel.language_models.loading_thread import LoadingThread
from wheel.language_models.registry import ModelSpec
from wheel.language_models.tokenizer import Tokenizer, needs_transformers

if TYPE_CHECKING:
    from transformers import PreTrainedModel

T = TypeVar("T")

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
    """The parts of one model in memory; None: not loaded. They can be read without any lock."""

    spec: ModelSpec
    tokenizer: Tokenizer | None = None
    weights: "PreTrainedModel | None" = None
    failure: Failure | None = None
    tokenizer_lock: threading.Lock = field(default_factory=threading.Lock)


class ModelLoader:
    """find_folder   returns the folder with a model's files, or raises `ModelUnavailableError`
    timeout_s     how long a request waits for a model to be loaded
    max_waiting   how many requests may wait at once; others get the error immediately
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
        self.on_failure: Callable[[], object] = do_nothing  # called after a load has failed

    def tokenizer(self, model: LoadedModel) -> Tokenizer:
        """Raises `ModelUnavailableError`."""
        if model.tokenizer is None:
            with self._waiting(model):
                self._load_tokenizer(model)
        return loaded(model.tokenizer)

    def weights(self, model: LoadedModel) -> "PreTrainedModel":
        """Raises `ModelUnavailableError`, also if they are still being loaded after the timeout."""
        if model.weights is None:
            with self._waiting(model):
                self.thread.run(partial(self._load_weights_of, model), timeout_s=self._timeout_s)
        return loaded(model.weights)

    def load(self, model: LoadedModel) -> None:
        """Load tokenizer and weights, however long it takes. Raises `ModelUnavailableError`."""
        self._load_tokenizer(model)
        self.thread.run(partial(self._load_weights_of, model))

    def seconds_to_retry(self, model: LoadedModel) -> float | None:
        """None if the last load has not failed."""
        if model.failure is None:
            return None
        return max(0.0, model.failure.retry_at - self._clock())

    @contextmanager
    def _waiting(self, model: LoadedModel) -> Iterator[None]:
        """Take one of the places for requests that wait."""
        if not self._places.acquire(blocking=False):
            raise still_loading(model)
        try:
            yield
        except TimeoutError:
            raise still_loading(model) from None
        finally:
            self._places.release()

    def _load_tokenizer(self, model: LoadedModel) -> None:
        with model.tokenizer_lock:
            if model.tokenizer is None:
                with self._recording_failure(model) as folder:
                    model.tokenizer = self._read_tokenizer(folder)

    def _read_tokenizer(self, folder: Path) -> Tokenizer:
        read = partial(Tokenizer.from_folder, folder)
        return self.thread.run(read) if needs_transformers(folder) else read()

    def _load_weights_of(self, model: LoadedModel) -> None:
        """For the loading thread, so that a model is never loaded twice."""
        if model.weights is None:
            with self._recording_failure(model) as folder:
                model.weights = self._load_weights(folder)
            model.failure = None

    @contextmanager
    def _recording_failure(self, model: LoadedModel) -> Iterator[Path]:
        """Gives the folder to load from. An exception is recorded in `model.failure`."""
        folder = self._folder_to_load(model)
        try:
            yield folder
        except Exception as error:
            model.failure = self._failure(model, error)
            self.on_failure()
            raise ModelUnavailableError(model.failure.sentence) from error

    def _folder_to_load(self, model: LoadedModel) -> Path:
        seconds = self.seconds_to_retry(model)
        if model.failure is not None and seconds:
            error = ModelUnavailableError(model.failure.sentence)
            error.retry_after_s = ceil(seconds)
            raise error
        return self._find_folder(model.spec)

    def _failure(self, model: LoadedModel, error: Exception) -> Failure:
        logger.error("loading %s failed", model.spec.model_id, exc_info=error)
        num_attempts = model.failure.num_attempts + 1 if model.failure else 1
        return Failure(
            f"{model.spec.name} could not be loaded ({type(error).__name__}); "
            "the server's log says why.",
            num_attempts,
            self._clock() + retry_delay_s(num_attempts),
        )


def do_nothing() -> None:
    pass


def loaded(part: T | None) -> T:
    assert part is not None, "loading ended without an error, and without a result"
    return part


def retry_delay_s(num_attempts: int) -> float:
    """1 s after the first attempt, then twice as long each time, up to a minute."""
    return min(MAX_RETRY_S, FIRST_RETRY_S * 2.0 ** min(num_attempts - 1, 10))


def still_loading(model: LoadedModel) -> ModelUnavailableError:
    return ModelUnavailableError(f"{model.spec.name} is still being loaded.")


class BackgroundLoading:
    """A thread that has models loaded one after the other, with their tokenizers, and tries those
    that fail again, whether it or a request loaded them."""

    def __init__(self, loader: ModelLoader) -> None:
        self._loader = loader
        self._thread: threading.Thread | None = None
        self._wake_up = threading.Event()
        self._is_stopping = False

    def start(
        self,
        find_models: Callable[[], Iterable[LoadedModel]],
        on_loaded: Callable[[str], object],
    ) -> None:
        """Both functions are called in the new thread: `find_models` for the models to load, in
        order, and `on_loaded` with the id of each that was loaded."""

        def load_all() -> None:
            while not self._is_stopping:
                self._wake_up.clear()
                delay_s = self._load_each(find_models(), on_loaded)
                self._wake_up.wait(delay_s)

        self._loader.on_failure = self._wake_up.set
        self._thread = threading.Thread(target=load_all, name="model-retries", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Wait for the model that is being loaded, and load no other."""
        self._is_stopping = True
        self._wake_up.set()
        if self._thread is not None:
            self._thread.join()
        self._loader.thread.join()

    def _load_each(
        self, models: Iterable[LoadedModel], on_loaded: Callable[[str], object]
    ) -> float | None:
        """Returns the seconds until the first of those that failed can be tried again; None if none
        failed."""
        delays_s = []
        for model in models:
            if self._is_stopping:
                break
            if not self._load(model, on_loaded):
                delays_s.append(self._loader.seconds_to_retry(model) or FIRST_RETRY_S)
        return min(delays_s, default=None)

    def _load(self, model: LoadedModel, on_loaded: Callable[[str], object]) -> bool:
        try:
            self._loader.load(model)
        except ModelUnavailableError:
            return False  # logged by the loader, and shown in the list of models
        logger.info("loaded %s", model.spec.model_id)
        on_loaded(model.spec.model_id)
        return True
