import pytest

from tests.engine.fakes import (
    ALPHA,
    BETA,
    GAMMA,
    RecordingLoad,
    put_converted,
    put_in_hub_cache,
)
from wheel.engine.library import ModelLibrary
from wheel.errors import ModelUnavailableError, UnknownModelError

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
def library(models_dir, load):
    return ModelLibrary(SPECS, models_dir, load_weights=load)


def by_id(library):
    return {status.spec.model_id: status for status in library.statuses()}


def test_every_model_on_offer_is_listed_in_order(library):
    assert list(by_id(library)) == ["alpha", "beta", "gamma"]


def test_a_model_that_is_not_here_is_listed_with_what_to_run(library):
    status = by_id(library)["alpha"]
    assert not status.is_available
    assert not status.is_loaded
    assert "download_models alpha" in status.detail


def test_a_model_that_is_here_has_nothing_to_be_said_against_it(library):
    status = by_id(library)["beta"]
    assert (status.is_available, status.is_loaded, status.detail) == (True, False, None)


def test_before_it_is_loaded_a_model_is_as_large_as_the_registry_says(library):
    status = by_id(library)["beta"]
    assert (status.context_length, status.vocabulary_size) == (128, 400)


def test_once_loaded_a_model_speaks_for_itself(library):
    library.weights("beta")
    tokenizer = library.tokenizer("beta")
    status = by_id(library)["beta"]
    assert status.is_loaded
    assert (status.context_length, status.vocabulary_size) == (1000, tokenizer.vocabulary_size)


def test_the_first_model_that_is_here_is_the_default(library):
    assert library.default_model_id() == "beta"
    assert [model_id for model_id, status in by_id(library).items() if status.is_default] == [
        "beta"
    ]


def test_a_chosen_default_is_the_default(models_dir):
    library = ModelLibrary(SPECS, models_dir, default_model_id="gamma")
    assert library.default_model_id() == "gamma"


def test_a_chosen_default_that_is_not_here_is_never_quietly_replaced(models_dir):
    library = ModelLibrary(SPECS, models_dir, default_model_id="alpha")
    assert library.default_model_id() == "alpha"
    assert not library.is_default_loaded()
    with pytest.raises(ModelUnavailableError, match="download_models alpha"):
        library.require_available("alpha")


def test_without_any_model_there_is_no_default_but_a_command_to_run(tmp_path):
    library = ModelLibrary(SPECS, tmp_path)
    assert not library.is_default_loaded()
    with pytest.raises(ModelUnavailableError, match="download_models alpha"):
        library.default_model_id()


def test_a_model_brought_later_is_seen_without_a_restart(tmp_path, trained_json, load):
    library = ModelLibrary(SPECS, tmp_path, load_weights=load)
    put_in_hub_cache(tmp_path, ALPHA, trained_json)
    assert library.default_model_id() == "alpha"
    library.weights("alpha")


@pytest.mark.parametrize(
    "ask",
    [
        ModelLibrary.require_available,
        ModelLibrary.context_length,
        ModelLibrary.tokenizer,
        ModelLibrary.weights,
    ],
    ids=lambda method: method.__name__,
)
def test_an_unknown_model_is_refused(library, ask):
    with pytest.raises(UnknownModelError, match=r"\[alpha, beta, gamma\]"):
        ask(library, "delta")


@pytest.mark.parametrize("ask", [ModelLibrary.tokenizer, ModelLibrary.weights])
def test_a_missing_model_is_not_loaded(library, load, ask):
    with pytest.raises(ModelUnavailableError, match="not on this server"):
        ask(library, "alpha")
    assert load.folders == []


def test_weights_and_tokenizer_are_loaded_once(library, load):
    assert library.weights("beta") is library.weights("beta")
    assert library.tokenizer("beta") is library.tokenizer("beta")
    assert len(load.folders) == 1


def test_only_a_loaded_default_makes_ready(library):
    library.weights("gamma")
    assert not library.is_default_loaded()
    library.weights("beta")
    assert library.is_default_loaded()


@pytest.mark.parametrize(("cap", "length"), [(None, 1000), (100, 100), (5000, 1000)])
def test_the_context_window_may_be_capped_and_never_stretched(models_dir, load, cap, length):
    library = ModelLibrary(SPECS, models_dir, max_context_length=cap, load_weights=load)
    library.weights("beta")
    assert library.context_length("beta") == length


def test_the_cap_holds_before_loading_too(models_dir):
    library = ModelLibrary(SPECS, models_dir, max_context_length=50)
    assert [status.context_length for status in library.statuses()] == [50, 50, 32]


def test_a_failed_load_is_told_once_and_for_all(models_dir):
    load = RecordingLoad(failing=("beta",))
    library = ModelLibrary(SPECS, models_dir, load_weights=load)
    for _ in range(2):
        with pytest.raises(ModelUnavailableError, match=r"Beta could not be loaded \(OSError\)"):
            library.weights("beta")
    assert len(load.folders) == 1
    status = by_id(library)["beta"]
    assert not status.is_available
    assert "could not be loaded" in status.detail


def test_the_default_falls_to_the_next_model_when_the_first_cannot_be_loaded(models_dir):
    library = ModelLibrary(SPECS, models_dir, load_weights=RecordingLoad(failing=("beta",)))
    with pytest.raises(ModelUnavailableError):
        library.weights("beta")
    assert library.default_model_id() == "gamma"


def test_a_damaged_tokenizer_is_a_failed_load(tmp_path, load):
    put_in_hub_cache(tmp_path, ALPHA, "not JSON")
    library = ModelLibrary(SPECS, tmp_path, load_weights=load)
    with pytest.raises(ModelUnavailableError, match="Alpha could not be loaded"):
        library.tokenizer("alpha")
    assert not by_id(library)["alpha"].is_available
