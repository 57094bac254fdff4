"""`manage.py download_models` in a separate process, against a fake hub on this machine."""

import pytest

from tests.management.conftest import REPO_ID
from tests.management.fake_hub import WEIGHTS, damaged
from tests.thorough import variants
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.checksums import MANIFEST_NAME, known_digests
from wheel.language_models.registry import GPT2

pytestmark = pytest.mark.slow

MEGABYTE = 1 << 20
CHUNK = 10 * MEGABYTE  # the hub's client writes and resumes in units of this size


@pytest.fixture
def downloaded(data_dir):
    """The folder of the model's files in the hub client's cache."""
    return lambda: next((data_dir / "models").glob("models--*/snapshots/*"))


def assert_fails_with_a_sentence(result, *words):
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    last = result.stderr.strip().splitlines()[-1]
    for word in words:
        assert word in last, result.stderr
    return last


def test_a_model_is_downloaded_and_can_be_loaded(download, hub, downloaded, data_dir):
    result = download()
    assert result.returncode == 0, result.stderr
    assert "gpt2: GPT-2, 124M parameters" in result.stdout
    assert f"gpt2: ready in {downloaded()}" in result.stdout
    assert {path.name for path in downloaded().iterdir()} == {*hub.contents, MANIFEST_NAME}
    for name, content in hub.contents.items():
        assert (downloaded() / name).read_bytes() == content
        assert known_digests(downloaded())[name] == hub.etags[name]
    catalog = ModelCatalog([GPT2], data_dir / "models")
    assert catalog.runner("gpt2").context_length == 64


def test_progress_is_shown(download):
    assert "100%" in download().stderr


def test_nothing_is_fetched_that_the_model_does_not_need(download, hub):
    hub.contents["pytorch_model.bin"] = b"pickle"
    hub.etags["pytorch_model.bin"] = "0" * 40
    assert download().returncode == 0
    assert "pytorch_model.bin" not in dict(hub.fetched())


def test_a_second_run_fetches_nothing(download, hub):
    download()
    hub.requests.clear()
    result = download()
    assert result.returncode == 0, result.stderr
    assert "ready in" in result.stdout
    assert hub.fetched() == []


def test_a_complete_model_is_checked_and_kept_without_a_network(download, manage, closed_port):
    download()
    result = manage("download_models", "gpt2", HF_ENDPOINT=f"http://127.0.0.1:{closed_port}")
    assert result.returncode == 0, result.stderr
    assert "ready in" in result.stdout


