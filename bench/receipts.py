"""Receipts of spins, replayed on another server process while both serve other clients.

    python -m bench.receipts [--receipts 10000] [--students 12]

Students spin on one server, with all kinds of settings. Each finished text is replayed at once on a
second server: a new session, the same prompt, and each spin again with the u and the settings of
its receipt. Exits with status 1 if a token differs from its receipt by more than rounding.

Sums of 32-bit floats depend on the other requests in a batch, so a u that lies on the line between
two tokens within `ROUNDING` may fall to the neighbour. These are counted apart.
"""

import argparse
import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

from django.conf import settings

from bench.server import ServerProcess
from bench.students import UnexpectedStatusError, random_prompt
from tokenwheel.environment import exit_on_setting_error

ROUNDING = 1e-5  # of the circle: far above what batches change, far below a visible arc
NEARLY_EQUAL = 1e-4  # tokens with a smaller relative difference may change ranks
SPINS_A_TEXT = 40
SETTINGS: list[dict[str, float]] = [
    {},
    {"threshold": 0.05},
    {"temperature": 0.7},
    {"temperature": 2.0, "threshold": 0.001},
    {"top_k": 40},
    {"top_p": 0.9},
    {"min_p": 0.05, "temperature": 1.5},
    {"top_k": 200, "top_p": 0.95, "min_p": 0.01},
]

Receipt = dict[str, Any]  # an item of `token_history`


class JsonClient:
    """One connection to a server on this machine. Raises `UnexpectedStatusError`."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def get(self, path: str) -> Any:
        return self._request("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._request("POST", path, json.dumps(body))

    def _request(self, method: str, path: str, body: str | None = None) -> Any:
        self._connection.request(method, path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        if response.status not in (200, 201):
            raise UnexpectedStatusError(f"{response.status}: {answer.decode(errors='replace')}")
        return json.loads(answer)


def main() -> None:
    arguments = parse_arguments()
    models = {"TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE)}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = [ServerProcess(Path(folder) / name, models) for name in ("first", "second")]
        for server in servers:
            server.prepare()
            stack.callback(server.stop)
            server.start()
        started = time.perf_counter()
        first, second = (server.port for server in servers)
        verdicts = replay_under_load(first, second, arguments.receipts, arguments.students)
        print(summary(verdicts, time.perf_counter() - started))
    sys.exit(1 if verdicts["different"] else 0)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--receipts", type=int, default=10_000)
    parser.add_argument("--students", type=int, default=12)
    return parser.parse_args()


def replay_under_load(
    first_port: int, second_port: int, num_receipts: int, num_students: int
) -> Counter[str]:
    """Have students write texts on the first server and replay them on the second, all at once.
    Returns how many receipts were `equal`, `rounded` and `different`."""
    verdicts: Counter[str] = Counter()
    lock = threading.Lock()
    texts = iter(text_lengths(num_receipts))

    def work(number: int) -> None:
        generator = random.Random(number)  # noqa: S311 - the same prompts in every run
        first, second = JsonClient(first_port), JsonClient(second_port)
        while True:
            with lock:
                num_spins = next(texts, None)
            if num_spins is None:
                return
            prompt = random_prompt(generator, generator.randint(1, 12))
            receipts = spin_text(first, prompt, num_spins, generator)
            counted = Counter(replay_text(second, prompt, receipts))
            with lock:
                verdicts.update(counted)

    with ThreadPoolExecutor(num_students) as pool:
        list(pool.map(work, range(num_students)))
    return verdicts


def text_lengths(num_receipts: int) -> Iterator[int]:
    """Numbers of spins that add up to `num_receipts`."""
    while num_receipts > 0:
        yield min(SPINS_A_TEXT, num_receipts)
        num_receipts -= SPINS_A_TEXT


def start_session(client: JsonClient, prompt: str, seed: int | None = None) -> str:
    session_id = client.post("/api/sessions", {"seed": seed})["session_id"]
    client.post(f"/api/sessions/{session_id}/set-prompt", {"prompt": prompt})
    return f"/api/sessions/{session_id}"


def spin_text(
    client: JsonClient, prompt: str, num_spins: int, generator: random.Random
) -> list[Receipt]:
    """The history of a new session; every other one has a seed."""
    url = start_session(client, prompt, generator.choice([None, generator.randrange(2**32)]))
    for _ in range(num_spins):
        client.post(f"{url}/spin", generator.choice(SETTINGS))
    history: list[Receipt] = client.get(url)["token_history"]
    return history


def replay_text(client: JsonClient, prompt: str, receipts: list[Receipt]) -> Iterator[str]:
    """For each receipt: `equal`, `rounded` or `different`. Goes on after each with the token of
    the receipt, so that one difference causes no others."""
    url = start_session(client, prompt)
    for receipt in receipts:
        spin = receipt["spin"]
        answer = client.post(f"{url}/spin", {"u": spin["u"], **spin["settings"]})
        if answer["appended_token"]["token_id"] == receipt["token_id"]:
            yield "equal"
            continue
        client.post(f"{url}/undo", {})
        yield "rounded" if is_on_the_line(client, url, receipt) else "different"
        client.post(f"{url}/append-token", {"token_id": receipt["token_id"]})


def is_on_the_line(client: JsonClient, url: str, receipt: Receipt) -> bool:
    """Whether the receipt's u is in the arc of its token, widened by `ROUNDING` at both ends.
    Tokens of nearly the same probability may have changed ranks, so their arcs count too."""
    spin = receipt["spin"]
    query = urlencode({**spin["settings"], "threshold": 0})
    wheel = client.get(f"{url}/next-token-probs?{query}")["above_threshold_tokens"]
    probs = {token["token_id"]: token["probability"] for token in wheel}
    own = probs[receipt["token_id"]]
    start = sum(prob for prob in probs.values() if prob > own * (1 + NEARLY_EQUAL))
    end = sum(prob for prob in probs.values() if prob >= own * (1 - NEARLY_EQUAL))
    return bool(start - ROUNDING <= spin["u"] < end + ROUNDING)


def summary(verdicts: Counter[str], seconds: float) -> str:
    return (
        f"{verdicts.total()} receipts replayed on another process under load in {seconds:.0f} s: "
        f"{verdicts['equal']} equal, {verdicts['rounded']} on a line between two tokens, "
        f"{verdicts['different']} different"
    )


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
