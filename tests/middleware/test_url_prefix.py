"""The prefix of `URL_PREFIX` is removed from paths, whether or not a proxy has done so."""

import pytest
from django.http import HttpResponse
from django.test import AsyncRequestFactory, RequestFactory

from tokenwheel.middleware.endpoints import endpoint_of
from tokenwheel.middleware.url_prefix import remove_url_prefix


def wsgi_request(path):
    return RequestFactory().get(path)


def asgi_request(path):
    return AsyncRequestFactory().get(path)


@pytest.fixture
def passed_on(settings):
    """The request that later code gets for a path."""
    settings.URL_PREFIX = settings.FORCE_SCRIPT_NAME = "/tw"
    settings.STATIC_URL = "/tw/static/"

    def passed_on(path, make_request=wsgi_request):
        request = make_request(path)
        remove_url_prefix(lambda _: HttpResponse())(request)
        return request

    return passed_on


@pytest.mark.parametrize("make_request", [wsgi_request, asgi_request])
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
def test_the_prefix_is_removed_as_a_whole_under_wsgi_and_asgi(
    passed_on, given, inner, make_request
):
    request = passed_on(given, make_request)
    assert (request.path_info, request.path) == (inner, f"/tw{inner}")


@pytest.mark.parametrize("path", ["/tw/static/css/base.css", "/static/css/base.css"])
def test_a_static_file_is_known_with_and_without_the_prefix(passed_on, path):
    assert endpoint_of(passed_on(path)).pattern == "static"


def test_endpoints_have_the_same_labels_as_without_a_prefix(passed_on):
    assert endpoint_of(passed_on("/tw/api/models")).pattern == "/api/models"


def test_a_session_is_known_by_its_id_for_the_rate_limits(passed_on):
    request = passed_on("/tw/api/sessions/0f8fad5b-d9cb-469f-a165-70867728950e")
    assert endpoint_of(request).session_id == "0f8fad5bd9cb469fa16570867728950e"


def test_without_a_prefix_nothing_is_changed(settings):
    def get_response(_):
        return HttpResponse()

    assert remove_url_prefix(get_response) is get_response
