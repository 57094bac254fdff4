"""Size of the wheel page's answers, and the server's CPU time for them, by the length of the text.

    python -m bench.page_answers [--tokens 0 300 900]

Starts a server with SmolLM2. All answers are about contexts that the engine has in its cache, so
that no forward pass counts.
"""

import argparse
import gzip
import os
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import mean
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")

import requests
from django.conf import settings

from bench.memory import total
from bench.server import ServerProcess
from tokenwheel.environment import exit_on_setting_error

PROMPT = "The old lighthouse keeper opened the door and saw"
NUM_ANSWERS = 40  # of each kind
TIMEOUT_S = 60.0


class WheelPage:
    """The wheel page of one session, as its scripts use it."""

    def __init__(self, url: str) -> None:
        self._url, self._http = url, requests.Session()
        self._session_id = self._api("", {})["session_id"]
        self.rev: int = self._api(f"/{self._session_id}/set-prompt", {"prompt": PROMPT})["rev"]

    def spin(self) -> None:
        self.rev = self._api(f"/{self._session_id}/spin?history=none", {})["rev"]

    def load(self) -> bytes:
        """The whole page. Its cookie is needed for changes."""
        return self._content(self._http.get(self._address, timeout=TIMEOUT_S))

    def fetch_wheel(self) -> bytes:
        """The wheel again, as after a change of a knob."""
        return self._content(self._http.get(self._address, headers=self._head, timeout=TIMEOUT_S))

    def fetch_probs(self) -> bytes:
        """The wheel as a client of the API requests it."""
        url = f"{self._url}/api/sessions/{self._session_id}/next-token-probs"
        return self._content(self._http.get(url, timeout=TIMEOUT_S))

    def change(self, action: str) -> bytes:
        token = self._http.cookies["csrftoken"]
        response = self._http.post(
            f"{self._address}/{action}",
            data={"rev": self.rev, "csrfmiddlewaretoken": token},
            headers=self._head,
            timeout=TIMEOUT_S,
        )
        self.rev += 1
        return self._content(response)

    @property
    def _address(self) -> str:
        return f"{self._url}/wheel/{self._session_id}"

    @property
    def _head(self) -> dict[str, str]:
        return {"HX-Request": "true", "Shown-Rev": str(self.rev)}

    def _api(self, path: str, body: dict[str, str]) -> Any:
        url = f"{self._url}/api/sessions{path}"
        response = self._http.post(url, json=body, timeout=TIMEOUT_S)
        response.raise_for_status()
        return response.json()

    def _content(self, response: requests.Response) -> bytes:
        response.raise_for_status()
        return response.content


def main() -> None:
    lengths = parse_arguments().tokens
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "TRANSFORMERS_CACHE": str(settings.TRANSFORMERS_CACHE),
            "WHEEL_METRICS": "true",
            "WHEEL_LOOK_AHEAD": "false",
            "LIMIT_SESSION": "",
        }
        server = ServerProcess(Path(folder), environment)
        server.prepare()
        server.start()
        try:
            print("tokens  answer       KiB  compressed  CPU ms")
            for num_tokens in lengths:
                measure(f"http://127.0.0.1:{server.port}", num_tokens)
        finally:
            server.stop()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tokens", type=int, nargs="+", default=[0, 300, 900])
    return parser.parse_args()


def measure(url: str, num_tokens: int) -> None:
    page = WheelPage(url)
    for _ in range(num_tokens):
        page.spin()
    report(url, num_tokens, "page", page.load)
    report(url, num_tokens, "wheel", page.fetch_wheel)
    page.spin()
    page.load()
    actions = ("undo" if num % 2 == 0 else "redo" for num in count())
    report(url, num_tokens, "undo, redo", lambda: page.change(next(actions)))


def report(url: str, num_tokens: int, name: str, ask: Callable[[], bytes]) -> None:
    for _ in range(2):
        ask()  # so that the engine knows both contexts
    before = cpu_seconds(url)
    answers = [ask() for _ in range(NUM_ANSWERS)]
    cpu_ms = (cpu_seconds(url) - before) * 1000 / NUM_ANSWERS
    size = mean(len(answer) for answer in answers) / 1024
    compressed = mean(len(gzip.compress(answer)) for answer in answers) / 1024
    print(f"{num_tokens:6}  {name:10} {size:6.1f}  {compressed:10.1f}  {cpu_ms:6.1f}", flush=True)


def cpu_seconds(url: str) -> float:
    metrics = requests.get(f"{url}/metrics", timeout=TIMEOUT_S).text
    return total(metrics, "process_cpu_seconds_total")


if __name__ == "__main__":
    with exit_on_setting_error():
        main()
