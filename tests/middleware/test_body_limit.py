"""Limits on request bodies, and their encoding."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tokenwheel.middleware.body_limit import limit_request_body

FORM = "application/x-www-form-urlencoded"


def answer(**headers):
    """The middleware's answer; the view's has the status 204."""
    request = RequestFactory().post("/", b"text=%C3%A9", content_type=FORM)
    request.META |= headers
    return limit_request_body(lambda _: HttpResponse(status=204))(request)


@pytest.mark.parametrize(
    ("length", "status"),
    [("10", 204), ("65536", 204), ("65537", 413), ("9" * 18, 413), ("9" * 5000, 413)],
)
def test_a_body_is_refused_by_the_length_that_it_announces(length, status):
    assert answer(CONTENT_LENGTH=length).status_code == status


def test_a_body_of_unknown_length_is_refused():
    assert answer(CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked").status_code == 411


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "no-such-codec"])
def test_a_form_is_utf_8_whatever_charset_it_names(charset):
    kind = f"{FORM}; charset={charset}"
    request = RequestFactory().generic("POST", "/", b"text=%C3%A9", content_type=kind)
    echo = limit_request_body(lambda request: HttpResponse(request.POST["text"]))
    assert echo(request).getvalue().decode() == "\u00e9"
