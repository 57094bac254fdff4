"""Receipts of spins are replayed on another server process while both serve other clients
(`make receipts` replays 10,000 with SmolLM2)."""

import copy
import random
from contextlib import ExitStack

import pytest

from bench.receipts import JsonClient, replay_text, replay_under_load, spin_text, summary

pytestmark = pytest.mark.slow

PROMPT = "The cat sat on the"


@pytest.fixture(scope="module")
def ports(prepared_folder, tiny_model, tmp_path_factory):
    """Two server processes with the same small model."""
    settings = tiny_model | {"LIMIT_SESSION": "", "LIMIT_ADDRESS": "", "LIMIT_STARTS": ""}
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                prepared_folder.running_server(tmp_path_factory.mktemp("data"), **settings)
            )
            for _ in range(2)
        ]
        yield [server.port for server in servers]


def test_four_hundred_receipts_give_the_same_tokens_on_another_process_under_load(ports):
    first, second = ports
    verdicts = replay_under_load(first, second, num_receipts=400, num_students=8)
    assert verdicts.total() == 400
    assert verdicts["different"] == 0, summary(verdicts, 0)
    assert verdicts["equal"] >= 395, summary(verdicts, 0)


def test_a_receipt_that_was_changed_is_found_and_does_not_affect_those_after_it(ports):
    first, second = map(JsonClient, ports)
    receipts = spin_text(first, PROMPT, 6, random.Random(1))
    assert list(replay_text(second, PROMPT, receipts)) == ["equal"] * 6
    changed = copy.deepcopy(receipts)
    changed[2]["spin"]["u"] = (changed[2]["spin"]["u"] + 0.5) % 1
    assert list(replay_text(second, PROMPT, changed)) == [
        *["equal"] * 2,
        "different",
        *["equal"] * 3,
    ]
