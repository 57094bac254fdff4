"""Runners of models, each made once, when the first request for its model arrives."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from wheel.engine.batch import Batch, Chunk, Runner
from wheel.errors import EngineFailedError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

logger = logging.getLogger(__name__)

MakeRunner = Callable[[], Runner]


def call(make: MakeRunner) -> Runner:
    return make()


def runners_of(
    weights: Callable[[str], "PreTrainedModel"],
    run_in_loading_thread: Callable[[MakeRunner], Runner] = call,
) -> Callable[[str], Runner]:
    """A function from model id to runner, for any thread.

    `weights` loads a model, and may take long. `run_in_loading_thread` calls a function in the one
    thread that may import torch and transformers.
    """
    runners: dict[str, Runner] = {}

    def runner_for(model_id: str) -> Runner:
        model = weights(model_id)

        def make() -> Runner:  # one call at a time, since it changes the model
            if model_id not in runners:
                try:
                    runners[model_id] = make_runner(model)
                except Exception as error:
                    logger.exception("the first forward pass of %s failed", model_id)
                    raise EngineFailedError from error
            return runners[model_id]

        return runners.get(model_id) or run_in_loading_thread(make)

    return runner_for


def make_runner(model: "PreTrainedModel") -> Runner:
    """The first forward pass is made here, since it imports modules and is the slowest."""
    from wheel.engine.model_runner import ModelRunner  # noqa: PLC0415 - imports torch

    runner = ModelRunner(model)
    runner.run(Batch([Chunk(runner.allocate(1), (0,), start=0, is_last=True)]))
    return runner
