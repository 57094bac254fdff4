"""Tracebacks in the log: what led to a fault stays, texts of users do not."""

import json
import logging
from importlib import import_module
from io import StringIO

import pytest
import torch
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, OperationalError

from tokenwheel import logs, tracebacks
from wheel.decoders.config import UnsupportedModelError
from wheel.decoders.stored import MissingTensorError
from wheel.errors import UnknownModelError
from wheel.language_models.checksums import DamagedFileError
from wheel.language_models.comparison import ComparisonError
from wheel.language_models.runners import UnusableWeightsError
from wheel.language_models.tokenizer_files import UnsupportedTokenizerError

CANARY = "canarybird"
# As if a module of the project had been edited: the fault is raised in a frame of that module.
FAULTS = {
    "half_imported": ("wheel.services", "from wheel.clock import canarybird"),
    "attribute": ("wheel.services", "None.canarybird"),
    "argument": ("wheel.services", "len(1, 2)"),
    "thread": ("threading", "raise RuntimeError('canarybird: cannot start new thread')"),
}
TEXTS = {
    "value": ("wheel.services", f"int('{CANARY}')"),
    "key": ("wheel.engine.prefix_cache", f"{{}}['{CANARY}']"),
    "type_of_a_library": ("django.db.models", f"raise TypeError('{CANARY}')"),
}


def caught(module, code):
    try:
        exec(compile(code, "planted.py", "exec"), {"__name__": module})
    except Exception as error:  # noqa: BLE001
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("name", FAULTS)
def test_a_message_that_cannot_quote_a_text_is_shown(name):
    error = caught(*FAULTS[name])
    assert str(error) in tracebacks.format_exception(error)


@pytest.mark.parametrize("name", TEXTS)
def test_a_message_that_may_quote_a_text_is_hidden(name):
    error = caught(*TEXTS[name])
    text = tracebacks.format_exception(error)
    assert CANARY not in text
    assert type(error).__name__ in text
    assert 'File "planted.py", line 1' in text


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file", "model.safetensors"),
        OperationalError("database is locked"),
        ImproperlyConfigured("CACHE_URL is not set"),
        ZeroDivisionError("division by zero"),
        DamagedFileError("model.safetensors in /models: damaged"),
        ComparisonError("its probabilities differ from those of transformers by 3e-02"),
        UnusableWeightsError("its weights are not all finite numbers"),
        UnsupportedModelError("models of the type 'gpt5' are not supported"),
        MissingTensorError("model.norm.weight"),
        UnsupportedTokenizerError("it has no tokenizer.json, and is no GPT-2"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_messages_of_safe_types_are_shown(error):
    assert str(error) in tracebacks.format_exception(error)


@pytest.mark.parametrize(
    "error", [DataError(CANARY), UnknownModelError(CANARY), ValueError(CANARY)]
)
def test_messages_of_other_types_are_hidden(error):
    assert CANARY not in tracebacks.format_exception(error)


def test_a_fault_inside_torch_says_which_shapes_did_not_match():
    with pytest.raises(RuntimeError) as raised:
        torch.nn.Linear(2, 3)(torch.zeros(1, 5))
    text = tracebacks.format_exception(raised.value)
    assert "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x5 and 2x3)" in text


def test_causes_and_contexts_are_shown_first_to_last_each_with_its_lines():
    with pytest.raises(ValueError, match=CANARY) as raised:
        raise_from_another()
    text = tracebacks.format_exception(raised.value)
    order = ["ModuleNotFoundError: No module named 'missing'", "LookupError: …", "ValueError: …"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert text.count("Traceback (most recent call last):") == 3
    assert "in raise_while_handling" in text
    assert CANARY not in text


def raise_from_another():
    try:
        raise_while_handling()
    except LookupError as error:
        raise ValueError(CANARY) from error


def raise_while_handling():
    try:
        import_module("missing")
    except ModuleNotFoundError:
        raise LookupError(CANARY)  # noqa: B904 - the context is what is tested


def test_a_short_message_does_not_blot_out_the_lines_of_code():
    """Replacing each occurrence of the message "a" would."""
    text = tracebacks.format_exception(caught("wheel.services", "{}['a']"))
    assert "Traceback (most recent call last):" in text


def test_a_chain_that_is_a_circle_ends():
    first, second = ValueError(CANARY), KeyError(CANARY)
    first.__context__, second.__context__ = second, first
    assert tracebacks.format_exception(first).count("…") == 2


def test_the_exceptions_of_a_group_are_shown():
    group = ExceptionGroup(CANARY, [ValueError(CANARY), OSError("disk")])
    text = tracebacks.format_exception(group)
    assert "OSError: disk" in text
    assert CANARY not in text


@pytest.mark.parametrize("log_format", ["line", "json"])
def test_the_log_shows_a_planted_fault_of_a_request(api, monkeypatch, log_format):
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter_named(log_format))
    logging.getLogger("django.request").addHandler(handler)
    monkeypatch.setattr("wheel.services.get_session", plant)
    api.raise_request_exception = False
    try:
        answer = api.get("/api/sessions/00000000-0000-4000-8000-000000000000")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert answer.status_code == 500
    line = stream.getvalue()
    shown = json.loads(line)["exc_info"] if log_format == "json" else line
    assert "ImportError: cannot import name 'canarybird' from 'wheel.clock'" in shown
    assert f'File "{__file__}", line ' in shown
    assert "in plant" in shown


def plant(**_):
    exec("from wheel.clock import canarybird", {})
