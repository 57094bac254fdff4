"""Compression of the pages."""

import gzip

import pytest

from tests.pages.conftest import start_session

GZIP = {"Accept-Encoding": "gzip, br"}


def test_the_start_page_is_compressed(visitor):
    plain = visitor.get("/")
    response = visitor.get("/", headers=GZIP)
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert len(response.content) < len(plain.content) / 2
    assert b"</html>" in gzip.decompress(response.content)


def test_the_wheel_page_is_compressed(visitor):
    response = visitor.get(f"/wheel/{start_session()}", headers=GZIP)
    assert response["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(response.content)
    assert {"Accept-Encoding", "HX-Request"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize("action", ["spin", "choose", "undo", "prompt"])
def test_a_part_of_the_page_is_compressed_even_if_it_shows_an_error(visitor, action):
    headers = GZIP | {"HX-Request": "true"}
    response = visitor.post(f"/wheel/{start_session()}/{action}", headers=headers)
    assert response.status_code == 400
    assert response["Content-Encoding"] == "gzip"


def test_a_client_that_accepts_no_compression_gets_the_page_uncompressed(visitor):
    response = visitor.get("/")
    assert "Content-Encoding" not in response
    assert b"</html>" in response.content


def test_compressed_pages_vary_in_length_so_that_a_secret_in_them_cannot_be_guessed(visitor):
    """Else its letters could be told one by one from lengths (BREACH, 2013)."""
    path = f"/wheel/{start_session()}"
    assert len({len(visitor.get(path, headers=GZIP).content) for _ in range(12)}) > 1
