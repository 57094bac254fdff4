"""Commands for the models of a file, in separate processes, against a fake hub."""

import json

import pytest

from tests.checkpoints import random_gpt2, train_tokenizer, write_hub_model
from tests.management.fake_hub import FakeHub
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.checksums import RECORD_NAME
from wheel.language_models.models_file import registry_of

pytestmark = pytest.mark.slow


@pytest.fixture
def hub(tmp_path):
    """Has a model whose weights are in several files."""
    tokenizer = train_tokenizer()
    model = random_gpt2(tokenizer.get_vocab_size())
    folder = write_hub_model(tmp_path, "org/parts", model, tokenizer, max_shard_size="60KB")
    assert len(list(folder.glob("model-*-of-*.safetensors"))) > 1
    return FakeHub("org/parts", folder)


@pytest.fixture
def models_file(tmp_path):
    path = tmp_path / "models.json"
    entry = {"name": "Parts", "description": "Many files.", "source": {"hub": "org/parts"}}
    path.write_text(json.dumps({"models": {"parts": entry}}))
    return path


@pytest.fixture
def download(manage, hub, models_file):
    def run():
        with hub.serving() as endpoint:
            return manage(
                "download_models", "parts", HF_ENDPOINT=endpoint, WHEEL_MODELS_FILE=str(models_file)
            )

    return run


def test_weights_in_several_files_are_downloaded_compared_once_and_loaded(
    download, hub, data_dir, models_file
):
    result = download()
    assert result.returncode == 0, result.stderr
    assert "parts: Parts\n" in result.stdout
    assert "parts: largest difference of a probability " in result.stdout
    (folder,) = (data_dir / "models").glob("models--org--parts/snapshots/*")
    record = folder / RECORD_NAME
    assert json.loads(record.read_text())["num_tokens"] == 64
    assert {path.name for path in folder.iterdir()} >= set(hub.contents)
    written_at = record.stat().st_mtime_ns
    hub.requests.clear()
    assert download().returncode == 0
    assert hub.fetched() == []
    assert record.stat().st_mtime_ns == written_at
    catalog = ModelCatalog([registry_of(models_file)["parts"]], data_dir / "models")
    assert catalog.runner("parts").context_length == 64
    (status,) = catalog.statuses()
    num_tokens = train_tokenizer().get_vocab_size()
    assert status.num_parameters == random_gpt2(num_tokens).num_parameters()
    assert record.stat().st_mtime_ns == written_at


def test_a_refused_model_is_reported_by_the_download_with_its_reason(download, hub):
    config = json.loads(hub.contents["config.json"]) | {"model_type": "bloom"}
    hub.put("config.json", json.dumps(config).encode())
    result = download()
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "Parts cannot be offered: models of the type 'bloom' are not" in result.stderr


def test_weights_that_are_refused_are_reported_with_the_reason_of_the_other_process(download, hub):
    config = json.loads(hub.contents["config.json"]) | {"tie_word_embeddings": False}
    hub.put("config.json", json.dumps(config).encode())
    result = download()
    assert result.returncode == 1
    assert "Parts cannot be offered: its files have no tensor lm_head.weight." in result.stderr


def test_a_gguf_file_that_is_not_there_does_not_stop_the_set_up(manage, tmp_path):
    path = tmp_path / "models.toml"
    path.write_text('[models.own]\nname = "O"\ndescription = "o."\nsource.gguf = "own.gguf"\n')
    result = manage("prepare", WHEEL_MODELS_FILE=str(path), WHEEL_MODELS="own")
    assert result.returncode == 0, result.stderr
    assert "own is not available: There is no GGUF file" in result.stderr
    assert "Token Wheel is set up." in result.stdout
