"""Loading of tokenizers and runners into memory.

A model that several threads need is loaded once, while they wait. A failed load is tried again
after a delay that doubles each time (exponential backoff), since its cause may pass.
"""

import errno
import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.decoders.refusals import RefusedModelError
from wheel.engine.bos_runner import BosRunner
from wheel.errors import ModelUnavailableError
from wheel.language_models.checksums import require_intact
from wheel.language_models.loading_thread import LoadingThread
from wheel.language_models.registry import ModelSpec
from wheel.language_models.runner_names import AUTO
from wheel.language_models.tokenizer import Tokenizer
from wheel.sentences import Sentence

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from wheel.engine.batch import Runner

logger = logging.getLogger(__name__)

FIRST_RETRY_S = 1.0
MAX_RETRY_S = 60.0
DESCRIPTORS_TO_IMPORT = 16  # more than importing torch and reading a model take at once
MAX_WAITING = 32  # of the server's 64 threads, so that others still answer, such as probes

FindFolder = Callable[[ModelSpec], Path]  # raises ModelUnavailableError
LoadRunner = Callable[[Path], "Runner"]
Compare = Callable[[Path], object]  # raises `RefusedModelError`


def do_nothing(*_: object) -> None:
    pass


def load_runner_from(folder: Path, choice: str = AUTO) -> "Runner":
    """Compares the checksums meanwhile. Raises `DamagedFileError` if a file differs from its
    checksum, and what `load_runner` raises."""
    if "torch" not in sys.modules:  # its import cannot be repeated after it has failed
        require_descriptors(DESCRIPTORS_TO_IMPORT)
    with ThreadPoolExecutor(1, thread_name_prefix="checksums") as pool:
        comparison = pool.submit(require_intact, folder)
        try:
            with no_garbage_collection():
                from wheel.language_models.runners import load_runner  # noqa: PLC0415 - takes time

                runner = load_runner(folder, choice)
        finally:
            comparison.result()  # the reason, if both have failed
    return runner


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """For imports and loads: their objects stay, and looking for unreachable ones among them would
    take a sixth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def require_descriptors(num_descriptors: int) -> None:
    """Raises `OSError` unless so many file descriptors are left. Takes one of them for a moment,
    where the system can tell the others' number, since other threads need them meanwhile."""
    if resource is None:
        with ExitStack() as stack:
            for _ in range(num_descriptors):
                stack.enter_context(Path(os.devnull).open())
        return
    num_open = sum(1 for _ in Path("/dev/fd").iterdir()) - 1  # without the one that lists them
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY and limit - num_open < num_descriptors:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


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
    runner: "Runner | None" = None
    failure: Failure | None = None
    tokenizer_lock: threading.Lock = field(default_factory=threading.Lock)


