"""Runners of models, each made once."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from wheel.engine.batch import Batch, Chunk, Runner

if TYPE_CHECKING:
    from transformers import PreTrainedModel


class Runners:
    """The runner of each model. Making it imports modules of torch and transformers, so a server
    calls `runner_of` as the last step of loading a model."""

    def __init__(self) -> None:
        self._runners: dict[PreTrainedModel, Runner] = {}
        self._making = threading.Lock()  # since making a runner changes the model

    def runner_of(self, model: "PreTrainedModel") -> Runner:
        """Takes no lock for a model that has its runner already."""
        runner = self._runners.get(model)
        return self._make(model) if runner is None else runner

    def by_id(self, weights: Callable[[str], "PreTrainedModel"]) -> Callable[[str], Runner]:
        """A function from model id to runner, for any thread. `weights` loads a model if necessary,
        and may take long."""
        return lambda model_id: self.runner_of(weights(model_id))

    def _make(self, model: "PreTrainedModel") -> Runner:
        with self._making:
            if model not in self._runners:
                self._runners[model] = make_runner(model)
            return self._runners[model]


def make_runner(model: "PreTrainedModel") -> Runner:
    """The first forward pass is made here, since it imports modules and is the slowest."""
    from wheel.engine.model_runner import ModelRunner  # noqa: PLC0415 - imports torch

    runner = ModelRunner(model)
    runner.run(Batch([Chunk(runner.allocate(1), (0,), start=0, is_last=True)]))
    return runner