def test_a_broken_download_is_resumed_where_it_broke(download, hub, downloaded):
    hub.put(WEIGHTS, bytes(range(256)) * (MEGABYTE // 16))
    hub.break_after = CHUNK + 3 * MEGABYTE
    result = download()
    assert result.returncode == 0, result.stderr
    assert (WEIGHTS, f"bytes={CHUNK}-") in hub.fetched()
    assert (downloaded() / WEIGHTS).read_bytes() == hub.contents[WEIGHTS]


def test_a_hub_that_breaks_down_is_reported_and_a_second_run_completes_the_download(
    download, hub, downloaded
):
    hub.break_after, hub.breaks_down = 20_000, True
    assert_fails_with_a_sentence(download(), "gpt2: ", "run this again")
    arrived = {path.name for path in downloaded().iterdir()}
    assert WEIGHTS not in arrived
    hub.is_down = False
    hub.requests.clear()
    result = download()
    assert result.returncode == 0, result.stderr
    assert not arrived & {name for name, _ in hub.fetched()}
    assert (downloaded() / WEIGHTS).read_bytes() == hub.contents[WEIGHTS]


def test_a_damaged_download_is_reported_removed_and_fetched_again(download, hub, downloaded):
    true = hub.contents[WEIGHTS]
    hub.contents[WEIGHTS] = damaged(true)
    assert_fails_with_a_sentence(download(), WEIGHTS, "damaged", "removed", "again")
    assert not (downloaded() / WEIGHTS).exists()
    hub.contents[WEIGHTS] = true
    hub.requests.clear()
    assert download().returncode == 0
    assert hub.fetched() == [(WEIGHTS, None)]
    assert (downloaded() / WEIGHTS).read_bytes() == true


@pytest.mark.parametrize("name", variants([WEIGHTS], ["config.json", "tokenizer.json"]))
def test_a_file_that_was_damaged_on_disk_is_detected(download, downloaded, name):
    download()
    blob = (downloaded() / name).resolve()
    blob.write_bytes(damaged(blob.read_bytes()))
    assert_fails_with_a_sentence(download(), name, "damaged")
    assert not blob.exists()
    assert download().returncode == 0


@pytest.fixture
def download_tokenizer(manage, hub):
    def run():
        with hub.serving() as endpoint:
            return manage("download_models", "gpt2", "--tokenizers-only", HF_ENDPOINT=endpoint)

    return run


@pytest.mark.parametrize("name", variants(["tokenizer.json"], ["config.json"]))
def test_a_tokenizer_that_was_damaged_on_disk_is_fetched_again(
    download_tokenizer, hub, downloaded, name
):
    assert download_tokenizer().returncode == 0
    blob = (downloaded() / name).resolve()
    blob.write_bytes(damaged(blob.read_bytes()))
    hub.requests.clear()
    result = download_tokenizer()
    assert result.returncode == 0, result.stderr
    assert "ready in" in result.stdout
    assert hub.fetched() == [(name, None)]
    assert (downloaded() / name).read_bytes() == hub.contents[name]


def test_a_damaged_tokenizer_is_never_reported_as_ready(download_tokenizer, hub, downloaded):
    true = hub.contents["tokenizer.json"]
    hub.contents["tokenizer.json"] = damaged(true)
    assert_fails_with_a_sentence(download_tokenizer(), "tokenizer.json", "damaged", "removed")
    hub.contents["tokenizer.json"] = true
    assert download_tokenizer().returncode == 0
    assert (downloaded() / "tokenizer.json").read_bytes() == true


def test_a_hub_that_cannot_be_reached_is_reported_in_one_sentence(manage, closed_port, data_dir):
    result = manage("download_models", "gpt2", HF_ENDPOINT=f"http://127.0.0.1:{closed_port}")
    assert_fails_with_a_sentence(
        result, "hub could not be reached", REPO_ID, str(data_dir / "models"), "models--openai"
    )


def test_a_filter_that_answers_with_a_page_is_reported_in_one_sentence(download, hub):
    hub.portal = "<html><title>Blocked by the school's filter</title></html>"
    assert_fails_with_a_sentence(download(), "hub could not be reached", REPO_ID)


def test_a_hub_that_does_not_answer_is_reported_in_one_sentence(download, hub):
    hub.is_down = True
    assert_fails_with_a_sentence(download(), "hub could not be reached", REPO_ID)


def test_a_hub_without_the_weights_is_reported_in_one_sentence(download, hub):
    del hub.contents[WEIGHTS]
    assert_fails_with_a_sentence(download(), "no weights in the safetensors format", REPO_ID)


def test_a_folder_that_cannot_be_written_is_not_blamed_on_the_hub(manage, hub, tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / f"models--{REPO_ID.replace('/', '--')}").touch()  # where the client needs a folder
    with hub.serving() as endpoint:
        result = manage(
            "download_models", "gpt2", HF_ENDPOINT=endpoint, TRANSFORMERS_CACHE=str(folder)
        )
    assert_fails_with_a_sentence(result, "could not be written", str(folder))


def test_a_model_that_fails_does_not_stop_the_others(manage, hub):
    with hub.serving() as endpoint:
        result = manage("download_models", "gpt2-medium", "gpt2", HF_ENDPOINT=endpoint)
    assert result.returncode == 1
    assert "gpt2: ready in" in result.stdout
    assert_fails_with_a_sentence(result, "gpt2-medium: ", "openai-community/gpt2-medium")
