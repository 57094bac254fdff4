import pytest

from tests.language_models.fakes import (
    ALPHA,
    BETA,
    GAMMA,
    RecordingLoad,
    put_converted,
    put_in_hub_cache,
)
from wheel.errors import ModelUnavailableError, UnknownModelError
from wheel.language_models.catalog import ModelCatalog

SPECS = [ALPHA, BETA, GAMMA]


@pytest.fixture
def models_dir(tmp_path, trained_json):
    """Beta and Gamma are here; Alpha, the preferred one, is not."""
    put_in_hub_cache(tmp_path, BETA, trained_json)
    put_converted(tmp_path, GAMMA, trained_json)
    return tmp_path


@pytest.fixture
def load():
    return RecordingLoad()


@pytest.fixture
def catalog(models_dir, load):
    return ModelCatalog(SPECS, models_dir, load_weights=load)


def by_id(catalog):
    return {status.spec.model_id: status for status in catalog.statuses()}


def test_every_model_on_offer_is_listed_in_order(catalog):
    assert list(by_id(catalog)) == ["alpha", "beta", "gamma"]


def test_a_model_that_is_not_here_is_listed_with_what_to_run(catalog):
    status = by_id(catalog)["alpha"]
    assert not status.is_available
    assert not status.is_loaded
    assert "download_models alpha" in status.detail


def test_a_model_that_is_here_has_nothing_to_be_said_against_it(catalog):
    status = by_id(catalog)["beta"]
    assert (status.is_available, status.is_loaded, status.detail) == (True, False, None)


def test_before_it_is_loaded_a_model_is_as_large_as_the_registry_says(catalog):
    status = by_id(catalog)["beta"]
    assert (status.context_length, status.vocabulary_size) == (128, 400)


def test_once_loaded_a_model_speaks_for_itself(catalog):
    catalog.weights("beta")
    tokenizer = catalog.tokenizer("beta")
    status = by_id(catalog)["beta"]
    assert status.is_loaded
    assert (status.context_length, status.vocabulary_size) == (1000, tokenizer.vocabulary_size)


def test_the_first_model_that_is_here_is_the_default(catalog):
    assert catalog.default_model_id() == "beta"
    assert [model_id for model_id, status in by_id(catalog).items() if status.is_default] == [
        "beta"
    ]


def test_a_chosen_default_is_the_default(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, default_model_id="gamma")
    assert catalog.default_model_id() == "gamma"


def test_a_chosen_default_that_is_not_here_is_never_quietly_replaced(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, default_model_id="alpha")
    assert catalog.default_model_id() == "alpha"
    assert not catalog.is_default_loaded()
    with pytest.raises(ModelUnavailableError, match="download_models alpha"):
        catalog.require_available("alpha")


def test_without_any_model_there_is_no_default_but_a_command_to_run(tmp_path):
    catalog = ModelCatalog(SPECS, tmp_path)
    assert not catalog.is_default_loaded()
    with pytest.raises(ModelUnavailableError, match="download_models alpha"):
        catalog.default_model_id()


def test_a_model_brought_later_is_seen_without_a_restart(tmp_path, trained_json, load):
    catalog = ModelCatalog(SPECS, tmp_path, load_weights=load)
    put_in_hub_cache(tmp_path, ALPHA, trained_json)
    assert catalog.default_model_id() == "alpha"
    catalog.weights("alpha")


@pytest.mark.parametrize(
    "ask",
    [
        ModelCatalog.require_available,
        ModelCatalog.context_length,
        ModelCatalog.tokenizer,
        ModelCatalog.weights,
    ],
    ids=lambda method: method.__name__,
)
def test_an_unknown_model_is_refused(catalog, ask):
    with pytest.raises(UnknownModelError, match=r"\[alpha, beta, gamma\]"):
        ask(catalog, "delta")


@pytest.mark.parametrize("ask", [ModelCatalog.tokenizer, ModelCatalog.weights])
def test_a_missing_model_is_not_loaded(catalog, load, ask):
    with pytest.raises(ModelUnavailableError, match="not on this server"):
        ask(catalog, "alpha")
    assert load.folders == []


def test_weights_and_tokenizer_are_loaded_once(catalog, load):
    assert catalog.weights("beta") is catalog.weights("beta")
    assert catalog.tokenizer("beta") is catalog.tokenizer("beta")
    assert len(load.folders) == 1


def test_only_a_loaded_default_makes_ready(catalog):
    catalog.weights("gamma")
    assert not catalog.is_default_loaded()
    catalog.weights("beta")
    assert catalog.is_default_loaded()


@pytest.mark.parametrize(("cap", "length"), [(None, 1000), (100, 100), (5000, 1000)])
def test_the_context_window_may_be_capped_and_never_stretched(models_dir, load, cap, length):
    catalog = ModelCatalog(SPECS, models_dir, max_context_length=cap, load_weights=load)
    catalog.weights("beta")
    assert catalog.context_length("beta") == length


def test_the_cap_holds_before_loading_too(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, max_context_length=50)
    assert [status.context_length for status in catalog.statuses()] == [50, 50, 32]


def test_a_failed_load_is_told_once_and_for_all(models_dir):
    load = RecordingLoad(failing=("beta",))
    catalog = ModelCatalog(SPECS, models_dir, load_weights=load)
    for _ in range(2):
        with pytest.raises(ModelUnavailableError, match=r"Beta could not be loaded \(OSError\)"):
            catalog.weights("beta")
    assert len(load.folders) == 1
    status = by_id(catalog)["beta"]
    assert not status.is_available
    assert "could not be loaded" in status.detail


def test_the_default_falls_to_the_next_model_when_the_first_cannot_be_loaded(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, load_weights=RecordingLoad(failing=("beta",)))
    with pytest.raises(ModelUnavailableError):
        catalog.weights("beta")
    assert catalog.default_model_id() == "gamma"


def test_a_damaged_tokenizer_is_a_failed_load(tmp_path, load):
    put_in_hub_cache(tmp_path, ALPHA, "not JSON")
    catalog = ModelCatalog(SPECS, tmp_path, load_weights=load)
    with pytest.raises(ModelUnavailableError, match="Alpha could not be loaded"):
        catalog.tokenizer("alpha")
    assert not by_id(catalog)["alpha"].is_available
