"""Runners of models, each made once, when the first request for its model arrives."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from wheel.engine.batch import Runner

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def runners_of(weights: Callable[[str], "PreTrainedModel"]) -> Callable[[str], Runner]:
    """A function from model id to runner. `weights` loads a model, and may take long."""
    runners: dict[str, Runner] = {}
    lock = threading.Lock()  # making a runner changes its model, so it must happen once

    def runner_for(model_id: str) -> Runner:
        model = weights(model_id)
        with lock:
            if model_id not in runners:
                from wheel.engine.model_runner import ModelRunner  # noqa: PLC0415 - imports torch

                runners[model_id] = ModelRunner(model)
            return runners[model_id]

    return runner_for
