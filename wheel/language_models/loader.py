"""Loading of tokenizers and weights into memory: on demand, or all in a background thread.

A model that several threads need is loaded by one of them, while the others wait for that load. A
failed load is recorded and not tried again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.errors import ModelUnavailableError, TokenWheelError
from wheel.language_models.registry import ModelSpec
from wheel.language_models.tokenizer import Tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)

FindFolder = Callable[[ModelSpec], Path]  # raises ModelUnavailableError
LoadWeights = Callable[[Path], "PreTrainedModel"]


def load_weights_from(folder: Path) -> "PreTrainedModel":
    from wheel.language_models.weights import load_weights  # noqa: PLC0415 - torch takes seconds to import

    return load_weights(folder)


@dataclass(eq=False)
class LoadedModel:
    """The parts of one model in memory; None: not loaded. `failure` is a sentence.

    The attributes can be read without any lock; the locks are held during a load.
    """

    spec: ModelSpec
    tokenizer: Tokenizer | None = None
    weights: "PreTrainedModel | None" = None
    failure: str | None = None
    tokenizer_lock: threading.Lock = field(default_factory=threading.Lock)
    weights_lock: threading.Lock = field(default_factory=threading.Lock)


class ModelLoader:
    """find_folder   returns the folder with a model's files, or raises `ModelUnavailableError`
    timeout_s     how long a thread waits for a model that another thread is loading
    """

    def __init__(
        self, find_folder: FindFolder, *, load_weights: LoadWeights, timeout_s: float
    ) -> None:
        self._find_folder = find_folder
        self._load_weights = load_weights
        self._timeout_s = timeout_s

    def tokenizer(self, model: LoadedModel) -> Tokenizer:
        """Raises `ModelUnavailableError`."""
        if model.tokenizer is None:
            with self._loading(model, model.tokenizer_lock) as folder:
                model.tokenizer = model.tokenizer or Tokenizer.from_folder(folder)
        return model.tokenizer

    def weights(self, model: LoadedModel) -> "PreTrainedModel":
        """Raises `ModelUnavailableError`."""
        if model.weights is None:
            with self._loading(model, model.weights_lock) as folder:
                model.weights = model.weights or self._load_weights(folder)
        return model.weights

    @contextmanager
    def _loading(self, model: LoadedModel, lock: threading.Lock) -> Iterator[Path]:
        """Hold the lock while loading. An exception is recorded in `model.failure`."""
        if not lock.acquire(timeout=self._timeout_s):
            raise ModelUnavailableError(f"{model.spec.name} is still being loaded.")
        try:
            yield self._folder_to_load(model)
        except TokenWheelError:
            raise
        except Exception as error:
            logger.exception("loading %s failed", model.spec.model_id)
            model.failure = (
                f"{model.spec.name} could not be loaded ({type(error).__name__}); "
                "the server's log says why."
            )
            raise ModelUnavailableError(model.failure) from error
        finally:
            lock.release()

    def _folder_to_load(self, model: LoadedModel) -> Path:
        if model.failure is not None:
            raise ModelUnavailableError(model.failure)
        return self._find_folder(model.spec)


class BackgroundLoading:
    """A thread that loads models one after the other, with their tokenizers."""

    def __init__(self, loader: ModelLoader) -> None:
        self._loader = loader
        self._thread: threading.Thread | None = None
        self._is_stopping = False

    def start(
        self,
        find_models: Callable[[], Iterable[LoadedModel]],
        on_loaded: Callable[[str], object],
    ) -> threading.Thread:
        """Both functions are called in the new thread: `find_models` once, for the models in the
        order of loading, and `on_loaded` with the id of each that was loaded."""

        def load_all() -> None:
            for model in find_models():
                if self._is_stopping:
                    return
                self._load(model, on_loaded)

        self._thread = threading.Thread(target=load_all, name="model-loader", daemon=True)
        self._thread.start()
        return self._thread

    def stop(self) -> None:
        """Wait for the model that is being loaded, and load no other."""
        self._is_stopping = True
        if self._thread is not None:
            self._thread.join()

    def _load(self, model: LoadedModel, on_loaded: Callable[[str], object]) -> None:
        try:
            self._loader.tokenizer(model)
            self._loader.weights(model)
        except ModelUnavailableError:
            return  # logged by the loader, and shown in the list of models
        logger.info("loaded %s", model.spec.model_id)
        on_loaded(model.spec.model_id)
