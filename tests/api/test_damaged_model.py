"""Damaged files of one of two models: the other one answers, and the list of models says why."""

import hashlib
import json
import re
import shutil
import struct
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from tokenizers import Tokenizer

from tests.api.fakes import changed_runtime
from tests.api.helpers import assert_error, spin, wheel
from tests.checkpoints import write_hub_checkpoint
from tests.waiting import wait_until
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.language_models import runners
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.checksums import MANIFEST_NAME, record_checksums
from wheel.language_models.model_files import WEIGHTS_INDEX_NAME, model_folder
from wheel.language_models.registry import GPT2, GPT2_MEDIUM

WEIGHTS = "model.safetensors"


def cut_to(length):
    return lambda content: content[:length]


def flip_bit(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def header_of(content):
    length = struct.unpack("<Q", content[:8])[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def with_header(header, data):
    encoded = json.dumps(header).encode()
    return struct.pack("<Q", len(encoded)) + encoded + data


def without_last_tensor(content):
    """The same file without its last tensor: well-formed, and incomplete."""
    header, data = header_of(content)
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    last = max(tensors, key=lambda name: tensors[name]["data_offsets"])
    del header[last]
    return with_header(header, data[: tensors[last]["data_offsets"][0]])


def of_another_shape(content):
    """The same bytes, with the sides of each matrix exchanged."""
    header, data = header_of(content)
    for name, entry in header.items():
        if name != "__metadata__":
            entry["shape"] = entry["shape"][::-1]
    return with_header(header, data)


def with_nan(content):
    """The same file with every number of the weights replaced by NaN."""
    header, data = header_of(content)
    return with_header(header, b"\xff" * len(data))


def with_huge_number(content):
    """The same file with one number so large that the logits overflow."""
    header, data = header_of(content)
    start = header["transformer.ln_f.weight"]["data_offsets"][0]
    return with_header(header, data[:start] + struct.pack("<2f", 3e38, 3e38) + data[start + 8 :])


def larger_tokenizer(content):
    """A tokenizer with more tokens than the weights have outputs."""
    tokenizer = Tokenizer.from_str(content.decode())
    tokenizer.add_tokens([f"token {number}" for number in range(50)])
    return tokenizer.to_str().encode()


def smaller_tokenizer(content):
    """A tokenizer with fewer tokens than the weights have outputs."""
    tokenizer = json.loads(content)
    tokenizer["model"]["merges"] = []
    vocabulary = tokenizer["model"]["vocab"]
    tokenizer["model"]["vocab"] = {name: i for name, i in vocabulary.items() if i < 257}
    return json.dumps(tokenizer).encode()


def replace_in(old, new):
    return lambda content: content.replace(old, new)


DAMAGES = {
    "weights cut off": (WEIGHTS, cut_to(50_000)),
    "weights cut off in the header": (WEIGHTS, cut_to(100)),
    "empty weights": (WEIGHTS, cut_to(0)),
    "one bit of the weights": (WEIGHTS, flip_bit),
    "weights overwritten with zeros": (WEIGHTS, lambda content: bytes(len(content))),
    "a header of 2**63 bytes": (WEIGHTS, lambda content: b"\xff" * 7 + b"\x7f" + content[8:]),
    "a web page in place of the weights": (WEIGHTS, lambda _: b"<html>blocked</html>"),
    "a missing tensor": (WEIGHTS, without_last_tensor),
    "matrices of another shape": (WEIGHTS, of_another_shape),
    "config cut off": ("config.json", cut_to(40)),
    "config of another size": ("config.json", replace_in(b'"n_embd": 32', b'"n_embd": 64')),
    "config of an unknown architecture": ("config.json", replace_in(b'"gpt2"', b'"gpt5"')),
    "config that is a list": ("config.json", lambda _: b"[]"),
    "tokenizer cut off": ("tokenizer.json", cut_to(1000)),
    "empty tokenizer": ("tokenizer.json", cut_to(0)),
    "tokenizer of another kind": ("tokenizer.json", replace_in(b'"BPE"', b'"CPE"')),
}


@pytest.fixture(scope="module")
def undamaged(tmp_path_factory):
    """Two complete models. Their blobs are replaced by plain files, so that nothing but a manifest
    knows their checksums."""
    models_dir = tmp_path_factory.mktemp("two-models")
    for seed, repo_id in enumerate(["openai-community/gpt2", "openai-community/gpt2-medium"]):
        snapshot = write_hub_checkpoint(models_dir, repo_id, seed=seed)
        for link in list(snapshot.iterdir()):
            content = link.read_bytes()
            link.unlink()
            link.write_bytes(content)
    return models_dir


def snapshot_of(models_dir, spec):
    folder = model_folder(spec, models_dir)
    assert folder is not None
    return folder


@pytest.fixture
def both_dir(undamaged, tmp_path):
    """A copy that a test may damage."""
    return Path(shutil.copytree(undamaged, tmp_path / "models"))


@contextmanager
def two_models(models_dir, default_model_id=None, **options):
    """Serve both models, after each has been loaded or has failed to load once."""
    catalog = ModelCatalog(
        [GPT2, GPT2_MEDIUM],
        models_dir,
        default_model_id=default_model_id,
        **options,
    )
    engine = BatchingEngine(
        catalog.runner,
        logits_cache=LogitsCache(100_000),
        prefix_cache=PrefixCache(500_000),
    )
    engine.start()
    catalog.start()
    try:
        wait_until(lambda: all(status.is_loaded or status.detail for status in catalog.statuses()))
        with changed_runtime(catalog=catalog, engine=engine):
            yield
    finally:
        catalog.stop()
        engine.stop()


def damage(models_dir, spec, name, change):
    path = snapshot_of(models_dir, spec) / name
    content = path.read_bytes()
    path.write_bytes(change(content))
    assert path.read_bytes() != content


def listed(api):
    return {model["id"]: model for model in api.get("/api/models").json()["models"]}


def assert_other_model_serves(api, model_id):
    session_id = api.start("The cat", model_name=model_id)
    spin(api, f"/api/sessions/{session_id}")
    assert wheel(api, f"/api/sessions/{session_id}")["above_threshold_tokens"]
    page = Client().post("/", {"prompt": "The cat", "model": model_id}, follow=True)
    assert page.status_code == 200


def statuses_of_damaged_model(api, model_id):
    """The status of every call that could need the model."""
    pages = Client(raise_request_exception=False)
    answers = [
        api.get("/ready"),
        api.get("/health"),
        pages.get("/"),
        pages.post("/", {"prompt": "The cat", "model": model_id}, follow=True),
        api.post_json("/api/sessions", {"model_name": model_id}),
    ]
    if answers[-1].status_code == 201:
        url = f"/api/sessions/{answers[-1].json()['session_id']}"
        answers += [
            api.post_json(f"{url}/set-prompt", {"prompt": "The cat"}),
            api.get(f"{url}/next-token-probs?threshold=0.1"),
            api.post_json(f"{url}/spin", {"u": 0.999}),
            api.post_json(f"{url}/append-token", {"category": "other"}),
            api.get(url),
            pages.get(url.replace("/api/sessions/", "/wheel/")),
        ]
    return {answer.status_code for answer in answers}


damaged_files = pytest.mark.parametrize(("name", "change"), DAMAGES.values(), ids=DAMAGES)


@pytest.mark.parametrize("spec", [GPT2, GPT2_MEDIUM], ids=["the first", "the second"])
@damaged_files
def test_one_damaged_model_is_reported_and_the_other_serves(api, both_dir, spec, name, change):
    record_checksums(snapshot_of(both_dir, spec))
    damage(both_dir, spec, name, change)
    other = GPT2_MEDIUM if spec is GPT2 else GPT2
    with two_models(both_dir):
        damaged = listed(api)[spec.model_id]
        assert (damaged["available"], damaged["loaded"]) == (False, False)
        assert re.search(r"could not be loaded \(\w+\)", damaged["detail"])
        assert api.get("/ready").status_code == 200
        assert listed(api)[other.model_id]["default"] is True
        assert_other_model_serves(api, other.model_id)
        answer = api.post_json("/api/sessions", {"model_name": spec.model_id})
        assert assert_error(answer, 503, "model_unavailable")["detail"] == damaged["detail"]
        assert statuses_of_damaged_model(api, spec.model_id) <= {200, 503}


@damaged_files
def test_damage_that_no_checksum_reveals_makes_no_500(api, both_dir, name, change):
    damage(both_dir, GPT2, name, change)
    with two_models(both_dir):
        assert_other_model_serves(api, GPT2_MEDIUM.model_id)
        assert statuses_of_damaged_model(api, GPT2.model_id) <= {200, 201, 503}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (WEIGHTS, with_nan),
        (WEIGHTS, with_huge_number),
        ("tokenizer.json", larger_tokenizer),
        ("tokenizer.json", smaller_tokenizer),
    ],
)
def test_files_that_can_be_read_but_make_no_sense_make_no_500(api, both_dir, name, change):
    damage(both_dir, GPT2, name, change)
    with two_models(both_dir):
        assert_other_model_serves(api, GPT2_MEDIUM.model_id)
        assert statuses_of_damaged_model(api, GPT2.model_id) <= {200, 201, 503}


