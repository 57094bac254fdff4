"""The prefix of `URL_PREFIX` is removed from paths, whether or not a proxy has done so."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tokenwheel.middleware.endpoints import endpoint_of
from tokenwheel.middleware.url_prefix import remove_url_prefix


@pytest.fixture
def passed_on(settings):
    """The request that later code gets for a path."""
    settings.URL_PREFIX = settings.FORCE_SCRIPT_NAME = "/tw"
    settings.STATIC_URL = "/tw/static/"

    def passed_on(path):
        request = RequestFactory().get("/")
        request.path_info = path
        remove_url_prefix(lambda _: HttpResponse())(request)
        return request

    return passed_on


@pytest.mark.parametrize(
    ("given", "inner"),
    [
        ("/tw", "/"),
        ("/tw/", "/"),
        ("/", "/"),
        ("/tw/api/models", "/api/models"),
        ("/api/models", "/api/models"),
        ("/tw/tw/", "/tw/"),  # the prefix is removed once
        ("/two", "/two"),
        ("/TW/", "/TW/"),
    ],
)
def test_the_prefix_is_removed_once_and_whole(passed_on, given, inner):
    request = passed_on(given)
    assert (request.path_info, request.path) == (inner, f"/tw{inner}")


@pytest.mark.parametrize("path", ["/tw/static/css/base.css", "/static/css/base.css"])
def test_a_static_file_is_known_with_and_without_the_prefix(passed_on, path):
    assert endpoint_of(passed_on(path)).pattern == "static"


def test_endpoints_have_the_same_labels_as_without_a_prefix(passed_on):
    assert endpoint_of(passed_on("/tw/api/models")).pattern == "/api/models"


def test_without_a_prefix_nothing_is_changed(settings):
    def get_response(_):
        return HttpResponse()

    assert remove_url_prefix(get_response) is get_response
