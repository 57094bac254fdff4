"""Hostile prompts through the API and the pages of a real server (`make hostile` sends 10,000).

Each comes back exactly or is refused with 400; no page has an element that only a prompt could have
brought in; the log has no text of them.
"""

import json
import logging
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote_plus

import pytest
import requests

from tests.checkpoints import write_hub_checkpoint
from tests.hostile_prompts import CANARY, FAMILIES, MAX_CHARACTERS, hostile_prompts
from tests.pages.markup import ElementCollector
from tests.waiting import HANGING_S

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

NUM_PROMPTS = int(os.environ.get("HOSTILE_PROMPTS", "80"))
NUM_CLIENTS = 2
CONTEXT_LENGTH = 2048
logger = logging.getLogger(__name__)
REPLACEMENT = "\ufffd"
SURROGATES = re.compile("[\ud800-\udfff]")
LINE_BREAKS = re.compile("\r\n|\r|\n")
THRESHOLDS = [0.001, 0.05, 0.2, 0.3]  # wheels of many segments and of few
HARMLESS = ["The cat sat", "a", "\n\nA line break", "word " * 300, "1, 2, 3", "é 日本", " x "]


def as_typed(prompt):
    """What a browser's form holds: no lone surrogates, and one kind of line break."""
    return LINE_BREAKS.sub("\n", SURROGATES.sub(REPLACEMENT, prompt))


def expected_statuses(prompt):
    if not prompt.strip() or "\0" in prompt or SURROGATES.search(prompt):
        return {400}
    if len(prompt) > MAX_CHARACTERS:
        return {400, 413}
    is_short = len(prompt.encode()) < CONTEXT_LENGTH  # no token is shorter than a byte
    return {200} if is_short else {200, 400}


class HostileClient:
    """Sends prompts to one server. `problems` are sentences; `outcomes` counts statuses."""

    def __init__(self, url):
        self.url = url
        self.problems = []
        self.outcomes: Counter[str] = Counter()
        self._http = requests.Session()
        self._http.get(url)
        self._http.headers["X-CSRFToken"] = str(self._http.cookies["csrftoken"])
        session = self._post_json("/api/sessions", "{}").json()
        self._session = f"/api/sessions/{session['session_id']}"
        self.allowed = {}  # the attributes of each element of harmless pages

    def learn_elements(self):
        for prompt in HARMLESS:
            page = self._start(prompt)
            assert page.status_code == 200
            found = self._find(page, prompt[:200])
            refused = self._start(prompt + "x" * MAX_CHARACTERS)
            assert refused.status_code == 400
            other_wheels = [self._get(f"{page_path(page)}?threshold={t}") for t in THRESHOLDS]
            for answer in (page, found, refused, *other_wheels):
                for element in parse(answer):
                    self.allowed.setdefault(element.tag, set()).update(element.attributes)

    def send(self, family, prompt):
        before = len(self.problems)
        self._send_to_the_api(prompt, in_ascii=len(prompt) % 2 == 0)
        self._send_to_the_pages(prompt)
        self.problems[before:] = [f"{family}: {text}" for text in self.problems[before:]]

    def _send_to_the_api(self, prompt, *, in_ascii):
        is_utf_8 = not in_ascii and not SURROGATES.search(prompt)
        body = json.dumps({"prompt": prompt}, ensure_ascii=not is_utf_8)
        answer = self._post_json(f"{self._session}/set-prompt", body)
        self._note("API", prompt, answer, expected_statuses(prompt))
        if answer.status_code == 200:
            session = self._get(self._session).json()
            if not answer.json()["current_text"] == prompt == session["current_text"]:
                self.problems.append(f"the API changed {prompt!r}")
            exported = self._get(self._session.replace("/api/sessions", "/wheel") + "/export.json")
            if CANARY in prompt and CANARY not in exported.text:
                self.problems.append(f"the document lacks {prompt!r}")
        elif not {"detail", "code"} <= set(answer.json()):
            self.problems.append(f"no clear refusal of {prompt!r}")
        token = self._post_json(f"{self._session}/append-token", json.dumps({"token_text": prompt}))
        self._note("token", prompt, token, {200, 400})

    def _send_to_the_pages(self, prompt):
        typed = as_typed(prompt)
        page = self._start(typed.replace("\n", "\r\n"))
        self._note("page", prompt, page, expected_statuses(typed))
        self._check_page(page, typed)
        if page.status_code == 200:
            found = self._find(page, typed[-200:])
            self._note("search", prompt, found, {200, 400})
            self._check_elements(found, prompt)
        if SURROGATES.search(prompt):  # as no browser sends it
            body = "prompt=" + quote_plus(prompt.encode("utf-8", "surrogatepass"))
            self._note("raw page", prompt, self._post_form("/", body), {302, 400})

    def _check_page(self, page, typed):
        elements = self._check_elements(page, typed)
        boxes = [box_text(e) for e in elements if e.tag == "textarea"]
        if typed.strip() and any(text != typed for text in boxes):
            self.problems.append(f"the page changed {typed!r} to {boxes!r}")
        is_wheel = page.status_code == 200
        if is_wheel and not any("chip-prompt" in element.classes for element in elements):
            self.problems.append(f"no tokens on the page of {typed!r}")

    def _check_elements(self, page, prompt):
        elements = parse(page)
        for element in elements:
            if not set(element.attributes) <= self.allowed.get(element.tag, set()):
                self.problems.append(f"{prompt!r} brought in {element}")
        return elements

    def _note(self, place, prompt, answer, statuses):
        self.outcomes[f"{place} {answer.status_code}"] += 1
        if answer.status_code not in statuses:
            self.problems.append(f"{place} answered {answer.status_code} to {prompt!r}")

    def _start(self, prompt):
        """The wheel's page, with few segments, or the answer that refuses the prompt."""
        answer = self._post_form("/", {"prompt": prompt})
        if answer.status_code != 302:
            return answer
        return self._get(f"{answer.headers['Location']}?threshold=0.5")

    def _find(self, page, text):
        """A part of a page, as htmx requests it."""
        return self._post_form(page_path(page) + "/find", {"text": text}, {"HX-Request": "true"})

    def _get(self, path):
        return self._http.get(self.url + path, timeout=HANGING_S)

    def _post_json(self, path, body):
        headers = {"Content-Type": "application/json"}
        return self._http.post(self.url + path, body.encode(), headers=headers, timeout=HANGING_S)

    def _post_form(self, path, fields, headers=None):
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        return self._http.post(
            self.url + path, fields, headers=headers, timeout=HANGING_S, allow_redirects=False
        )