def test_the_chosen_default_that_is_damaged_makes_the_server_unready_and_says_why(
    api, both_dir, caplog
):
    record_checksums(snapshot_of(both_dir, GPT2))
    damage(both_dir, GPT2, WEIGHTS, flip_bit)
    with two_models(both_dir, default_model_id="gpt2"):
        error = assert_error(api.get("/ready"), 503, "model_unavailable")
        assert error["detail"] == listed(api)["gpt2"]["detail"]
        assert "GPT-2 could not be loaded (DamagedFileError)" in error["detail"]
        assert_other_model_serves(api, GPT2_MEDIUM.model_id)
    assert f"{WEIGHTS} in {snapshot_of(both_dir, GPT2)}: damaged" in caplog.text


def test_a_damaged_index_of_weights_makes_no_500(api, both_dir):
    (snapshot_of(both_dir, GPT2) / WEIGHTS_INDEX_NAME).write_text('{"weight_map": {"a": "b')
    with two_models(both_dir):
        assert "only in part" in listed(api)["gpt2"]["detail"]
        assert listed(api)["gpt2-medium"]["default"] is True
        assert_other_model_serves(api, GPT2_MEDIUM.model_id)
        assert statuses_of_damaged_model(api, GPT2.model_id) <= {200, 503}


def test_a_default_model_whose_first_forward_pass_fails_makes_the_server_unready(
    api, both_dir, monkeypatch
):
    def fail(runner):
        raise RuntimeError("a forward pass failed")

    monkeypatch.setattr(runners, "run_first_passes", fail)
    with two_models(both_dir, default_model_id="gpt2"):
        error = assert_error(api.get("/ready"), 503, "model_unavailable")
    assert "GPT-2 could not be loaded (RuntimeError)" in error["detail"]


