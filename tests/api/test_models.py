"""GET /api/models."""

import pytest

from tests.api.fakes import changed_runtime
from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM, SMOLLM2_135M

FIELDS = {
    "id",
    "name",
    "description",
    "parameters",
    "default",
    "available",
    "loaded",
    "runner",
    "context_length",
    "vocabulary_size",
    "detail",
}


def models(api):
    answer = api.get("/api/models")
    assert answer.status_code == 200
    return answer.json()["models"]


def test_the_models_on_offer_are_listed_in_order(api):
    listed = models(api)
    assert [model["id"] for model in listed] == ["gpt2", "gpt2-medium"]
    assert all(set(model) >= FIELDS for model in listed)


def test_a_model_that_is_here_is_available_and_loaded(api, vocabulary_size):
    gpt2 = models(api)[0]
    assert (gpt2["name"], gpt2["parameters"]) == ("GPT-2", "124M")
    assert (gpt2["description"], gpt2["num_parameters"]) == (GPT2.description, 124_439_808)
    assert gpt2["default"] is gpt2["available"] is gpt2["loaded"] is True
    assert gpt2["detail"] is None
    assert gpt2["runner"] == "torch"
    assert gpt2["context_length"] == 64
    assert gpt2["vocabulary_size"] == vocabulary_size


def test_a_model_that_is_not_here_says_what_to_run(api):
    medium = models(api)[1]
    assert medium["default"] is medium["available"] is medium["loaded"] is False
    assert "python manage.py download_models gpt2-medium" in medium["detail"]
    assert (medium["context_length"], medium["vocabulary_size"]) == (1024, 50257)


def test_a_model_that_is_here_need_not_be_loaded_yet(api, models_dir):
    with changed_runtime(catalog=ModelCatalog([GPT2], models_dir)):
        gpt2 = models(api)[0]
    assert (gpt2["available"], gpt2["loaded"], gpt2["runner"]) == (True, False, None)


def test_the_first_model_that_is_here_is_the_default(api, models_dir):
    with changed_runtime(catalog=ModelCatalog([SMOLLM2_135M, GPT2_MEDIUM, GPT2], models_dir)):
        assert [model["id"] for model in models(api) if model["default"]] == ["gpt2"]


def test_the_operator_can_choose_the_default_model(api, models_dir):
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], models_dir, default_model_id="gpt2-medium")
    with changed_runtime(catalog=catalog):
        assert [model["id"] for model in models(api) if model["default"]] == ["gpt2-medium"]


def test_a_model_that_cannot_be_loaded_says_so(api, models_dir):
    def fail(folder):
        raise RuntimeError("the file is cut off")

    catalog = ModelCatalog([GPT2], models_dir, load_runner=fail)
    with pytest.raises(ModelUnavailableError):
        catalog.runner("gpt2")
    with changed_runtime(catalog=catalog):
        gpt2 = models(api)[0]
    assert (gpt2["available"], gpt2["loaded"]) == (False, False)
    assert "could not be loaded" in gpt2["detail"]


@pytest.mark.parametrize("num_models", [0, 1])
def test_without_any_model_none_is_the_default(api, tmp_path, num_models):
    with changed_runtime(catalog=ModelCatalog([GPT2][:num_models], tmp_path)):
        assert not any(model["default"] for model in models(api))