class ModelLoader:
    """find_folder   returns the folder with a model's files, or raises `ModelUnavailableError`
    load_runner   reads the files and makes the first forward pass
    compare       compares a model that is not built in with transformers, before it is loaded
    timeout_s     how long a request waits for a model to be loaded
    max_waiting   how many requests may wait at once; others get the error immediately
    """

    def __init__(
        self,
        find_folder: FindFolder,
        *,
        load_runner: LoadRunner,
        timeout_s: float,
        compare: Compare = do_nothing,
        max_waiting: int = MAX_WAITING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find_folder = find_folder
        self._read = load_runner
        self._compare = compare
        self._timeout_s = timeout_s
        self._clock = clock
        self._places = threading.Semaphore(max_waiting)
        self._thread = LoadingThread()
        self.on_failure: Callable[[], object] = do_nothing  # called after a load has failed

    def tokenizer(self, model: LoadedModel) -> Tokenizer:
        """Raises `ModelUnavailableError`, also if too many requests wait for it."""
        tokenizer = model.tokenizer
        if tokenizer is not None:
            return tokenizer
        with self._waiting(model):
            return self._load_tokenizer(model)

    def runner(self, model: LoadedModel) -> "Runner":
        """Raises `ModelUnavailableError`, also if it is still being loaded after the timeout."""
        if model.runner is not None:
            return model.runner
        with self._waiting(model):
            return self._load_in_thread(model, timeout_s=self._timeout_s)

    def load(self, model: LoadedModel) -> None:
        """Load tokenizer and runner, however long it takes. Raises `ModelUnavailableError`."""
        self._load_tokenizer(model)
        self._load_in_thread(model, timeout_s=None)

    def seconds_to_retry(self, model: LoadedModel) -> float | None:
        """None if the last load has not failed."""
        failure = model.failure
        return None if failure is None else max(0.0, failure.retry_at - self._clock())

    def stop(self) -> None:
        """Wait for the model that is being loaded, and load no other: requests that wait for one
        get the error."""
        self._thread.close()

    @contextmanager
    def _waiting(self, model: LoadedModel) -> Iterator[None]:
        """Take one of the places for requests that wait."""
        if not self._places.acquire(blocking=False):
            raise still_loading(model)
        try:
            yield
        finally:
            self._places.release()

    def _load_in_thread(self, model: LoadedModel, *, timeout_s: float | None) -> "Runner":
        """Not while a failed load is too recent: it would wait for loads of other models first."""
        self._require_retry_is_due(model)
        try:
            return self._thread.run(lambda: self._load_runner(model), timeout_s=timeout_s)
        except (TimeoutError, CancelledError):
            raise still_loading(model) from None

    def _load_tokenizer(self, model: LoadedModel) -> Tokenizer:
        """One thread at a time, so that a tokenizer is never read twice."""
        with model.tokenizer_lock:
            tokenizer = model.tokenizer
            if tokenizer is None:
                with self._attempt(model) as folder:
                    require_intact(folder, with_weights=False)
                    tokenizer = model.tokenizer = Tokenizer.from_folder(
                        folder, model.spec.end_of_text_tokens
                    )
            return tokenizer

    def _load_runner(self, model: LoadedModel) -> "Runner":
        """For the loading thread, so that a model is never loaded twice."""
        if model.runner is None:
            with self._attempt(model) as folder:
                if not model.spec.is_built_in:
                    self._compare(folder)
                model.runner = self._with_bos(model, self._read(folder))
                logger.info("%s is computed by %s", model.spec.model_id, model.runner.name)
            model.failure = None
        return model.runner

    def _with_bos(self, model: LoadedModel, runner: "Runner") -> "Runner":
        if model.spec.bos_token is None:
            return runner
        return BosRunner(runner, self._load_tokenizer(model).control_id(model.spec.bos_token))

    @contextmanager
    def _attempt(self, model: LoadedModel) -> Iterator[Path]:
        """Gives the folder to load from. An exception is recorded in `model.failure`, and until a
        retry is due, each further attempt raises it at once."""
        self._require_retry_is_due(model)
        try:
            yield self._find_folder(model.spec)
        except ModelUnavailableError:
            raise  # by `find_folder`: the model is not on this server
        except Exception as error:
            model.failure = self._failure(model, error)
            model.tokenizer = None  # its file may be the damaged one
            self.on_failure()
            raise ModelUnavailableError(model.failure.sentence) from error

    def _require_retry_is_due(self, model: LoadedModel) -> None:
        failure, seconds = model.failure, self.seconds_to_retry(model)
        if failure is not None and seconds:
            error = ModelUnavailableError(failure.sentence)
            error.retry_after_s = ceil(seconds)
            raise error

    def _failure(self, model: LoadedModel, error: Exception) -> Failure:
        logger.error("loading %s failed", model.spec.model_id, exc_info=error)
        num_attempts = model.failure.num_attempts + 1 if model.failure else 1
        return Failure(
            failure_sentence(model.spec, error),
            num_attempts,
            self._clock() + retry_delay_s(num_attempts),
        )


def failure_sentence(spec: ModelSpec, error: Exception) -> Sentence:
    """A refusal has a reason for people; the words of other errors are for the log."""
    if isinstance(error, RefusedModelError):
        return Sentence(
            "%(model)s cannot be offered: %(reason)s.", model=spec.name, reason=error.reason
        )
    return Sentence(
        "%(model)s could not be loaded (%(error)s); the server's log says why.",
        model=spec.name,
        error=type(error).__name__,
    )


def retry_delay_s(num_attempts: int) -> float:
    """1 s after the first attempt, then twice as long each time, up to a minute."""
    return min(MAX_RETRY_S, FIRST_RETRY_S * 2.0 ** min(num_attempts - 1, 10))


def still_loading(model: LoadedModel) -> ModelUnavailableError:
    return ModelUnavailableError(
        Sentence("%(model)s is still being loaded.", model=model.spec.name)
    )
