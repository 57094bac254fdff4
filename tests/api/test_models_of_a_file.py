"""Models of each architecture, offered by an entry of the file of models alone.

Their probabilities through the API are those of plain transformers. The checkpoints are small and
random, in the hub's layout, with the settings of the models that they are named after.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from django.utils.html import escape
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from tests.api.fakes import changed_runtime
from tests.api.helpers import ranked_tokens
from tests.checkpoints import train_tokenizer, write_hub_model
from wheel.engine.batching_engine import BatchingEngine
from wheel.engine.logits_cache import LogitsCache
from wheel.engine.prefix_cache import PrefixCache
from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.models_file import registry_of

PROMPT = "The cat sat on the mat, and the dog"
SPACES = [" " * number for number in range(24, 1, -1)]  # added tokens of Pythia


@dataclass(frozen=True)
class Case:
    """num_spare    rows of the weights that belong to no token
    normalizer   of the tokenizer's file
    added        plain tokens that the file adds
    corpus       that the tokenizer is trained on; None: the usual one
    """

    make: Any
    num_spare: int = 0
    normalizer: Any = None
    added: tuple[str, ...] = ()
    corpus: tuple[str, ...] | None = None
    shard_size: str = "5GB"


def gpt2(num_rows, **changes):
    sizes = {"n_positions": 64, "n_embd": 48, "n_layer": 2, "n_head": 4}
    return GPT2LMHeadModel(GPT2Config(vocab_size=num_rows, **(sizes | changes)))


def rotary(num_rows, **changes):
    return {
        "vocab_size": num_rows,
        "hidden_size": 48,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 6,
        "max_position_embeddings": 64,
    } | changes


def smollm2(num_rows):
    config = rotary(num_rows, num_key_value_heads=2, tie_word_embeddings=True)
    theta = {"rope_type": "default", "rope_theta": 100_000.0}
    return LlamaForCausalLM(LlamaConfig(**config, rope_parameters=theta))


def qwen25(num_rows):
    config = rotary(num_rows, num_key_value_heads=2, tie_word_embeddings=True)
    theta = {"rope_type": "default", "rope_theta": 1_000_000.0}
    return Qwen2ForCausalLM(Qwen2Config(**config, rope_parameters=theta))


def pythia(num_rows):
    return GPTNeoXForCausalLM(GPTNeoXConfig(**rotary(num_rows), rotary_pct=0.25))


GERMAN = ("Die Katze saß auf der Matte, und der Hund lag daneben. Größe, Übung, Straße.",) * 4
CASES = {
    "distilgpt2": Case(gpt2),
    "gpt2-large": Case(lambda rows: gpt2(rows, n_layer=5, n_head=6, n_embd=60), shard_size="40KB"),
    "german-gpt2": Case(lambda rows: gpt2(rows, activation_function="gelu"), corpus=GERMAN),
    "smollm2-360m": Case(smollm2),
    "qwen2.5-0.5b": Case(qwen25, num_spare=271, normalizer={"type": "NFC"}, added=("<tool_call>",)),
    "pythia-160m": Case(pythia, 27, normalizer={"type": "NFC"}, added=tuple(SPACES)),
}


def random_weights(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model.eval()


def tokenizer_of(case):
    backend = train_tokenizer(case.corpus) if case.corpus else train_tokenizer()
    backend.add_tokens(list(case.added))
    content = json.loads(backend.to_str()) | {"normalizer": case.normalizer}
    return type(backend).from_str(json.dumps(content))


def write_models_file(folder, model_id, **entry):
    path = folder / "models.json"
    named = {"name": "A model", "description": "An entry alone."}
    path.write_text(json.dumps({"built_in": False, "models": {model_id: named | entry}}))
    return path


@pytest.fixture
def serve(api, tmp_path):
    """Offers the models of a file. They are compared in this process: a server starts another one,
    see tests/language_models/test_comparison.py."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def serve(models_file):
            catalog = ModelCatalog(registry_of(models_file).values(), tmp_path / "models")
            engine = BatchingEngine(
                catalog.runner,
                logits_cache=LogitsCache(10**6),
                prefix_cache=PrefixCache(10**6),
            )
            engine.start()
            stack.callback(engine.stop)
            stack.enter_context(changed_runtime(catalog=catalog, engine=engine))
            return catalog

        yield serve


@pytest.fixture(autouse=True)
def comparing_in_this_process(monkeypatch):
    from wheel.language_models import catalog, comparison
    from wheel.language_models.reference import largest_difference

    def compare(folder, max_context_length):
        return comparison.require_as_transformers(
            folder, max_context_length, compute=largest_difference
        )

    monkeypatch.setattr(catalog, "require_as_transformers", compare)


