"""The pages travel compressed, for phones on a school's network"""

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
def test_a_part_of_the_page_is_compressed_also_where_it_says_what_is_wrong(visitor, action):
    headers = GZIP | {"HX-Request": "true"}
    response = visitor.post(f"/wheel/{start_session()}/{action}", headers=headers)
    assert response.status_code == 400
    assert response["Content-Encoding"] == "gzip"


def test_who_does_not_ask_for_it_gets_it_plain(visitor):
    response = visitor.get("/")
    assert "Content-Encoding" not in response
    assert b"</html>" in response.content


def test_a_secret_in_a_compressed_page_never_has_the_same_length(visitor):
    """Else its letters could be told one by one from lengths (BREACH, 2013)."""
    path = f"/wheel/{start_session()}"
    assert len({len(visitor.get(path, headers=GZIP).content) for _ in range(12)}) > 1