@pytest.mark.parametrize("has_checksums", [True, False], ids=["checksums", "no checksums"])
def test_a_tokenizer_that_is_restored_is_read_without_a_restart(
    api, both_dir, vocabulary_size, has_checksums
):
    snapshot = snapshot_of(both_dir, GPT2)
    content = (snapshot / "tokenizer.json").read_bytes()
    if has_checksums:
        record_checksums(snapshot)
    damage(both_dir, GPT2, "tokenizer.json", larger_tokenizer)
    with two_models(both_dir):
        assert not listed(api)["gpt2"]["available"]
        (snapshot / "tokenizer.json").write_bytes(content)
        wait_until(lambda: listed(api)["gpt2"]["loaded"])
        assert listed(api)["gpt2"]["vocabulary_size"] == vocabulary_size
        assert_other_model_serves(api, "gpt2")


def test_a_model_that_is_restored_is_loaded_without_a_restart(api, both_dir):
    snapshot = snapshot_of(both_dir, GPT2)
    content = (snapshot / WEIGHTS).read_bytes()
    damage(both_dir, GPT2, WEIGHTS, flip_bit)
    record = f"{hashlib.sha256(content).hexdigest()}  {WEIGHTS}\n"
    (snapshot / MANIFEST_NAME).write_text(record)
    with two_models(both_dir):
        assert not listed(api)["gpt2"]["available"]
        (snapshot / WEIGHTS).write_bytes(content)
        wait_until(lambda: listed(api)["gpt2"]["loaded"])
        assert_other_model_serves(api, "gpt2")
