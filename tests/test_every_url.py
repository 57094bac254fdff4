"""HEAD, OPTIONS, 405 and the cache headers at every URL of the URL configuration.

A new URL fails here until the table says how it is cached and which methods it allows.
"""

from dataclasses import dataclass

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from wheel import services
from wheel.models import Classroom
from wheel.pages.lessons.course import COURSE
from wheel.services import classrooms

NEVER = "max-age=0, no-cache, no-store, must-revalidate, private"
REVALIDATED = "no-cache, public"
SHORT = "max-age=10, public"
READ = {"GET", "HEAD", "OPTIONS"}
POST = {"POST", "OPTIONS"}
FORM = READ | POST
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]


@dataclass(frozen=True)
class Resource:
    allowed: set[str]
    cache_control: str = NEVER
    query: str = ""  # what it cannot do without


def a_prediction(lesson):
    return f"prediction={lesson.choices[0].key}" if lesson.choices else ""


PAGE, ACTION, API_CALL = Resource(READ), Resource(FORM), Resource(POST)
RESOURCES = {
    "metrics": PAGE,
    "health": PAGE,
    "ready": PAGE,
    "api/": Resource(READ, REVALIDATED),
    "api/models": Resource(READ, SHORT),
    "api/schema": Resource(READ, REVALIDATED),
    "api/docs": Resource(READ, REVALIDATED),
    "api/sessions": API_CALL,
    "api/sessions/<session_id>": Resource(READ | {"DELETE"}),
    "api/sessions/<session_id>/next-token-probs": PAGE,
    "api/sessions/<session_id>/set-prompt": API_CALL,
    "api/sessions/<session_id>/append-token": API_CALL,
    "api/sessions/<session_id>/spin": API_CALL,
    "api/sessions/<session_id>/undo": API_CALL,
    "api/sessions/<session_id>/simulate": API_CALL,
    "api/tokenize": API_CALL,
    "api/score": API_CALL,
    "api/sessions/<session_id>/branches": PAGE,
    "api/sessions/<session_id>/branches/<branch>/restore": API_CALL,
    "api/classrooms/<code>": PAGE,
    "api/classrooms/<code>/sessions": API_CALL,
    "": Resource(FORM),
    "join": Resource(FORM),
    "text-size": ACTION,
    "language": ACTION,
    "recent/clear": ACTION,
    "recent/remove": ACTION,
    "wheel/<session_id>": PAGE,
    "wheel/<session_id>/knob-steps": Resource(READ, query="knob=top_k"),
    "wheel/<session_id>/prompt-figures": PAGE,
    "wheel/<session_id>/class": Resource(READ, "no-cache, private"),
    "wheel/<session_id>/landing": Resource(READ, query="rev=2"),
    "wheel/<session_id>/branches": PAGE,
    "wheel/<session_id>/branches/restore": ACTION,
    "wheel/<session_id>/export.json": PAGE,
    "wheel/<session_id>/export.csv": PAGE,
    "wheel/<session_id>/wheel.svg": PAGE,
    **{
        f"wheel/<session_id>/{name}": ACTION
        for name in ("spin", "choose", "undo", "redo", "rewind", "find", "delete", "prompt")
    },
    "classrooms/<classroom_id>/wall": PAGE,
    "classrooms/<classroom_id>/sheet": PAGE,
    **{
        f"classrooms/<classroom_id>/{name}": ACTION
        for name in ("freeze", "resume", "end", "reset", "prompt", "spin", "virtual", "names")
    },
    **{
        f"classrooms/<classroom_id>/{name}": ACTION
        for name in ("hide", "hold", "release", "guesses")
    },
    "lessons": PAGE,
    **{f"lessons/{page.lesson.key}": Resource(FORM) for page in COURSE},
    **{
        f"lessons/{page.lesson.key}/<session_id>": Resource(READ, query=a_prediction(page.lesson))
        for page in COURSE
        if page.lesson.is_on_session
    },
    "lessons/guess-first/<session_id>": Resource(FORM),
    "lessons/one-word-changed/<session_id>": Resource(FORM, query="prediction=some"),
}
COUNTING = "lessons/counting-model/<session_id>"  # it needs a session with a counting model
CACHED = [path for path, resource in RESOURCES.items() if resource.cache_control != NEVER]
every_resource = pytest.mark.parametrize("path", RESOURCES, ids=lambda path: path or "start")