def probs_of(api, model_id, prompt=PROMPT):
    """(vocabulary_size,) by token id, as the API answers them."""
    url = f"/api/sessions/{api.start(prompt, model=model_id)}"
    tokens = ranked_tokens(api, url)
    probs = np.full(len(tokens), np.nan)
    for token in tokens:
        probs[token["token_id"]] = token["probability"]
    return probs


def probs_of_transformers(model, token_ids, num_tokens):
    with torch.inference_mode():
        logits = model(torch.tensor([token_ids])).logits[0, -1, :num_tokens]
    return torch.softmax(logits.double(), -1).numpy()


@pytest.mark.parametrize("model_id", CASES)
def test_an_entry_alone_offers_the_model_with_the_probabilities_of_transformers(
    api, serve, tmp_path, model_id
):
    case = CASES[model_id]
    tokenizer = tokenizer_of(case)
    num_tokens = tokenizer.get_vocab_size()
    model = random_weights(case.make(num_tokens + case.num_spare))
    write_hub_model(
        tmp_path / "models", "org/name", model, tokenizer, max_shard_size=case.shard_size
    )
    catalog = serve(write_models_file(tmp_path, model_id, source={"hub": "org/name"}))
    prompt = PROMPT + "  <tool_call>\u00e9"
    token_ids = tokenizer.encode(prompt, add_special_tokens=False).ids
    assert list(catalog.tokenizer(model_id).encode(prompt)) == token_ids
    expected = probs_of_transformers(model, token_ids, num_tokens)
    np.testing.assert_allclose(probs_of(api, model_id, prompt), expected, atol=1e-5, rtol=0)
    (listed,) = api.get("/api/models").json()["models"]
    assert listed["num_parameters"] == model.num_parameters()
    assert (listed["context_length"], listed["vocabulary_size"]) == (64, num_tokens)
    assert (listed["name"], listed["description"]) == ("A model", "An entry alone.")


def put_model(folder, model, tokenizer):
    """A folder as `save_pretrained` writes it."""
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def change_json(path, **changes):
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture
def own_folder(tmp_path):
    """A small GPT-2 in the folder `own`, beside the file of models."""
    tokenizer = train_tokenizer()
    return put_model(tmp_path / "own", random_weights(gpt2(tokenizer.get_vocab_size())), tokenizer)


def test_a_local_folder_is_used_as_it_is_without_network(api, serve, tmp_path, own_folder):
    before = {path.name for path in own_folder.iterdir()}
    catalog = serve(write_models_file(tmp_path, "own", source={"folder": "own"}))
    token_ids = catalog.tokenizer("own").encode(PROMPT)
    model = GPT2LMHeadModel.from_pretrained(own_folder)
    expected = probs_of_transformers(model, token_ids, model.config.vocab_size)
    np.testing.assert_allclose(probs_of(api, "own"), expected, atol=1e-5, rtol=0)
    assert {path.name for path in own_folder.iterdir()} == before | {"COMPARED.json"}


def test_a_bos_token_is_before_every_text_and_on_no_page(api, serve, tmp_path, own_folder):
    entry = {"source": {"folder": "own"}, "bos_token": "<|endoftext|>"}
    catalog = serve(write_models_file(tmp_path, "own", **entry))
    (listed,) = api.get("/api/models").json()["models"]
    assert listed["context_length"] == 63
    token_ids = catalog.tokenizer("own").encode(PROMPT)
    model = GPT2LMHeadModel.from_pretrained(own_folder)
    expected = probs_of_transformers(model, (0, *token_ids), model.config.vocab_size)
    np.testing.assert_allclose(probs_of(api, "own"), expected, atol=1e-5, rtol=0)
    session = api.get(f"/api/sessions/{api.start(PROMPT, model='own')}").json()
    assert (session["current_text"], session["token_ids"]) == (PROMPT, list(token_ids))
    assert api.get("/api/models").json()["models"][0]["context_length"] == 63


def test_the_named_tokens_end_a_text_instead_of_the_usual_ones(api, serve, tmp_path):
    tokenizer = train_tokenizer()
    tokenizer.add_special_tokens(["</s>"])
    put_model(tmp_path / "own", random_weights(gpt2(tokenizer.get_vocab_size())), tokenizer)
    entry = {"source": {"folder": "own"}, "end_of_text_tokens": ["</s>"]}
    catalog = serve(write_models_file(tmp_path, "own", **entry))
    assert catalog.tokenizer("own").end_of_text_ids == {tokenizer.token_to_id("</s>")}


