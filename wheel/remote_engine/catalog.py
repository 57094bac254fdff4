"""Catalog of models that another process has loaded: this one has their tokenizers only."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import Locate, ModelCatalog
from wheel.language_models.loader import LoadedModel
from wheel.language_models.model_files import locate_tokenizer
from wheel.language_models.registry import ModelSpec
from wheel.remote_engine.protocol import ModelReport, Vocabulary
from wheel.remote_engine.watch import ServiceWatch
from wheel.sentences import Sentence


class RemoteCatalog(ModelCatalog):
    """A model is loaded, and available, if the service has said so lately, with the vocabulary of
    the tokenizer that is here."""

    def __init__(
        self,
        specs: Iterable[ModelSpec],
        models_dir: Path,
        watch: ServiceWatch,
        *,
        default_model_id: str | None = None,
        max_context_length: int | None = None,
        load_timeout_s: float = 30.0,
        locate: Locate = locate_tokenizer,
    ) -> None:
        super().__init__(
            specs,
            models_dir,
            default_model_id=default_model_id,
            max_context_length=max_context_length,
            load_timeout_s=load_timeout_s,
            locate=locate,
        )
        self._watch = watch

    def start(self, on_loaded: Callable[[str], object] = str) -> None:
        """Watch the service, and read the tokenizers in the background."""
        self._watch.start()
        threading.Thread(
            target=self._read_tokenizers, args=(on_loaded,), name="tokenizers", daemon=True
        ).start()

    def stop(self) -> None:
        self._watch.stop()
        super().stop()

    def _read_tokenizers(self, on_loaded: Callable[[str], object]) -> None:
        for model_id in self._models:
            try:
                self.tokenizer(model_id)
            except ModelUnavailableError:
                continue  # shown in the list of models
            on_loaded(model_id)

    def vocabulary(self, model_id: str) -> Vocabulary:
        """Raises as `tokenizer` does."""
        tokenizer = self.tokenizer(model_id)
        return Vocabulary(tokenizer.vocabulary_size, tokenizer.digest)

    def _is_loaded(self, model: LoadedModel) -> bool:
        """From memory."""
        report = self._watch.report(model.spec.model_id)
        return report is not None and self._problem_of(report, model) is None

    def _own_context_length(self, model: LoadedModel) -> int | None:
        """The service's, also during an outage: a longer text could not be continued after it."""
        report = self._watch.last_report(model.spec.model_id)
        return self._context_length_in_files(model) if report is None else report.context_length

    def _unavailable_reason(self, model: LoadedModel) -> str | None:
        spec = model.spec
        try:
            self.tokenizer(spec.model_id)
        except ModelUnavailableError as error:
            return error.detail
        reason = self._watch.reason(spec.model_id)
        if refusal := self._watch.refusal(spec.model_id):
            return refusal
        if reason:
            return Sentence(
                "%(model)s is not ready on the engine service: %(reason)s.",
                model=spec.name,
                reason=reason,
            )
        report = self._watch.report(spec.model_id)
        return None if report is None else self._problem_of(report, model)

    def _problem_of(self, report: ModelReport, model: LoadedModel) -> str | None:
        if model.tokenizer is None:
            return Sentence("It has no tokenizer here.")
        return problem_of(report, model)

    def _default_id(self, is_available: Callable[[str], bool]) -> str | None:
        """The first with a tokenizer here, whether the service answers or not: the default of a
        class must not depend on that moment."""
        here = (key for key, model in self._models.items() if model.tokenizer is not None)
        return self._chosen_default_id or next(here, None)

    def _is_available_in_memory(self, model_id: str) -> bool:
        return self._is_loaded(self._models[model_id])


def problem_of(report: ModelReport, model: LoadedModel) -> str | None:
    """A sentence if the service's model is not the one whose tokenizer is here."""
    assert model.tokenizer is not None
    if report.model_id != model.spec.model_id:
        return Sentence(
            "The engine service offers %(offered)s as %(model)s.",
            offered=report.model_id[:100],
            model=model.spec.model_id,
        )
    if report.vocabulary != model.tokenizer.digest:
        return Sentence(
            "The engine service has another vocabulary of %(model)s than this server.",
            model=model.spec.name,
        )
    return None
