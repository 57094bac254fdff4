"""The model catalog: availability, default, and loading on demand."""

import shutil

import pytest

from tests.language_models.fakes import (
    ALPHA,
    BETA,
    GAMMA,
    RecordingLoad,
    SwitchableDisk,
    put_converted,
    put_in_hub_cache,
)
from wheel.errors import ModelUnavailableError, UnknownModelError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.checksums import record_checksums

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
    return ModelCatalog(SPECS, models_dir, load_runner=load)


def by_id(catalog):
    return {status.spec.model_id: status for status in catalog.statuses()}


def test_every_model_on_offer_is_listed_in_order(catalog):
    assert list(by_id(catalog)) == ["alpha", "beta", "gamma"]


def test_a_model_that_is_not_here_is_listed_with_what_to_run(catalog):
    status = by_id(catalog)["alpha"]
    assert not status.is_available
    assert not status.is_loaded
    assert "download_models alpha" in status.detail


def test_a_model_that_is_here_is_available_without_a_detail(catalog):
    status = by_id(catalog)["beta"]
    assert (status.is_available, status.is_loaded, status.detail) == (True, False, None)


def test_a_model_that_is_not_loaded_has_the_sizes_of_the_registry(catalog):
    status = by_id(catalog)["beta"]
    assert (status.context_length, status.vocabulary_size) == (128, 400)


def test_a_loaded_model_has_the_sizes_of_its_own_files(catalog):
    catalog.runner("beta")
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


def test_a_chosen_default_that_is_not_here_is_not_replaced(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, default_model_id="alpha")
    assert catalog.default_model_id() == "alpha"
    assert not catalog.is_default_loaded()
    with pytest.raises(ModelUnavailableError, match="download_models alpha"):
        catalog.require_available("alpha")


def test_without_any_model_the_error_says_what_to_run(tmp_path):
    catalog = ModelCatalog(SPECS, tmp_path)
    assert not catalog.is_default_loaded()
    with pytest.raises(ModelUnavailableError, match="download_models alpha"):
        catalog.default_model_id()


def test_a_model_that_is_downloaded_later_is_found_without_a_restart(tmp_path, trained_json, load):
    catalog = ModelCatalog(SPECS, tmp_path, load_runner=load)
    put_in_hub_cache(tmp_path, ALPHA, trained_json)
    assert catalog.default_model_id() == "alpha"
    catalog.runner("alpha")


@pytest.mark.parametrize(
    "ask",
    [
        ModelCatalog.require_available,
        ModelCatalog.context_length,
        ModelCatalog.tokenizer,
        ModelCatalog.runner,
    ],
    ids=lambda method: method.__name__,
)
def test_an_unknown_model_is_refused(catalog, ask):
    with pytest.raises(UnknownModelError, match=r"\[alpha, beta, gamma\]"):
        ask(catalog, "delta")


@pytest.mark.parametrize("ask", [ModelCatalog.tokenizer, ModelCatalog.runner])
def test_a_missing_model_is_not_loaded(catalog, load, ask):
    with pytest.raises(ModelUnavailableError, match="not on this server"):
        ask(catalog, "alpha")
    assert load.folders == []


def test_weights_and_tokenizer_are_loaded_once(catalog, load):
    assert catalog.runner("beta") is catalog.runner("beta")
    assert catalog.tokenizer("beta") is catalog.tokenizer("beta")
    assert len(load.folders) == 1


def test_the_default_is_loaded_only_when_its_own_weights_are(catalog):
    catalog.runner("gamma")
    assert not catalog.is_default_loaded()
    catalog.runner("beta")
    assert catalog.is_default_loaded()


@pytest.mark.parametrize(("cap", "length"), [(None, 1000), (100, 100), (5000, 1000)])
def test_a_setting_may_shorten_the_context_window_and_never_extend_it(
    models_dir, load, cap, length
):
    catalog = ModelCatalog(SPECS, models_dir, max_context_length=cap, load_runner=load)
    catalog.runner("beta")
    assert catalog.context_length("beta") == length


