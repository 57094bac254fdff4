"""Answers that middleware makes have a length, and the headers that answers of views have."""

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from limits import parse

from tests.content_security_policy import STRICT
from tokenwheel.middleware.content import set_content_length

ANOTHER_SITE = {"Origin": "https://notebook.example"}


def throttled(client, settings):
    settings.LIMITS = {"address": parse("1/hour")}
    client.get("/api/models")
    return client.get("/api/models", headers=ANOTHER_SITE)


def of_unknown_length(client, settings):
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post("/api/sessions", headers=ANOTHER_SITE, **chunked)


def too_large(client, settings):
    return client.post("/api/sessions", {"text": "x" * 70_000}, headers=ANOTHER_SITE)


def options(client, settings):
    return client.options("/api/models", headers=ANOTHER_SITE)


def options_of_a_file(client, settings):
    return client.options("/static/css/base.css", headers=ANOTHER_SITE)


def condition_that_fails(client, settings):
    return client.get("/api/models", headers=ANOTHER_SITE | {"If-Match": '"another"'})


def not_modified(client, settings):
    etag = client.get("/api/models")["ETag"]
    return client.get("/api/models", headers=ANOTHER_SITE | {"If-None-Match": etag})


def of_a_view(client, settings):
    return client.get("/api/models", headers=ANOTHER_SITE)


ANSWERS = {
    throttled: 429,
    of_unknown_length: 411,
    too_large: 413,
    options: 200,
    options_of_a_file: 200,
    condition_that_fails: 412,
    not_modified: 304,
    of_a_view: 200,
}
every_answer = pytest.mark.parametrize("ask", ANSWERS, ids=lambda ask: ask.__name__)


@pytest.fixture
def answer(wheel_runtime, db, settings, ask):
    answer = ask(Client(), settings)
    assert answer.status_code == ANSWERS[ask]
    return answer


@every_answer
def test_every_answer_with_a_body_says_its_length(answer, ask):
    """So that the connection can serve the next request."""
    length = None if ask is not_modified else str(len(answer.content))
    assert answer.headers.get("Content-Length") == length


@every_answer
def test_every_answer_has_the_headers_for_security(answer):
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.has_header("Permissions-Policy")
    assert set(answer["Content-Security-Policy"].split("; ")) == STRICT


@every_answer
def test_every_answer_of_the_api_can_be_read_by_other_origins(answer, ask):
    if ask is not options_of_a_file:
        assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("ask", [condition_that_fails, not_modified], ids=["412", "304"])
def test_an_answer_to_a_condition_describes_no_other_content(answer, ask):
    assert not answer.has_header("Content-Disposition")
    if ask is not_modified:
        assert answer.content == b""
        assert not answer.has_header("Content-Type")
    else:
        assert answer["Content-Type"] == "application/json"
        assert not answer.has_header("ETag")


@pytest.mark.parametrize(
    "response",
    [StreamingHttpResponse(["a", "b"]), HttpResponse(status=204), HttpResponse(status=304)],
    ids=["streamed", "204", "304"],
)
def test_a_stream_and_an_answer_that_can_have_no_body_get_no_length(response):
    passed = set_content_length(lambda _: response)(RequestFactory().get("/"))
    assert passed is response
    assert not passed.has_header("Content-Length")


def test_a_length_that_is_set_is_kept():
    """A view may answer HEAD without making the body."""
    response = HttpResponse(headers={"Content-Length": "12"})
    passed = set_content_length(lambda _: response)(RequestFactory().head("/"))
    assert passed["Content-Length"] == "12"
