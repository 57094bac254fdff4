"""Catalog of the models on offer: which are available, which are loaded, which is the default.

A server loads all models in the background, the default first, and tries those that fail again. A
request for a model that is not loaded yet waits for it; a script that never calls `start` loads
models at their first use.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wheel.errors import ModelUnavailableError
from wheel.installation import COMMAND_LINE
from wheel.language_models.background_loading import BackgroundLoading
from wheel.language_models.comparison import require_as_transformers
from wheel.language_models.loader import (
    LoadedModel,
    LoadRunner,
    ModelLoader,
    load_runner_from,
)
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import ModelSpec, find_spec, in_millions
from wheel.language_models.sizes import ModelSizes, sizes_in
from wheel.language_models.tokenizer import Tokenizer
from wheel.sentences import Sentence

if TYPE_CHECKING:
    from wheel.engine.batch import Runner

Locate = Callable[[ModelSpec, Path], Path]


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """One model in the list of models. The sizes are None while they are unknown: of a model whose
    files are not here.

    runner_name  of the library that computes it here; None if it is not loaded here
    detail       the reason if it is not available, else None
    """

    spec: ModelSpec
    num_parameters: int | None
    context_length: int | None
    vocabulary_size: int | None
    is_default: bool
    is_available: bool
    is_loaded: bool
    runner_name: str | None
    detail: str | None

    @property
    def parameters(self) -> str | None:
        """For display: 124M."""
        return in_millions(self.num_parameters)


class ModelCatalog:
    """specs             the models to offer, in order
    models_dir        folder of the hub's cache and of converted models
    default_model_id  None: the first model that is available is the default
    load_timeout_s    how long a caller waits for a model that another thread is loading
    """

    def __init__(
        self,
        specs: Iterable[ModelSpec],
        models_dir: Path,
        *,
        default_model_id: str | None = None,
        max_context_length: int | None = None,
        load_timeout_s: float = 30.0,
        load_runner: LoadRunner = load_runner_from,
        locate: Locate = locate_model,
    ) -> None:
        self._models = {spec.model_id: LoadedModel(spec) for spec in specs}
        self._models_dir = models_dir
        self._chosen_default_id = default_model_id
        self._max_context_length = max_context_length
        self._locate = locate
        self._loader = ModelLoader(
            self._find_folder,
            load_runner=load_runner,
            timeout_s=load_timeout_s,
            compare=partial(require_as_transformers, max_context_length=max_context_length),
        )
        self._background_loading = BackgroundLoading(self._loader, self._models_to_load)
        self._sizes: dict[str, ModelSizes] = {}  # that were read from files
        self._seen_on_disk: dict[str, bool] = {}  # at the last check, for `is_default_loaded`

    def start(self, on_loaded: Callable[[str], object] = str) -> None:
        """Load all available models in the background, the default one first, and those that fail
        again later; `on_loaded` is called there with the id of each."""
        self._background_loading.start(on_loaded)

    def stop(self) -> None:
        """Wait for the model that is being loaded, and load no other."""
        self._background_loading.stop()

    def statuses(self) -> list[ModelStatus]:
        """All models in the order of the specs. Checks the files of those not loaded."""
        reasons = self._unavailable_reasons()
        default_id = self._default_id(lambda model_id: reasons[model_id] is None)
        return [
            ModelStatus(
                spec=model.spec,
                num_parameters=self._known_sizes(model).num_parameters,
                context_length=self._limited_context_length(model),
                vocabulary_size=self._vocabulary_size(model),
                is_default=model_id == default_id,
                is_available=reasons[model_id] is None,
                is_loaded=self._is_loaded(model),
                runner_name=None if model.runner is None else model.runner.name,
                detail=reasons[model_id],
            )
            for model_id, model in self._models.items()
        ]

    def default_model_id(self) -> str:
        """Raises `ModelUnavailableError` if no model is available."""
        for status in self.statuses():
            if status.is_default:
                return status.spec.model_id
        for model in self._models.values():
            if model.failure is not None:
                raise ModelUnavailableError(model.failure.sentence)
        first = next(iter(self._models.values())).spec
        raise ModelUnavailableError(
            Sentence(
                "No model is on this server yet. To add one, run: %(command)s",
                command=f"{COMMAND_LINE} download_models {first.model_id}",
            )
        )

    def require_available(self, model_id: str) -> None:
        """Raises `UnknownModelError`, or `ModelUnavailableError` with the remedy."""
        reason = self._unavailable_reason(self._model(model_id))
        if reason is not None:
            raise ModelUnavailableError(reason)

    def is_default_loaded(self) -> bool:
        """From memory alone, so that a probe can call it at any time: it takes no lock and reads no
        file, but uses the result of the last check by another method."""
        default_id = self._default_id(self._is_available_in_memory)
        model = self._models.get(default_id) if default_id is not None else None
        return model is not None and self._is_loaded(model)

    def context_length(self, model_id: str) -> int:
        """The context window in tokens: the model's own, or the lower limit of the settings.
        Raises `UnknownModelError`, and `ModelUnavailableError` if it is in files that are not
        here."""
        model = self._model(model_id)
        length = self._limited_context_length(model)
        if length is None:
            raise ModelUnavailableError(self._unavailable_reason(model))
        return length

    def tokenizer(self, model_id: str) -> Tokenizer:
        """Loads it if necessary. Raises `UnknownModelError`, `ModelUnavailableError`."""
        return self._loader.tokenizer(self._model(model_id))

    def runner(self, model_id: str) -> "Runner":
        """Loads it if necessary. Raises `UnknownModelError`, `ModelUnavailableError`."""
        model = self._model(model_id)
        if model.runner is None:
            self._unavailable_reasons()  # `is_default_loaded` needs the result of this check
        return self._loader.runner(model)

    # Replaced for models that are loaded elsewhere, see `RemoteCatalog`

    def _is_loaded(self, model: LoadedModel) -> bool:
        return model.runner is not None

    def _own_context_length(self, model: LoadedModel) -> int | None:
        if model.runner is None:
            return self._context_length_in_files(model)
        return model.runner.context_length

    def _unavailable_reason(self, model: LoadedModel) -> str | None:
        if model.runner is not None:
            return None
        if model.failure is not None:
            return model.failure.sentence
        try:
            self._find_folder(model.spec)
        except ModelUnavailableError as error:
            return error.detail
        return None

    # For all catalogs

    def _model(self, model_id: str) -> LoadedModel:
        find_spec(model_id, {key: model.spec for key, model in self._models.items()})
        return self._models[model_id]

    def _limited_context_length(self, model: LoadedModel) -> int | None:
        length = self._own_context_length(model)
        return None if length is None else min(length, self._max_context_length or length)

    def _context_length_in_files(self, model: LoadedModel) -> int | None:
        """One position less for a model with a BOS, which takes the first."""
        length = self._known_sizes(model).context_length
        return length - 1 if length is not None and model.spec.bos_token else length

    def _vocabulary_size(self, model: LoadedModel) -> int | None:
        """The tokenizer's if it is loaded: the weights may have more rows."""
        tokenizer = model.tokenizer
        if tokenizer is not None:
            return tokenizer.vocabulary_size
        return self._known_sizes(model).vocabulary_size

    def _known_sizes(self, model: LoadedModel) -> ModelSizes:
        """The registry's, else those in the files, read once if they can be."""
        spec = model.spec
        if spec.context_length is not None:
            return ModelSizes(spec.num_parameters, spec.context_length, spec.vocabulary_size)
        sizes = self._sizes.get(spec.model_id, ModelSizes())
        if sizes.context_length is None:
            try:
                sizes = sizes_in(self._find_folder(spec))
            except ModelUnavailableError:
                return ModelSizes()
            self._sizes[spec.model_id] = sizes
        return sizes

    def _default_id(self, is_available: Callable[[str], bool]) -> str | None:
        return self._chosen_default_id or next(filter(is_available, self._models), None)

    def _unavailable_reasons(self) -> dict[str, str | None]:
        return {
            model_id: self._unavailable_reason(model) for model_id, model in self._models.items()
        }

    def _is_available_in_memory(self, model_id: str) -> bool:
        model = self._models[model_id]
        if model.runner is not None:
            return True
        return model.failure is None and self._seen_on_disk.get(model_id, False)

    def _find_folder(self, spec: ModelSpec) -> Path:
        try:
            folder = self._locate(spec, self._models_dir)
        except ModelUnavailableError:
            self._seen_on_disk[spec.model_id] = False
            raise
        self._seen_on_disk[spec.model_id] = True
        return folder

    def _models_to_load(self) -> list[LoadedModel]:
        """Those that are on this server and not in memory, the default first."""
        statuses = sorted(self.statuses(), key=lambda status: not status.is_default)
        models = [(status, self._models[status.spec.model_id]) for status in statuses]
        return [
            model
            for status, model in models
            if not status.is_loaded and (status.is_available or model.failure is not None)
        ]
