"""The web side alone: CPU time of a server with a null model, for a spin and the wheel after it.

    python -m bench.web_side [--blocks 12] [CHECKOUT...]

Several checkouts are measured in turn, block by block, so that other work on the machine meets all
of them; their ratios are to the first. Each checkout has its own `.venv`. The draws are the same in
all of them.

A block is one session, whose text grows from 50 to 70 tokens, over one connection. "REST" is GET
next-token-probs and POST spin; "page" is what the wheel page sends: the form by htmx, and the next
wheel.
"""

import argparse
import gzip
import http.client
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import django

from bench import null_model
from bench.checkouts import OWN_CHECKOUT, CheckoutServer
from bench.random_models import pair_tokenizer
from wheel.language_models.registry import SMOLLM2_135M

NUM_PROMPT_TOKENS, NUM_SPINS = 50, 20  # 60 tokens on average
NUM_BLOCKS = 12
NUM_TOKENS = 49_152  # of the vocabulary
WARM_UP_BLOCKS = 1
KINDS = ("REST", "page")
NO_HEADERS: Mapping[str, str] = {}
NO_LIMITS = dict.fromkeys(("LIMIT_SESSION", "LIMIT_ADDRESS", "LIMIT_STARTS"), "")
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HTMX = {"HX-Request": "true", "Accept-Language": "en-GB,en;q=0.7,de;q=0.3"}
FORM_ONLY = ("csrfmiddlewaretoken", "rev", "is_opened")
HIDDEN_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class NullServer(CheckoutServer):
    """A server with the code of a checkout, and the null model. `folder` is for its files."""

    def __init__(self, checkout: Path, folder: Path, tokenizer: Path) -> None:
        modules = folder / "modules"
        modules.mkdir(parents=True)
        shutil.copy(null_model.__file__, modules)
        super().__init__(
            str(checkout),
            folder,
            {
                "PYTHONPATH": f"{checkout}{os.pathsep}{modules}",
                null_model.TOKENIZER: str(tokenizer),
                "WHEEL_MODELS": SMOLLM2_135M.model_id,
                "LOG_LEVEL": "ERROR",
                **NO_LIMITS,
            },
        )
        self.command = (*self.command, "null_model:application")


class Browser:
    """One connection to a server, with its cookies."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def cpu_s(self) -> float:
        """Of the server so far."""
        return float(self.send("GET", null_model.CPU_PATH))

    def api(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        content = None if body is None else json.dumps(body)
        return json.loads(self.send(method, path, content, JSON))

    def send(
        self,
        method: str,
        path: str,
        content: str | None = None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> str:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        sent = {"Accept-Encoding": "gzip", "Cookie": cookies, **headers}
        self._connection.request(method, path, content, sent)
        response = self._connection.getresponse()
        text = content_of(response).decode()
        assert response.status in (200, 201), f"{method} {path}: {response.status} {text}"
        for cookie in response.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return text


def content_of(response: http.client.HTTPResponse) -> bytes:
    content = response.read()
    is_compressed = response.headers["Content-Encoding"] == "gzip"
    return gzip.decompress(content) if is_compressed else content


@dataclass(eq=False)
class WebSide:
    """CPU seconds a spin of one server, for each kind, in each block."""

    name: str
    browser: Browser
    seconds: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def measure(self, kind: str, seed: int) -> None:
        spins = SPINS[kind](self.browser, start_session(self.browser, seed))
        next(spins)
        before_s = self.browser.cpu_s()
        for _ in range(NUM_SPINS):
            next(spins)
        self.seconds[kind].append((self.browser.cpu_s() - before_s) / NUM_SPINS)

    def a_spin(self, kind: str) -> float:
        return median(self.seconds[kind][WARM_UP_BLOCKS:])


def start_session(browser: Browser, seed: int) -> str:
    session_id: str = browser.api("POST", "/api/sessions", {"seed": seed})["session_id"]
    prompt = " ".join("a" * NUM_PROMPT_TOKENS)
    browser.api("POST", f"/api/sessions/{session_id}/set-prompt", {"prompt": prompt})
    return session_id


def spins_by_rest(browser: Browser, session_id: str) -> Iterator[None]:
    url = f"/api/sessions/{session_id}"
    while True:
        yield
        browser.api("GET", f"{url}/next-token-probs")
        browser.api("POST", f"{url}/spin", {})


def spins_by_page(browser: Browser, session_id: str) -> Iterator[None]:
    """As static/js/spin.js and next_wheel.js send them."""
    url = f"/wheel/{session_id}"
    page = browser.send("GET", url)
    form = page[page.index('id="spin-form"') :]
    fields = dict(HIDDEN_FIELD.findall(form[: form.index("</form>")]))
    knobs = {name: value for name, value in fields.items() if name not in FORM_ONLY}
    while True:
        yield
        landing = browser.send("POST", f"{url}/spin", urlencode(fields), HTMX | FORM)
        found = re.search(r'data-rev="(\d+)"', landing)
        assert found is not None
        fields["rev"] = found[1]
        browser.send("GET", f"{url}?{urlencode(knobs)}", None, HTMX | {"Shown-Rev": found[1]})


SPINS: dict[str, Callable[[Browser, str], Iterator[None]]] = {
    "REST": spins_by_rest,
    "page": spins_by_page,
}


def measure_checkouts(checkouts: list[Path], num_blocks: int) -> list[WebSide]:
    """The servers run at the same time, and are measured in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tokenizer = folder / "tokenizer.json"
        pair_tokenizer(NUM_TOKENS).save(str(tokenizer))
        servers = [
            NullServer(checkout, folder / f"{idx}", tokenizer)
            for idx, checkout in enumerate(checkouts)
        ]
        for server in servers:
            server.prepare()
            stack.callback(server.stop)
            server.start()
        sides = [
            WebSide(str(checkout), Browser(server.port))
            for checkout, server in zip(checkouts, servers, strict=True)
        ]
        for seed in range(num_blocks + WARM_UP_BLOCKS):
            for kind in KINDS:
                for side in sides:
                    side.measure(kind, seed)
        return sides


def measure_own(num_blocks: int = NUM_BLOCKS // 2) -> dict[str, float]:
    """CPU seconds a spin of this checkout, for each kind."""
    (side,) = measure_checkouts([OWN_CHECKOUT], num_blocks)
    return {kind: side.a_spin(kind) for kind in KINDS}


def lines(sides: list[WebSide]) -> Iterator[str]:
    for kind in KINDS:
        first = sides[0].a_spin(kind)
        for side in sides:
            cpu = side.a_spin(kind)
            yield f"{kind}  {cpu * 1000:6.2f} ms  {cpu / first:5.2f}  {side.name}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", type=Path, nargs="*", default=[OWN_CHECKOUT])
    parser.add_argument("--blocks", type=int, default=NUM_BLOCKS)
    arguments = parser.parse_args()
    checkouts = [checkout.resolve() for checkout in arguments.checkouts]
    for line in lines(measure_checkouts(checkouts, arguments.blocks)):
        print(line)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tokenwheel.settings")
    django.setup()
    main()