def routes(patterns, before=""):
    """The route of each URL pattern, with the session's id by one name in all."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern.url_patterns, route)


def plain(route):
    for name in ("session_id", "code"):
        for written in (f"<str:{name}>", f"(?P<{name}>[^/]+)"):
            route = route.replace(written, f"<{name}>")
    route = route.replace("<int:classroom_id>", "<classroom_id>")
    route = route.replace("(?P<branch>[0-9]{1,9})", "<branch>")
    return route.replace("^", "").replace("\\Z", "").replace("$", "")


@pytest.fixture(autouse=True)
def metrics_on(settings):
    settings.WHEEL_METRICS = True


@pytest.fixture
def session_id(wheel_runtime, db, engine):
    engine.start()
    classroom = Classroom.objects.create(title="4b", prompt="The cat")
    session_id = classrooms.add_member(classroom).session.session_id
    services.spin(session_id=session_id)
    classrooms.spin_everyone(classroom, round_number=1)
    return session_id


@pytest.fixture
def ask(session_id):
    """Sends a request to a resource of the session, or of a class, from a client without
    cookies."""
    code = Classroom.objects.create(title="Class 4b").code

    counting = services.start_counting(text="The cat sat.", prompt="The cat", order=2)

    def ask(method, path, **options):
        asked_id = counting.session_id if path == COUNTING else session_id
        address = "/" + path.replace("<session_id>", asked_id).replace("<code>", code)
        address = address.replace("<classroom_id>", "1").replace("<branch>", "1")
        if path in RESOURCES and RESOURCES[path].query:
            address += "?" + RESOURCES[path].query
        return Client(raise_request_exception=False).generic(method, address, **options)

    return ask


def state(session_id):
    """The session without its last access, which every use moves."""
    session = services.get_session(session_id=session_id).session
    return session.rev, session.history, session.undone, session.branches, session.settings


def headers_of(response):
    """Without those that differ in every response."""
    changing = {"X-Request-ID", "Expires", "Last-Modified"}
    return {name: value for name, value in response.items() if name not in changing}


def test_the_table_names_every_url():
    found = {plain(route) for route in routes(get_resolver().url_patterns)}
    found = {route for route in found if not route.startswith("admin/")}
    assert found - {"api/"} == set(RESOURCES) - {"api/"}


@every_resource
def test_head_answers_as_get_does_without_a_body_and_changes_nothing(ask, session_id, path):
    get = ask("GET", path)
    before = state(session_id)
    head = ask("HEAD", path)
    assert head.status_code == get.status_code
    assert head.content == b""
    if get.status_code != 405 and path != "metrics":  # 405 names the method; metrics move on
        assert headers_of(head) == headers_of(get)
    assert state(session_id) == before


@every_resource
def test_options_names_the_allowed_methods_and_changes_nothing(ask, session_id, path):
    before = state(session_id)
    response = ask("OPTIONS", path)
    assert response.status_code == 200
    assert set(response["Allow"].split(", ")) == RESOURCES[path].allowed
    assert "sessionid" not in response.cookies
    assert state(session_id) == before


@every_resource
def test_other_methods_are_answered_with_405_and_those_allowed(ask, session_id, path):
    before = state(session_id)
    for method in set(METHODS) - RESOURCES[path].allowed:
        response = ask(method, path)
        assert response.status_code == 405, method
        assert set(response["Allow"].split(", ")) | {"OPTIONS"} == RESOURCES[path].allowed
        assert response["Cache-Control"] == NEVER
    assert state(session_id) == before


@every_resource
def test_cache_headers_are_those_of_the_table(ask, path):
    response = ask("GET", path)
    is_read = "GET" in RESOURCES[path].allowed
    assert response.status_code in ((200, 302) if is_read else (405,))
    assert sorted_directives(response) == RESOURCES[path].cache_control
    assert response.has_header("ETag") == (path in CACHED)


def sorted_directives(response):
    value = response["Cache-Control"]
    return value if value == NEVER else ", ".join(sorted(value.split(", ")))


@pytest.mark.parametrize("path", CACHED)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_has_the_answer_gets_304(ask, path, method):
    etag = ask("GET", path)["ETag"]
    again = ask(method, path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], sorted_directives(again)) == (etag, RESOURCES[path].cache_control)
    other = ask(method, path, headers={"If-None-Match": '"another"'})
    assert other.status_code == 200


@pytest.mark.parametrize("path", CACHED)
@pytest.mark.parametrize(
    "headers",
    [{"If-Match": '"another"'}, {"If-Unmodified-Since": "Wed, 01 Jan 2020 00:00:00 GMT"}],
    ids=lambda headers: next(iter(headers)),
)
def test_a_condition_that_does_not_hold_is_an_error_in_json(ask, path, headers):
    response = ask("GET", path, headers=headers)
    assert (response.status_code, response.json()["code"]) == (412, "precondition_failed")
    assert response["Cache-Control"] == NEVER
    etag = ask("GET", path)["ETag"]
    assert ask("GET", path, headers={"If-Match": etag}).status_code == 200


@pytest.mark.parametrize(
    "path", ["nothing", "api/nothing", "wheel/nothing", "api/sessions/nothing", "static/nothing"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_an_answer_to_an_unknown_address_is_never_stored(ask, path, method):
    response = ask(method, path)
    if (method, path) not in {("OPTIONS", "wheel/nothing"), ("OPTIONS", "api/sessions/nothing")}:
        assert response.status_code == 404
    assert response["Cache-Control"] == NEVER


def test_a_file_is_cached_and_answers_head_and_options(ask):
    get, head = ask("GET", "static/css/base.css"), ask("HEAD", "static/css/base.css")
    assert "public" in get["Cache-Control"]
    assert get.has_header("ETag")
    assert headers_of(head) == headers_of(get)
    options = ask("OPTIONS", "static/css/base.css")
    assert (options.status_code, options["Allow"]) == (200, "GET, HEAD, OPTIONS")
    assert ask("PUT", "static/css/base.css")["Allow"] == "GET, HEAD"


def test_a_wheel_that_is_only_asked_for_its_head_is_not_the_wheel_last_served(ask, session_id):
    before = state(session_id)
    for path in ("api/sessions/<session_id>/next-token-probs", "wheel/<session_id>"):
        assert ask("HEAD", path, query_params={"temperature": "2"}).status_code == 200
        assert state(session_id) == before
        assert ask("GET", path, query_params={"temperature": "2"}).status_code == 200
        assert state(session_id) != before
        ask("GET", path, query_params={"temperature": "1"})


def test_a_preflight_request_is_answered_for_other_origins(ask):
    headers = {"Origin": "https://school.example", "Access-Control-Request-Method": "POST"}
    response = ask("OPTIONS", "api/sessions/<session_id>/spin", headers=headers)
    assert response.status_code == 200
    assert "POST" in response["Access-Control-Allow-Methods"]


def admin_urls():
    return [
        reverse("admin:index"),
        reverse("admin:login"),
        *(
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            for model in site._registry
        ),
    ]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "BREW"])
def test_the_admin_of_django_answers_every_method_without_an_error(admin_client, method):
    for url in admin_urls():
        for client in (admin_client, Client()):
            response = client.generic(method, url)
            assert response.status_code < 500
            assert response["Cache-Control"] == NEVER