def test_the_limit_of_the_context_window_holds_before_loading(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, max_context_length=50)
    assert [status.context_length for status in catalog.statuses()] == [50, 50, 32]


def test_a_failed_load_is_remembered_and_not_tried_again_at_once(models_dir):
    load = RecordingLoad(failing=("beta",))
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    for _ in range(2):
        with pytest.raises(ModelUnavailableError, match=r"Beta could not be loaded \(OSError\)"):
            catalog.runner("beta")
    assert len(load.folders) == 1
    status = by_id(catalog)["beta"]
    assert not status.is_available
    assert "could not be loaded" in status.detail


def test_the_next_model_becomes_the_default_when_the_first_cannot_be_loaded(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, load_runner=RecordingLoad(failing=("beta",)))
    with pytest.raises(ModelUnavailableError):
        catalog.runner("beta")
    assert catalog.default_model_id() == "gamma"


def test_a_damaged_tokenizer_is_a_failed_load(tmp_path, load):
    put_in_hub_cache(tmp_path, ALPHA, "not JSON")
    catalog = ModelCatalog(SPECS, tmp_path, load_runner=load)
    with pytest.raises(ModelUnavailableError, match="Alpha could not be loaded"):
        catalog.tokenizer("alpha")
    assert not by_id(catalog)["alpha"].is_available


def test_a_tokenizer_that_differs_from_its_checksum_is_not_used(tmp_path, load, trained_json):
    folder = put_in_hub_cache(tmp_path, ALPHA, trained_json)
    record_checksums(folder)
    (folder / "tokenizer.json").write_text(f"{trained_json} ")
    catalog = ModelCatalog(SPECS, tmp_path, load_runner=load)
    with pytest.raises(ModelUnavailableError, match=r"be loaded \(DamagedFileError\)"):
        catalog.tokenizer("alpha")


@pytest.mark.parametrize("chosen", [None, "beta", "gamma", "unknown"])
def test_whether_the_default_is_loaded_is_known_without_the_disk(models_dir, load, chosen):
    disk = SwitchableDisk()
    catalog = ModelCatalog(
        SPECS, models_dir, default_model_id=chosen, load_runner=load, locate=disk
    )
    catalog.runner("beta")
    disk.is_off = True
    assert catalog.is_default_loaded() == (chosen in {None, "beta"})


def test_before_the_first_look_at_the_disk_no_default_is_loaded(models_dir):
    assert not ModelCatalog(
        SPECS, models_dir, locate=SwitchableDisk(is_off=True)
    ).is_default_loaded()


def test_a_model_downloaded_later_becomes_the_default_at_the_next_look(
    models_dir, trained_json, load
):
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    catalog.runner("beta")
    assert catalog.is_default_loaded()
    put_in_hub_cache(models_dir, ALPHA, trained_json)
    assert catalog.default_model_id() == "alpha"
    assert not catalog.is_default_loaded()
    catalog.runner("alpha")
    assert catalog.is_default_loaded()


def test_a_failed_load_makes_the_next_loaded_model_the_default_in_memory(models_dir):
    catalog = ModelCatalog(SPECS, models_dir, load_runner=RecordingLoad(failing=("beta",)))
    catalog.runner("gamma")
    assert not catalog.is_default_loaded()
    with pytest.raises(ModelUnavailableError):
        catalog.runner("beta")
    assert catalog.is_default_loaded()


def test_a_model_that_is_removed_from_the_disk_is_no_longer_the_default_in_memory(models_dir, load):
    catalog = ModelCatalog(SPECS, models_dir, load_runner=load)
    catalog.runner("gamma")
    assert not catalog.is_default_loaded()
    shutil.rmtree(models_dir / "models--tests--beta")
    assert catalog.default_model_id() == "gamma"
    assert catalog.is_default_loaded()
