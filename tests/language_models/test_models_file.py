"""The file of models: what an entry says, and a sentence for each mistake."""

import json
from pathlib import Path

import pytest

from wheel.installation import FOLDER
from wheel.language_models.models_file import ModelsFileError, registry_of
from wheel.language_models.registry import REGISTRY, FolderSource, GgufSource, HubSource

ENTRY = {"name": "A", "description": "B.", "source": {"hub": "org/name"}}
TOML = """
[models.distilgpt2]
name = "DistilGPT-2"
description = "GPT-2 with half of its layers."
source.hub = "distilbert/distilgpt2"

[models.own]
name = "Own"
description = "Trained at our school."
source.folder = "weights/own"
bos_token = "<s>"
end_of_text_tokens = ["</s>", "<|endoftext|>"]

[models.packed]
name = "Packed"
description = "One file."
source.gguf = "/srv/models/packed.gguf"
"""


@pytest.fixture
def write(tmp_path):
    def write(content, name="models.toml"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


def json_with(**changes):
    entry = {name: value for name, value in (ENTRY | changes).items() if value is not None}
    return {"models": {"a": entry}}


def test_without_a_file_the_built_in_models_are_offered():
    assert registry_of(None) == REGISTRY


def test_entries_come_after_the_built_in_models_and_say_name_description_and_source(write):
    registry = registry_of(write(TOML))
    assert list(registry) == [*REGISTRY, "distilgpt2", "own", "packed"]
    spec = registry["distilgpt2"]
    assert (spec.model_id, spec.name) == ("distilgpt2", "DistilGPT-2")
    assert spec.description == "GPT-2 with half of its layers."
    assert spec.source == HubSource("distilbert/distilgpt2")
    assert (spec.bos_token, spec.end_of_text_tokens) == (None, ())
    assert (spec.num_parameters, spec.context_length, spec.vocabulary_size) == (None, None, None)
    assert not spec.is_built_in


def test_control_tokens_can_be_named(write):
    spec = registry_of(write(TOML))["own"]
    assert (spec.bos_token, spec.end_of_text_tokens) == ("<s>", ("</s>", "<|endoftext|>"))


def test_a_path_is_relative_to_the_file_unless_it_is_absolute(write, tmp_path):
    registry = registry_of(write(TOML))
    assert registry["own"].source == FolderSource(tmp_path / "weights/own")
    assert registry["packed"].source == GgufSource(Path("/srv/models/packed.gguf"))


def test_json_says_the_same_as_toml(write):
    from tomllib import loads

    as_json = write(loads(TOML), "models.json")
    assert registry_of(as_json) == registry_of(write(TOML))


def test_the_built_in_models_can_be_left_out(write):
    assert list(registry_of(write(f"built_in = false\n{TOML}"))) == ["distilgpt2", "own", "packed"]


def test_an_entry_with_the_id_of_a_built_in_model_replaces_it(write):
    registry = registry_of(write({"models": {"gpt2": ENTRY}}, "m.json"))
    assert list(registry) == list(REGISTRY)
    assert (registry["gpt2"].name, registry["gpt2-medium"]) == ("A", REGISTRY["gpt2-medium"])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, r"^models\.a\.name must be a text"),
        ({"name": "  "}, r"^models\.a\.name must be a text"),
        ({"name": "x" * 101}, r"^models\.a\.name must be .* 1 to 100 characters"),
        ({"description": None}, r"^models\.a\.description must be a text"),
        ({"description": 5}, r"^models\.a\.description must be a text"),
        ({"source": None}, r"^models\.a: source must be a table"),
        ({"source": "org/name"}, r"^models\.a: source must be a table"),
        ({"source": {}}, r"^models\.a\.source must have exactly one of hub, folder, gguf"),
        ({"source": {"hub": "a/b", "gguf": "c"}}, r"^models\.a\.source must have exactly one"),
        ({"source": {"url": "https://h"}}, r"^models\.a\.source has the unknown field 'url'"),
        ({"source": {"hub": "gpt2"}}, r"^models\.a\.source\.hub must be an id such as"),
        ({"source": {"hub": "../../etc"}}, r"^models\.a\.source\.hub must be an id such as"),
        ({"source": {"hub": "https://h/a"}}, r"^models\.a\.source\.hub must be an id such as"),
        ({"source": {"folder": ""}}, r"^models\.a\.source\.folder must be a text"),
        ({"source": {"gguf": "~no-such-user/x"}}, r"^models\.a\.source\.gguf must be a path"),
        ({"bos_token": 1}, r"^models\.a\.bos_token must be a text"),
        ({"end_of_text_tokens": "</s>"}, r"^models\.a\.end_of_text_tokens must be a list"),
        ({"end_of_text_tokens": [""]}, r"^models\.a\.end_of_text_tokens must be a list"),
        ({"temperature": 1}, r"^models\.a has the unknown field 'temperature'"),
    ],
    ids=str,
)
def test_a_mistake_in_an_entry_is_named_with_its_field(write, changes, problem):
    with pytest.raises(ModelsFileError, match=problem):
        registry_of(write(json_with(**changes), "m.json"))


@pytest.mark.parametrize(
    "model_id", ["", "A", "a b", "a/b", "a,b", "..", ".a", "a-", "é", "a\n", "x" * 65, "a--b"]
)
def test_an_id_that_is_not_safe_in_urls_and_file_names_is_refused(write, model_id):
    with pytest.raises(ModelsFileError, match="an id must be of a to z"):
        registry_of(write({"models": {model_id: ENTRY}}, "m.json"))


@pytest.mark.parametrize("model_id", ["a", "gpt2-large", "smollm2-360m", "qwen2.5-0.5b", "a_b"])
def test_usual_ids_are_accepted(write, model_id):
    assert model_id in registry_of(write({"models": {model_id: ENTRY}}, "m.json"))


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("m.yaml", "a: b", r"must end in \.toml or \.json"),
        ("m.toml", "[models.a", "it is not TOML: "),
        ("m.toml", "[models.a]\nname = 'a'\n[models.a]\nname = 'b'", "it is not TOML: "),
        ("m.json", "{", "it is not JSON: "),
        ("m.json", "[" * 100_000, "it is not JSON: "),
        ("m.json", "[]", "it must be an object"),
        ("m.json", '{"models": {"a": {}, "a": {}}}', "'a' is there twice"),
        ("m.json", '{"models": []}', "the file: models must be a table"),
        ("m.json", '{"models": {"a": 1}}', r"models\.a must be a table"),
        ("m.json", '{"model": {}}', "the file has the unknown field 'model'"),
        ("m.json", '{"built_in": "no"}', "built_in must be true or false"),
        ("m.json", '{"built_in": false}', "models must have an entry"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(write, name, content, problem):
    with pytest.raises(ModelsFileError, match=problem) as caught:
        registry_of(write(content, name))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    with pytest.raises(ModelsFileError, match="it cannot be read: No such file"):
        registry_of(tmp_path / "m.toml")
    (tmp_path / "m.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelsFileError, match="it is not TOML"):
        registry_of(tmp_path / "m.toml")


def test_the_example_of_the_documentation_can_be_used(write):
    text = (FOLDER / "docs" / "adding-a-model.md").read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    added = list(registry_of(write(example)))[len(REGISTRY) :]
    assert added == [
        "distilgpt2",
        "gpt2-large",
        "smollm2-360m",
        "german-gpt2",
        "qwen2.5-0.5b",
        "pythia-160m",
    ]
