"""Fixtures for tests of the pages: a client that sends a page's forms, and pages in Chromium."""

from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.pages.browser import NOTE_LANDINGS, guide_seen, new_context, note_violations, wait_until
from wheel import services
from wheel.errors import EngineBusyError

PROMPT = "The cat sat on the"


class FormParser(HTMLParser):
    """Collects a page's forms: where they go, and the fields that they would send."""

    def __init__(self, html):
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.textarea = None
        self.select = None
        self.fields_by_form_id: dict[str, dict[str, str]] = {}
        self.feed(html)
        for form in self.forms:
            form["fields"] |= self.fields_by_form_id.get(form["id"], {})

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form":
            form = {"id": values.get("id"), "method": values["method"], "action": values["action"]}
            self.forms.append(form | {"fields": {}, "buttons": []})
        elif tag == "input" and "form" in values:
            fields = self.fields_by_form_id.setdefault(values["form"], {})
            fields[values["name"]] = values["value"]
        elif tag == "input" and self.forms and is_sent(values):
            self.forms[-1]["fields"][values["name"]] = values.get("value", "")
        elif tag == "button" and self.forms:
            self.forms[-1]["buttons"].append((values.get("name"), values.get("value")))
        elif tag == "select":
            self.select = values["name"]
        elif tag == "option" and "selected" in values:
            self.forms[-1]["fields"][self.select] = values["value"]
        elif tag == "textarea":
            self.textarea = values["name"]
            self.forms[-1]["fields"][self.textarea] = ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            fields = self.forms[-1]["fields"]
            fields[self.textarea] = fields[self.textarea].removeprefix("\n")
            self.textarea = None

    def handle_data(self, data):
        if self.textarea:
            self.forms[-1]["fields"][self.textarea] += data


def is_sent(values):
    is_off = values.get("type") == "radio" and "checked" not in values
    return "name" in values and "disabled" not in values and not is_off


class Visitor(Client):
    """Follows links and sends forms just as they are on the page."""

    def form(self, response, action_end):
        """The form whose address ends like this."""
        forms = FormParser(response.content.decode()).forms
        return next(form for form in forms if urlsplit(form["action"]).path.endswith(action_end))

    def send(self, response, action_end, *, follow=True, **changes):
        form = self.form(response, action_end)
        send = self.get if form["method"] == "get" else self.post
        return send(form["action"], form["fields"] | changes, follow=follow)

    def ask(self, response, action_end, headers=None, **changes):
        """The same with htmx: the answer is parts of the page."""
        form = self.form(response, action_end)
        headers = {"HX-Request": "true"} | (headers or {})
        return self.post(form["action"], form["fields"] | changes, headers=headers)


@pytest.fixture
def visitor(wheel_runtime, db):
    return Visitor()


@pytest.fixture
def session_id(visitor):
    """A session with a prompt, seeded so that its spins are known."""
    return start_session()


@pytest.fixture
def wheel_page(visitor, session_id):
    """The wheel page of that session."""
    return visitor.get(f"/wheel/{session_id}")


@pytest.fixture
def open_wheel(chromium, live_server, wheel_runtime):
    """Opens the page of a new, seeded session; errors on the page fail the test. The browser has
    seen the guided start before, unless it is the first visit."""
    with wheel_opener(chromium, live_server) as open_page:
        yield open_page


@pytest.fixture
def open_wheel_in_firefox(firefox, live_server, wheel_runtime):
    with wheel_opener(firefox, live_server) as open_page:
        yield open_page


@contextmanager
def wheel_opener(browser, live_server):
    contexts, errors = [], []

    def open_page(
        *,
        seed=1,
        prompt="The cat sat on the",
        session_id=None,
        query="",
        is_first_visit=False,
        before=None,
        **options,
    ):
        options = {"viewport": {"width": 1280, "height": 800}} | options
        if not is_first_visit:
            options["storage_state"] = guide_seen(live_server.url)
        context = new_context(browser, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        note_violations(page, errors)
        page.wait_for_function = partial(wait_until, page)
        page.session_id = session_id or start_session(prompt=prompt, seed=seed)
        if before is not None:
            before(page)
        page.goto(f"{live_server.url}/wheel/{page.session_id}{query}")
        if options.get("java_script_enabled", True):
            page.evaluate(NOTE_LANDINGS)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def start_session(prompt=PROMPT, seed=1):
    session_id = services.start_session(seed=seed).session_id
    if prompt:
        services.set_prompt(session_id=session_id, prompt=prompt)
    return session_id


def history(session_id):
    return services.get_session(session_id=session_id).session.history


@pytest.fixture
def broken_engine(wheel_runtime, monkeypatch):
    """An engine that is too busy to answer."""

    def refuse(self, model_id, token_ids, **_):
        future: Future[None] = Future()
        future.set_exception(EngineBusyError())
        return future

    monkeypatch.setattr(type(wheel_runtime.engine), "next_logits", refuse)
