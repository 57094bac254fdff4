"""The list of models, and readiness."""

from dataclasses import replace

import pytest

from tests.api.fakes import changed_runtime, store_down
from wheel import runtime, services
from wheel.errors import ModelUnavailableError, StoreUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM


def test_ready_means_that_the_default_model_can_answer(wheel_runtime):
    wheel_runtime.engine.start()
    services.require_ready()
    assert services.is_default_model_loaded()
    with (
        runtime.use(
            replace(wheel_runtime, engine=type("Dead", (), {"is_alive": lambda _: False})())
        ),
        pytest.raises(ModelUnavailableError),
    ):
        services.require_ready()


def test_the_models_on_offer_are_listed(wheel_runtime):
    listed = {status.spec.model_id: status.is_available for status in services.list_models()}
    assert listed == {"gpt2": True, "gpt2-medium": False}


def test_without_any_model_a_server_is_not_ready_and_says_how_to_download_one(
    wheel_runtime, tmp_path
):
    with (
        changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)),
        pytest.raises(ModelUnavailableError, match="download_models gpt2"),
    ):
        services.require_ready()


def test_a_server_is_not_ready_before_its_default_model_is_loaded(wheel_runtime, models_dir):
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], models_dir)
    with changed_runtime(catalog=catalog):
        assert services.is_default_model_loaded() is False
        with pytest.raises(ModelUnavailableError, match="not loaded yet"):
            services.require_ready()
        catalog.runner("gpt2")
        assert services.is_default_model_loaded()
        services.require_ready()


def test_a_server_whose_store_does_not_answer_is_not_ready(wheel_runtime):
    with store_down(), pytest.raises(StoreUnavailableError):
        services.require_ready()