def test_a_model_that_is_not_here_is_listed_without_sizes(api, serve, tmp_path):
    serve(write_models_file(tmp_path, "later", source={"hub": "org/later"}))
    (listed,) = api.get("/api/models").json()["models"]
    assert listed["available"] is False
    assert "download_models later" in listed["detail"]
    sizes = ("parameters", "num_parameters", "context_length", "vocabulary_size")
    assert [listed[name] for name in sizes] == [None] * 4
    assert api.post_json("/api/sessions", {"model": "later"}).status_code == 503


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model_type": "gpt_neo"}, "models of the type 'gpt_neo' are not supported"),
        ({"model_type": "gptj"}, "models of the type 'gptj' are not supported"),
        ({"model_type": "codegen"}, "models of the type 'codegen' are not supported"),
        ({"model_type": "bloom"}, "models of the type 'bloom' are not supported"),
        ({"model_type": "gemma2"}, "models of the type 'gemma2' are not supported"),
        ({"model_type": "mistral"}, "models of the type 'mistral' are not supported"),
        ({"n_positions": None}, "n_positions is missing from config.json"),
        ({"quantization_config": {"quant_method": "gptq"}}, "quantization_config = "),
    ],
    ids=str,
)
def test_a_refused_model_is_not_available_and_says_why(
    api, client, serve, tmp_path, own_folder, caplog, changes, reason
):
    change_json(own_folder / "config.json", **changes)
    catalog = serve(write_models_file(tmp_path, "own", source={"folder": "own"}))
    with pytest.raises(ModelUnavailableError, match="A model cannot be offered: "):
        catalog.runner("own")
    (listed,) = api.get("/api/models").json()["models"]
    assert (listed["available"], listed["loaded"]) == (False, False)
    assert listed["detail"].startswith(f"A model cannot be offered: {reason}")
    assert str(tmp_path) not in listed["detail"]
    page = client.get("/").content.decode()
    assert escape(listed["detail"]) in page
    assert "loading own failed" in caplog.text
    assert reason in caplog.text
    answer = api.post_json("/api/sessions", {"model": "own"})
    assert answer.status_code == 503
    assert reason in answer.content.decode()


def test_a_tokenizer_that_is_refused_makes_the_model_unavailable(api, serve, tmp_path, own_folder):
    change_json(own_folder / "tokenizer.json", normalizer={"type": "Lowercase"})
    catalog = serve(write_models_file(tmp_path, "own", source={"folder": "own"}))
    with pytest.raises(ModelUnavailableError):
        catalog.tokenizer("own")
    (listed,) = api.get("/api/models").json()["models"]
    assert listed["detail"] == (
        "A model cannot be offered: its tokenizer has a normaliser that changes text: Lowercase."
    )


@pytest.mark.parametrize("field", [{"bos_token": "<s>"}, {"end_of_text_tokens": ["<s>"]}], ids=str)
@pytest.mark.usefixtures("own_folder")
def test_a_control_token_that_the_tokenizer_does_not_have_is_refused(api, serve, tmp_path, field):
    catalog = serve(write_models_file(tmp_path, "own", source={"folder": "own"}, **field))
    load = catalog.runner if "bos_token" in field else catalog.tokenizer
    with pytest.raises(ModelUnavailableError, match="has no control token '<s>'"):
        load("own")
    assert api.get("/api/models").json()["models"][0]["available"] is False


def test_a_folder_that_is_not_complete_says_so(api, serve, tmp_path, own_folder):
    (own_folder / "model.safetensors").unlink()
    serve(write_models_file(tmp_path, "own", source={"folder": "own"}))
    (listed,) = api.get("/api/models").json()["models"]
    assert listed["detail"].startswith("The folder of A model is missing on this server, or has no")
    assert listed["num_parameters"] is None


def test_the_start_page_shows_a_description_as_it_is_and_no_sizes_that_are_unknown(
    client, serve, tmp_path
):
    entry = {"name": "Später", "description": "<b>Ein</b> Modell.", "source": {"hub": "org/later"}}
    serve(write_models_file(tmp_path, "later", **entry))
    page = client.get("/").content.decode()
    assert "Später" in page
    assert "&lt;b&gt;Ein&lt;/b&gt; Modell." in page
    assert "parameters ·" not in page
    assert "None" not in page


def test_the_admin_offers_a_model_of_unknown_sizes_as_not_available(admin_client, serve, tmp_path):
    serve(write_models_file(tmp_path, "later", source={"hub": "org/later"}))
    page = admin_client.get("/admin/wheel/classroom/add/")
    assert page.status_code == 200
    assert "A model (not available)" in page.content.decode()
