"""Static files and pages over the wire: fingerprinted names, compression, caching, policies."""

import re
from http.client import HTTPConnection
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from tests.waiting import HANGING_S

pytestmark = pytest.mark.slow

ONE_YEAR_S = 365 * 24 * 3600
MAX_FIRST_LOAD_BYTES = 150_000
MAX_FIRST_LOAD_REQUESTS = 72  # not counting the page itself; modules are preloaded together


@pytest.fixture(scope="module")
def wheel_url(server):
    session_id = server.post("/api/sessions").json()["session_id"]
    server.post(f"/api/sessions/{session_id}/set-prompt", {"prompt": "The capital of France is"})
    return f"/wheel/{session_id}"


def fetch(server, path, encoding):
    """The answer; `wire` is its body as it was transferred, not decompressed."""
    headers = {"Accept-Encoding": encoding}
    response = requests.get(server.url + path, headers=headers, timeout=HANGING_S, stream=True)
    response.wire = response.raw.read(decode_content=False)  # type: ignore[attr-defined]
    return response


def assets(server, path):
    """The addresses of the static files that a page asks for, and of all that these import."""
    found, new = set(), set(re.findall(r'(?:src|href)="(/static/[^"]+)"', server.get(path).text))
    while new:
        found |= new
        imports = {
            urljoin(asset, target)
            for asset in new
            if asset.endswith(".js")
            for target in re.findall(r'(?:from|import) ?"(\.[^"]+)"', server.get(asset).text)
        }
        new = imports - found
    return sorted(found)


@pytest.mark.parametrize("page", ["/", "wheel", "/api/docs", "/admin/login/"])
def test_every_static_file_of_a_page_is_cached_without_an_end(server, wheel_url, page):
    found = assets(server, wheel_url if page == "wheel" else page)
    assert len(found) >= 4
    for path in found:
        response = server.get(path)
        assert response.status_code == 200, path
        assert response.headers["Cache-Control"] == f"max-age={10 * ONE_YEAR_S}, public, immutable"
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", path)


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_scripts_and_styles_are_sent_compressed(server, wheel_url, encoding):
    scripts_and_styles = [
        path for path in assets(server, wheel_url) if path.endswith((".js", ".css"))
    ]
    compressed = [
        path
        for path in scripts_and_styles
        if fetch(server, path, encoding).headers.get("Content-Encoding") == encoding
    ]
    assert (
        len(compressed) > len(scripts_and_styles) / 2
    )  # compression makes the smallest files no smaller
    assert any("htmx" in path for path in compressed)


def test_the_first_load_of_the_wheel_page_keeps_within_its_budget(server, wheel_url):
    """Bytes over the wire, without the HTML."""
    sizes = {path: len(fetch(server, path, "br").wire) for path in assets(server, wheel_url)}
    assert sum(sizes.values()) < MAX_FIRST_LOAD_BYTES, sizes
    assert len(sizes) <= MAX_FIRST_LOAD_REQUESTS, sizes


def test_pages_are_sent_compressed_and_are_never_cached(server, wheel_url):
    for path in ("/", wheel_url):
        response = fetch(server, path, "gzip")
        assert response.headers["Content-Encoding"] == "gzip"
        assert "no-store" in response.headers["Cache-Control"]
        assert response.wire.startswith(b"\x1f\x8b")


def test_head_and_options_leave_a_connection_usable(server, wheel_url):
    """A body after a HEAD would be read as the next response."""
    host = urlsplit(server.url)
    connection = HTTPConnection(host.hostname, host.port, timeout=HANGING_S)
    file = next(path for path in assets(server, wheel_url) if path.endswith(".css"))
    for path in ("/", wheel_url, f"{wheel_url}/export.csv", "/api/models", "/api/schema", file):
        lengths = {}
        for method in ("HEAD", "OPTIONS", "GET"):
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, (method, path)
            lengths[method] = response.headers["Content-Length"], len(body)
        assert lengths["HEAD"] == (lengths["GET"][0], 0)
        assert lengths["GET"][1] == int(lengths["GET"][0]) > 0
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/api/models", None, {"If-Match": '"another"'}, 412),
        ("GET", "/api/sessions/none", None, {}, 404),
        ("POST", "/api/sessions", "x" * 70_000, {"Content-Type": "application/json"}, 413),
        ("PUT", "/api/sessions", "{}", {}, 405),
        ("OPTIONS", "/api/sessions", None, {}, 200),
    ],
)
def test_an_answer_that_no_view_gives_leaves_the_connection_open(
    server, method, path, body, headers, status
):
    host = urlsplit(server.url)
    connection = HTTPConnection(host.hostname, host.port, timeout=HANGING_S)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    assert (response.status, response.will_close) == (status, False)
    assert len(response.read()) == int(response.headers["Content-Length"])
    connection.close()


def test_a_schema_that_the_client_has_is_not_sent_again(server):
    etag = server.get("/api/schema").headers["ETag"]
    url, headers = f"{server.url}/api/schema", {"If-None-Match": etag}
    again = requests.get(url, headers=headers, timeout=HANGING_S)
    assert (again.status_code, again.content) == (304, b"")


def test_files_and_pages_carry_the_content_security_policy(server, wheel_url):
    for path in (wheel_url, *assets(server, wheel_url)):
        headers = server.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "camera=()" in headers["Permissions-Policy"]
