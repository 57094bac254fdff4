"""A server with the real SmolLM2 weights, settings of servers with a tiny model, and a class."""

from pathlib import Path

import pytest

from tests.checkpoints import write_hub_checkpoint
from tests.e2e.lesson import Lesson
from tests.e2e.students import start_class
from tests.remote_engine.plain_service import TOKEN, running_service
from wheel.language_models.model_files import locate_model
from wheel.language_models.registry import GPT2


@pytest.fixture(scope="session")
def server(prepared_folder, tmp_path_factory):
    with prepared_folder.running_server(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """Settings of a server whose only model is small, and has room for hundreds of tokens."""
    folder = tmp_path_factory.mktemp("tiny-model")
    write_hub_checkpoint(folder, "openai-community/gpt2", context_length=1024)
    return {"TRANSFORMERS_CACHE": str(folder), "WHEEL_MODELS": "gpt2"}


@pytest.fixture(scope="session")
def remote_model(tiny_model):
    """The same with the engine in the tests' process. For tests that are not about the engine: such
    a server does not import torch, and starts sooner."""
    with running_service(locate_model(GPT2, Path(tiny_model["TRANSFORMERS_CACHE"]))) as service:
        yield tiny_model | {"WHEEL_ENGINE_URL": service.url, "WHEEL_ENGINE_TOKEN": TOKEN}


@pytest.fixture
def school_class(server):
    """Thirty students of the module's server, each with a session."""
    return start_class(server)


@pytest.fixture
def open_lesson(chromium):
    """Begins lessons on a server; script errors of their pages fail the test."""
    lessons = []

    def begin(server):
        lessons.append(Lesson(chromium, server))
        return lessons[-1]

    yield begin
    for lesson in lessons:
        lesson.close()
        assert lesson.complaints == []
