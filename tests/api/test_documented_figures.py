"""The figures of docs/API_DESIGN.md, on the real weights of SmolLM2."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.api.test_documented_examples import EXAMPLES, FIGURES
from tests.conftest import ApiClient
from wheel import runtime
from wheel.engine.naive_engine import NaiveEngine
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import SMOLLM2_135M
from wheel.sessions.store import SessionStore

pytestmark = pytest.mark.slow

PROMPT = "The capital of France is"


@pytest.fixture(scope="module")
def real_runtime():
    catalog = ModelCatalog([SMOLLM2_135M], settings.TRANSFORMERS_CACHE)
    engine = NaiveEngine(catalog.runner)
    engine.start()
    ours = runtime.Runtime(
        catalog=catalog,
        engine=engine,
        store=SessionStore(caches["default"], ttl=timedelta(hours=1)),
        request_timeout_s=60.0,
        max_prompt_characters=4000,
    )
    with runtime.use(ours):
        yield ours
    engine.stop()


def assert_nearly(answer, documented):
    """Equal, but for the rounding of the document: its figures have six digits."""
    if isinstance(documented, dict):
        assert list(answer) == list(documented)
        for name in documented:
            assert_nearly(answer[name], documented[name])
    elif isinstance(documented, list):
        assert len(answer) == len(documented)
        for pair in zip(answer, documented, strict=True):
            assert_nearly(*pair)
    elif isinstance(documented, float):
        assert answer == pytest.approx(documented, rel=1e-4)
    else:
        assert answer == documented


@pytest.mark.parametrize("name", FIGURES)
def test_a_documented_figure_is_that_of_the_model(real_runtime, db, name):
    api, example = ApiClient(), EXAMPLES[name]
    path = example["path"].replace("{id}", api.start(PROMPT))
    answer = api.post_json(path, example["body"])
    documented = json.loads(example["answer"])
    assert answer.status_code == 200, answer.content
    changing = {"session_id": None} if "session_id" in documented else {}
    assert_nearly(answer.json() | changing, documented | changing)
