"""GET /api/schema and /api/docs."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from tests.api.helpers import assert_error

PATHS = {
    "/api/": {"get"},
    "/api/classrooms/{code}": {"get"},
    "/api/classrooms/{code}/sessions": {"post"},
    "/api/models": {"get"},
    "/api/score": {"post"},
    "/api/sessions": {"post"},
    "/api/sessions/{session_id}": {"get", "delete"},
    "/api/sessions/{session_id}/append-token": {"post"},
    "/api/sessions/{session_id}/next-token-probs": {"get"},
    "/api/sessions/{session_id}/set-prompt": {"post"},
    "/api/sessions/{session_id}/simulate": {"post"},
    "/api/sessions/{session_id}/spin": {"post"},
    "/api/sessions/{session_id}/undo": {"post"},
    "/api/tokenize": {"post"},
    "/api/sessions/{session_id}/branches": {"get"},
    "/api/sessions/{session_id}/branches/{branch}/restore": {"post"},
    "/health": {"get"},
    "/ready": {"get"},
}
SESSION = "/api/sessions/{session_id}"
SETTINGS = ("threshold", "temperature", "top_k", "top_p", "min_p")


@pytest.fixture(scope="module")
def document():
    return Client().get("/api/schema").json()


@pytest.fixture
def page(api):
    answer = api.get("/api/docs", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    return answer.content.decode()


def sources(page):
    return re.findall(r"""(?:src|href)\s*=\s*["']([^"']*)["']""", page)


def test_every_endpoint_is_published_with_its_methods(document):
    published = {path: set(operations) for path, operations in document["paths"].items()}
    assert published == PATHS
    assert document["openapi"].startswith("3.")


def test_every_operation_has_a_summary_and_a_success(document):
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["summary"]
            assert {"200", "201"} & set(operation["responses"])


def test_the_query_of_the_wheel_is_published(document):
    operation = document["paths"]["/api/sessions/{session_id}/next-token-probs"]["get"]
    names = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
    assert names == {"threshold", "other_top_k", "temperature", "top_k", "top_p", "min_p"}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (f"{SESSION}/set-prompt", {"prompt", "rev"}),
        (f"{SESSION}/append-token", {"token_id", "token_text", "category", "rev", *SETTINGS}),
        (f"{SESSION}/spin", {"u", "rev", *SETTINGS}),
        (f"{SESSION}/simulate", {"num_spins", "seed", *SETTINGS}),
        (f"{SESSION}/undo", {"rev"}),
        ("/api/tokenize", {"text", "model_name"}),
        ("/api/score", {"text", "model_name"}),
    ],
)
def test_the_fields_of_bodies_are_published(document, path, fields):
    assert set(body_schema(document, path)["properties"]) == fields


def test_the_ranges_of_a_simulation_and_what_it_needs_are_published(document):
    schema = body_schema(document, f"{SESSION}/simulate")
    num_spins, seed = schema["properties"]["num_spins"], schema["properties"]["seed"]
    assert schema["required"] == ["num_spins"]
    assert (num_spins["minimum"], num_spins["maximum"]) == (1, 10_000)
    assert (seed["minimum"], seed["maximum"], seed["nullable"]) == (0, 2**53 - 1, True)


def body_schema(document, path):
    content = document["paths"][path]["post"]["requestBody"]["content"]
    reference = content["application/json"]["schema"]["$ref"]
    return document["components"]["schemas"][reference.rpartition("/")[2]]


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/vnd.oai.openapi+json"])
def test_the_schema_is_json(api, accept):
    answer = api.get("/api/schema", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("json")
    assert answer.json()["info"]["title"] == "Token Wheel"


def test_the_docs_are_a_page_that_needs_no_foreign_origin(page):
    assert "swagger" in page
    assert sources(page)
    assert not [source for source in sources(page) if re.match(r"(\w+:)?//", source)]
    assert not re.search(r"(@import|url\()\s*['\"]?(\w+:)?//", page)


def test_the_docs_alone_may_show_images_from_data_urls(api):
    docs = api.get("/api/docs", headers={"Accept": "text/html"})
    assert "img-src 'self' data:;" in docs["Content-Security-Policy"] + ";"
    assert "data:" not in api.get("/")["Content-Security-Policy"]


def test_every_resource_of_the_docs_is_served(api, page):
    for source in sources(page):
        if source.startswith("/static/"):
            assert finders.find(source.removeprefix("/static/")), source
        else:
            assert api.get(source, headers={"Accept": "*/*"}).status_code == 200, source


def test_the_script_of_the_docs_loads_our_schema_and_no_validator(api, page):
    script = next(source for source in sources(page) if source.startswith("/api/docs"))
    text = api.get(script).content.decode()
    assert 'url: "/api/schema"' in text
    assert "http" + "s://" not in text
    assert "StandaloneLayout" not in text  # it would show a badge of a foreign validator


def test_the_style_of_the_docs_names_no_foreign_origin(page):
    style = next(s for s in sources(page) if s.endswith(".css"))
    path = finders.find(style.removeprefix("/static/"))
    assert isinstance(path, str)
    assert not re.search(r"(@import|url\()\s*['\"]?https?:", Path(path).read_text(encoding="utf-8"))


@pytest.mark.parametrize("accept", ["application/xml", "application/json", "garbage"])
def test_the_docs_are_html_only_and_say_so_in_json(api, accept):
    assert_error(api.get("/api/docs", headers={"Accept": accept}), 406, "not_acceptable")


def test_options_of_the_docs_are_their_methods_without_a_body(api):
    response = api.options("/api/docs")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
