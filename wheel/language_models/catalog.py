"""The models on offer: which are here, which are loaded, and who loads them.

A server loads all of them in the background, the default one first. Whoever asks for one earlier
waits for it; a script that never called `start` loads just what it asks for, when it asks.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.errors import ModelUnavailableError, TokenWheelError
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import ModelSpec, find_spec
from wheel.language_models.tokenizer import Tokenizer

if TYPE_CHECKING:
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)

LoadWeights = Callable[[Path], "PreTrainedModel"]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What the list of models says of one; `detail` is why it is not available, else None."""

    spec: ModelSpec
    context_length: int
    vocabulary_size: int
    is_default: bool
    is_available: bool
    is_loaded: bool
    detail: str | None


@dataclass(eq=False)
class _Entry:
    spec: ModelSpec
    tokenizer: Tokenizer | None = None
    weights: "PreTrainedModel | None" = None
    failure: str | None = None
    tokenizer_lock: threading.Lock = field(default_factory=threading.Lock)
    weights_lock: threading.Lock = field(default_factory=threading.Lock)


def load_weights_from(folder: Path) -> "PreTrainedModel":
    from wheel.language_models.weights import load_weights  # noqa: PLC0415 - torch takes seconds to import

    return load_weights(folder)


class ModelCatalog:
    """specs are the models to offer, in order; the first that is here is the default, unless
    `default_model_id` names one. `models_dir` holds the hub's cache and converted models.
    `load_timeout_s` is how long a caller waits for a model that another thread is loading."""

    def __init__(
        self,
        specs: Iterable[ModelSpec],
        models_dir: Path,
        *,
        default_model_id: str | None = None,
        max_context_length: int | None = None,
        load_timeout_s: float = 30.0,
        load_weights: LoadWeights = load_weights_from,
    ) -> None:
        self._entries = {spec.model_id: _Entry(spec) for spec in specs}
        self._models_dir = models_dir
        self._chosen_default = default_model_id
        self._max_context_length = max_context_length
        self._load_timeout_s = load_timeout_s
        self._load_weights = load_weights
        self._loader: threading.Thread | None = None
        self._is_stopping = False

    def start(self, on_loaded: Callable[[str], object] = str) -> threading.Thread:
        """Load every available model in a thread of its own, the default one first; `on_loaded`
        is called there with the id of each."""
        thread = threading.Thread(
            target=self._load_all, args=(on_loaded,), name="model-loader", daemon=True
        )
        thread.start()
        self._loader = thread
        return thread

    def stop(self) -> None:
        """Begin to load no other model, and wait for the one that is being loaded."""
        self._is_stopping = True
        if self._loader is not None:
            self._loader.join()

    def statuses(self) -> list[ModelStatus]:
        reasons = {model_id: self._unavailable_reason(model_id) for model_id in self._entries}
        default = self._chosen_default or next(
            (model_id for model_id, reason in reasons.items() if reason is None), None
        )
        return [
            ModelStatus(
                spec=entry.spec,
                context_length=self.context_length(model_id),
                vocabulary_size=self._vocabulary_size(entry),
                is_default=model_id == default,
                is_available=reasons[model_id] is None,
                is_loaded=entry.weights is not None,
                detail=reasons[model_id],
            )
            for model_id, entry in self._entries.items()
        ]

    def default_model_id(self) -> str:
        """Raises `ModelUnavailableError` where no model is here at all."""
        for status in self.statuses():
            if status.is_default:
                return status.spec.model_id
        first = next(iter(self._entries.values())).spec
        raise ModelUnavailableError(
            "No model is on this server yet. To add one, run: "
            f"python manage.py download_models {first.model_id}"
        )

    def require_available(self, model_id: str) -> None:
        """Raises `UnknownModelError`, or `ModelUnavailableError` with what to do about it."""
        reason = self._unavailable_reason(self._entry(model_id).spec.model_id)
        if reason is not None:
            raise ModelUnavailableError(reason)

    def is_default_loaded(self) -> bool:
        return any(status.is_default and status.is_loaded for status in self.statuses())

    def context_length(self, model_id: str) -> int:
        """The context window on offer, in tokens: the model's own, or less by a setting."""
        entry = self._entry(model_id)
        length = entry.spec.context_length
        if entry.weights is not None:
            length = int(entry.weights.config.max_position_embeddings)
        return min(length, self._max_context_length or length)

    def tokenizer(self, model_id: str) -> Tokenizer:
        entry = self._entry(model_id)
        if entry.tokenizer is None:
            with self._loading(entry, entry.tokenizer_lock) as folder:
                entry.tokenizer = entry.tokenizer or Tokenizer.from_folder(folder)
        return entry.tokenizer

    def weights(self, model_id: str) -> "PreTrainedModel":
        entry = self._entry(model_id)
        if entry.weights is None:
            with self._loading(entry, entry.weights_lock) as folder:
                entry.weights = entry.weights or self._load_weights(folder)
        return entry.weights

    def _entry(self, model_id: str) -> _Entry:
        find_spec(model_id, {key: entry.spec for key, entry in self._entries.items()})
        return self._entries[model_id]

    def _vocabulary_size(self, entry: _Entry) -> int:
        return entry.tokenizer.vocabulary_size if entry.tokenizer else entry.spec.vocabulary_size

    def _unavailable_reason(self, model_id: str) -> str | None:
        entry = self._entries[model_id]
        if entry.weights is not None:
            return None
        if entry.failure is not None:
            return entry.failure
        try:
            locate_model(entry.spec, self._models_dir)
        except ModelUnavailableError as error:
            return error.detail
        return None

    @contextmanager
    def _loading(self, entry: _Entry, lock: threading.Lock) -> Iterator[Path]:
        """Hold the lock while loading; a failure is remembered and told as a sentence."""
        if not lock.acquire(timeout=self._load_timeout_s):
            raise ModelUnavailableError(f"{entry.spec.name} is still being loaded.")
        try:
            yield self._folder_to_load(entry)
        except TokenWheelError:
            raise
        except Exception as error:
            logger.exception("loading %s failed", entry.spec.model_id)
            entry.failure = (
                f"{entry.spec.name} could not be loaded ({type(error).__name__}); "
                "the server's log says why."
            )
            raise ModelUnavailableError(entry.failure) from error
        finally:
            lock.release()

    def _folder_to_load(self, entry: _Entry) -> Path:
        if entry.failure is not None:
            raise ModelUnavailableError(entry.failure)
        return locate_model(entry.spec, self._models_dir)

    def _load_all(self, on_loaded: Callable[[str], object]) -> None:
        for status in sorted(self.statuses(), key=lambda status: not status.is_default):
            if self._is_stopping:
                return
            if not status.is_available:
                continue
            try:
                self.tokenizer(status.spec.model_id)
                self.weights(status.spec.model_id)
            except ModelUnavailableError:
                continue  # already logged, and told by `statuses`
            logger.info("loaded %s", status.spec.model_id)
            on_loaded(status.spec.model_id)