def parse(page):
    """The elements, after the line breaks are made equal, as HTML's parsers do."""
    return ElementCollector(LINE_BREAKS.sub("\n", page.text)).elements


def box_text(element):
    """The text of a text area: its first line break is markup."""
    return "".join(element.parts).removeprefix("\n")


def page_path(page):
    return re.sub(r"^https?://[^/]+", "", page.url).partition("?")[0]


@pytest.fixture(scope="module")
def small_server(prepared_folder, tmp_path_factory):
    """A server with a small model that reads long prompts, and without rate limits."""
    models_dir = tmp_path_factory.mktemp("models")
    write_hub_checkpoint(models_dir, "openai-community/gpt2", context_length=CONTEXT_LENGTH)
    environment = {
        "TRANSFORMERS_CACHE": str(models_dir),
        "WHEEL_MODELS": "gpt2",
        "WHEEL_MAX_SESSIONS": "0",
        "LOG_LEVEL": "DEBUG",
    } | {f"LIMIT_{name}": "" for name in ("SESSION", "ADDRESS", "STARTS")}
    data_dir = tmp_path_factory.mktemp("data")
    with prepared_folder.running_server(data_dir, **environment) as server:
        yield server


def test_the_same_seed_gives_the_same_prompts_of_every_family():
    prompts = list(hostile_prompts(200))
    assert prompts == list(hostile_prompts(200))
    assert prompts != list(hostile_prompts(200, seed=2))
    assert {family for family, _ in prompts} == set(FAMILIES)


def test_hostile_prompts_come_back_exactly_or_are_refused_and_are_not_logged(small_server):
    clients = [HostileClient(small_server.url) for _ in range(NUM_CLIENTS)]
    clients[0].learn_elements()
    prompts = list(hostile_prompts(NUM_PROMPTS))

    def send_share(number):
        clients[number].allowed = clients[0].allowed
        for family, prompt in prompts[number::NUM_CLIENTS]:
            clients[number].send(family, prompt)

    with ThreadPoolExecutor(NUM_CLIENTS) as pool:
        list(pool.map(send_share, range(NUM_CLIENTS)))
    outcomes = sum((client.outcomes for client in clients), Counter())
    logger.warning("%d prompts: %s", NUM_PROMPTS, dict(sorted(outcomes.items())))
    problems = [problem for client in clients for problem in client.problems]
    assert not problems, "\n".join([f"{len(problems)} problems", *problems[:20]])
    assert outcomes["API 200"] + outcomes["API 400"] == NUM_PROMPTS
    assert outcomes["page 200"] + outcomes["page 400"] == NUM_PROMPTS
    assert CANARY not in small_server.log()
