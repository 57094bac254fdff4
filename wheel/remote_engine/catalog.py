"""Catalog of models whose weights are on other machines: this one has their tokenizers only."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.loader import LoadedModel
from wheel.language_models.model_files import locate_tokenizer
from wheel.language_models.registry import ModelSpec
from wheel.remote_engine.protocol import ModelReport
from wheel.remote_engine.watch import ServiceWatch


class RemoteCatalog(ModelCatalog):
    """A model is loaded if the service has said so lately, with the vocabulary of the tokenizer
    that is here; it is available then, and while the service is asked for the first time."""

    def __init__(
        self,
        specs: Iterable[ModelSpec],
        models_dir: Path,
        watch: ServiceWatch,
        *,
        default_model_id: str | None = None,
        max_context_length: int | None = None,
        load_timeout_s: float = 30.0,
    ) -> None:
        super().__init__(
            specs,
            models_dir,
            default_model_id=default_model_id,
            max_context_length=max_context_length,
            load_timeout_s=load_timeout_s,
            locate=locate_tokenizer,
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

    def _report(self, model: LoadedModel) -> ModelReport | None:
        """From memory. None also if the service has another vocabulary."""
        report = self._watch.remembered(model.spec.model_id).report
        if report is None or model.tokenizer is None or problem_of(report, model):
            return None
        return report

    def _is_loaded(self, model: LoadedModel) -> bool:
        return self._report(model) is not None

    def _own_context_length(self, model: LoadedModel) -> int:
        report = self._report(model)
        return model.spec.context_length if report is None else report.context_length

    def _unavailable_reason(self, model: LoadedModel) -> str | None:
        spec = model.spec
        try:
            tokenizer = self.tokenizer(spec.model_id)
        except ModelUnavailableError as error:
            return error.detail
        observation = self._watch.observe(spec.model_id)
        if observation.report is None:
            return f"{spec.name} is not ready on the engine service: {observation.reason}."
        assert tokenizer is model.tokenizer
        return problem_of(observation.report, model)

    def _is_available_in_memory(self, model_id: str) -> bool:
        return self._is_loaded(self._models[model_id])


def problem_of(report: ModelReport, model: LoadedModel) -> str | None:
    """A sentence if the service's model is not the one whose tokenizer is here."""
    assert model.tokenizer is not None
    if report.model_id != model.spec.model_id:
        return f"The engine service offers {report.model_id[:100]} as {model.spec.model_id}."
    if report.vocabulary != model.tokenizer.digest:
        return f"The engine service has another vocabulary of {model.spec.name} than this server."
    return None
