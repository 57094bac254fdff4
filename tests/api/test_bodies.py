"""Malformed, oversized and mistyped bodies at every endpoint that takes one: 4xx in one shape."""

import pytest

from tests.api.helpers import (
    POST_ENDPOINTS,
    SET_PROMPT,
    SPIN,
    TEXT_PATHS,
    assert_error,
    assert_field_error,
    state,
)

MALFORMED = {
    "cut off": b'{"u": 0.5',
    "single quotes": b"{'u': 0.5}",
    "trailing comma": b'{"u": 0.5,}',
    "two documents": b"{}{}",
    "only spaces": b"   ",
    "byte order mark": b"\xef\xbb\xbf{}",
    "invalid UTF-8": b'{"prompt": "\xff\xfe"}',
    "UTF-16": '{"prompt": "a"}'.encode("utf-16"),
    "overlong UTF-8": b'{"prompt": "\xc0\xaf"}',
    "incomplete character in UTF-8": b'{"prompt": "a"}\xc3',
    "surrogate in UTF-8": b'{"prompt": "\xed\xa0\x80"}',
    "NaN": b'{"threshold": NaN, "prompt": "a"}',
    "Infinity": b'{"threshold": Infinity, "prompt": "a"}',
    "-Infinity": b'{"threshold": -Infinity, "prompt": "a"}',
    "NaN in an unknown field": b'{"unknown": NaN, "prompt": "a"}',
    "raw control character": b'{"prompt": "a\x00b"}',
    "5,000 digits": b'{"rev": ' + b"9" * 5000 + b', "prompt": "a"}',
    "30,000 brackets": b"[" * 30_000,
    "10,000 nested objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "form data": b"u=0.5&prompt=a",
}
NOT_AN_OBJECT = ["[]", '[{"u": 0.5}]', '"text"', "5", "0.5", "true", "null"]


@pytest.fixture(params=["/api/sessions", *TEXT_PATHS, *POST_ENDPOINTS], ids=str)
def path(request, session_url):
    if isinstance(request.param, str):
        return request.param
    return session_url + request.param.tail


def test_a_body_that_is_not_json_is_refused(api, path, session_url):
    before = state(api, session_url)
    for name, body in MALFORMED.items():
        answer = api.post(path, body, content_type="application/json")
        error = assert_error(answer, 400, "invalid")
        assert "JSON" in error["detail"], name
    assert state(api, session_url) == before


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"u": 0.5', "Expecting ',' delimiter: line 1 column 10 (char 9)"),
        (b'{"u": NaN}', "NaN is not a JSON number"),
        (b'"\xc3', "'utf-8' codec can't decode byte 0xc3 in position 1: unexpected end of data"),
    ],
    ids=["cut off", "NaN", "incomplete character"],
)
def test_the_error_says_what_is_wrong_with_the_json(api, body, reason):
    answer = api.post("/api/sessions", body, content_type="application/json")
    detail = assert_error(answer, 400, "invalid")["detail"]
    assert detail == f"The body is not valid JSON: {reason}."


def test_a_body_that_is_not_an_object_is_refused(api, path, session_url):
    before = state(api, session_url)
    for body in NOT_AN_OBJECT:
        assert_field_error(api.post_json(path, body), "body")
    assert state(api, session_url) == before


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonlines",
        "garbage",
        ";;;",
        "",
    ],
)
def test_a_body_of_another_type_is_refused(api, path, content_type):
    answer = api.post(path, b'{"u": 0.5}', content_type=content_type)
    assert_error(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "zlib", "utf-16", "rot13", "nonsense", '"'])
def test_a_charset_changes_nothing_json_is_utf_8(api, session_url, charset):
    body = '{"prompt": "né"}'.encode()
    content_type = f"application/json; charset={charset}"
    answer = api.generic("POST", session_url + SET_PROMPT.tail, body, content_type=content_type)
    assert answer.status_code == 200, answer.content
    assert answer.json()["current_text"] == "né"


def test_a_body_of_65_kilobytes_is_refused_with_both_numbers(api, path):
    answer = api.post(path, b" " * 65_537, content_type="application/json")
    error = assert_error(answer, 413, "payload_too_large")
    assert "65537" in error["detail"]
    assert "65536" in error["detail"]


def test_a_body_of_64_kilobytes_is_read(api, session_url):
    body = SPIN.body.ljust(65_536)
    answer = api.post(session_url + SPIN.tail, body, content_type="application/json")
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("length", ["9" * 30, "9" * 5000])
def test_an_absurd_length_is_refused(api, path, length):
    answer = api.post(path, b"{}", content_type="application/json", CONTENT_LENGTH=length)
    assert_error(answer, 413, "payload_too_large")


@pytest.mark.parametrize("length", ["abc", "-1", "²", "1.5"])
def test_a_length_that_is_no_number_is_never_a_server_error(api, path, length):
    answer = api.post(path, b"{}", content_type="application/json", CONTENT_LENGTH=length)
    assert answer.status_code < 500
    assert answer["Content-Type"] == "application/json"


def test_a_body_of_unknown_length_is_refused_rather_than_taken_for_empty(api, path):
    answer = api.generic(
        "POST", path, b"", content_type="application/json", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert_error(answer, 411, "length_required")


def test_a_body_that_ends_early_is_refused(api, path):
    answer = api.post(path, b'{"u": 0.5}', content_type="application/json", CONTENT_LENGTH="4")
    assert_error(answer, 400, "invalid")


@pytest.mark.parametrize("endpoint", POST_ENDPOINTS, ids=str)
def test_unknown_fields_are_ignored(api, session_url, endpoint):
    api.post_json(f"{session_url}/append-token", {"token_id": 3})
    body = endpoint.body.strip("{}") + "," if endpoint.body else ""
    extra = '"unknown": [1, {"deep": null}], "__proto__": {}, "errors": 5, "": 0'
    answer = api.post_json(session_url + endpoint.tail, "{" + body + extra + "}")
    assert answer.status_code == 200, answer.content
