"""The wheel's settings at their bounds and beyond, in the query and in bodies."""

import json

import pytest

from tests.api.helpers import assert_field_error, state

NUMBERS_IN_RANGE = {
    "threshold": ["0", "1", "0.5", "-0.0", "1e-400", "0.01"],
    "temperature": ["100", "1e-3", "1e-320", "5e-324"],
    "top_p": ["1", "1e-320", "0.999999999999"],
    "min_p": ["0", "1"],
    "top_k": ["0", "1"],
}
NUMBERS_BEYOND = {
    "threshold": ["-1e-9", "1.0000001", "-1", "2", "1e999", "-1e999"],
    "temperature": ["0", "0.0", "-0.0", "1e-400", "-1", "100.0000001", "1e308", "1e999"],
    "top_p": ["0", "0.0", "-0.1", "1.0000001", "1e999"],
    "min_p": ["-1e-9", "1.0000001", "1e999"],
    "top_k": ["-1", "1.5", "1e999", "9" * 30],
}
NO_NUMBERS = ["abc", "null", "0,5", "1e", "--1", "\x00", "NaN", "nan", "inf", "-Infinity", "0x1"]
JSON_NO_NUMBERS = ["true", "false", '"abc"', '""', '"NaN"', '"inf"', '"1e999"', "[]", "[1]", "{}"]


def cases(table):
    return [(name, value) for name, values in table.items() for value in values]


@pytest.fixture
def query(api, session_url):
    return lambda **settings: api.get(f"{session_url}/next-token-probs", settings)


REQUIRED = {"spin": "", "append-token": '"token_id": 3, ', "simulate": '"num_spins": 5, '}


@pytest.fixture(params=REQUIRED)
def body(request, api, session_url):
    def post(name, text):
        fields = f'{{{REQUIRED[request.param]}"{name}": {text}}}'
        return api.post_json(f"{session_url}/{request.param}", fields)

    return post


@pytest.mark.parametrize(("name", "value"), cases(NUMBERS_IN_RANGE))
def test_a_setting_in_a_query_may_go_to_the_bounds(query, name, value):
    answer = query(**{name: value})
    assert answer.status_code == 200, answer.content
    assert answer.json()[name] == float(value)


@pytest.mark.parametrize(("name", "value"), cases(NUMBERS_IN_RANGE))
def test_a_setting_in_a_body_may_go_to_the_bounds(body, name, value):
    answer = body(name, value)
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(("name", "value"), cases(NUMBERS_BEYOND))
def test_a_setting_beyond_the_bounds_in_a_query_is_refused(query, api, session_url, name, value):
    before = state(api, session_url)
    assert_field_error(query(**{name: value}), name)
    assert state(api, session_url) == before


@pytest.mark.parametrize(("name", "value"), cases(NUMBERS_BEYOND))
def test_a_setting_beyond_the_bounds_in_a_body_is_refused(body, api, session_url, name, value):
    before = state(api, session_url)
    assert_field_error(body(name, value), name)
    assert state(api, session_url) == before


def test_top_k_goes_up_to_the_vocabulary(query, body, vocabulary_size):
    assert query(top_k=vocabulary_size).status_code == 200
    assert body("top_k", vocabulary_size).status_code == 200
    for answer in (query(top_k=vocabulary_size + 1), body("top_k", vocabulary_size + 1)):
        error = assert_field_error(answer, "top_k")
        assert str(vocabulary_size) in error["detail"]
        assert str(vocabulary_size + 1) in error["detail"]


@pytest.mark.parametrize("name", NUMBERS_IN_RANGE)
def test_a_setting_in_a_query_that_is_no_number_is_refused(query, name):
    for value in NO_NUMBERS:
        assert_field_error(query(**{name: value}), name)


@pytest.mark.parametrize("name", NUMBERS_IN_RANGE)
def test_a_setting_in_a_body_that_is_no_number_is_refused(body, name):
    for value in JSON_NO_NUMBERS:
        assert_field_error(body(name, value), name)


@pytest.mark.parametrize("name", NUMBERS_IN_RANGE)
def test_a_setting_left_empty_or_given_twice_in_a_query_is_refused(query, name):
    assert_field_error(query(**{name: ""}), name)
    assert_field_error(query(**{name: ["1", "1"]}), name)


@pytest.mark.parametrize("name", NUMBERS_IN_RANGE)
def test_a_setting_of_null_in_a_body_is_not_given(body, name):
    assert body(name, "null").status_code == 200


@pytest.mark.parametrize("name", NUMBERS_IN_RANGE)
def test_a_setting_in_a_body_may_be_a_number_in_a_string(body, name):
    assert body(name, json.dumps("1")).status_code == 200


@pytest.mark.parametrize("value", ["-1", "101", "1.5", "abc", "null", "NaN", "1e999", "9" * 5000])
def test_other_top_k_beyond_its_range_is_refused(query, value):
    assert_field_error(query(other_top_k=value), "other_top_k")


def test_several_invalid_settings_are_reported_at_once(query):
    assert_field_error(
        query(threshold=2, temperature=0, min_p=-1), "threshold", "temperature", "min_p"
    )


@pytest.mark.parametrize(
    "query_string", ["unknown=1", "rev=99", "format=xml", "threshold[]=5", "%00", "=&=&", "a=1&a=2"]
)
def test_unknown_parameters_are_ignored(api, session_url, query_string):
    answer = api.get(f"{session_url}/next-token-probs?{query_string}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"


def test_a_query_of_a_thousand_parameters_is_refused_as_json(api, session_url):
    parameters = "&".join(f"a{index}=1" for index in range(1200))
    answer = api.get(f"{session_url}/next-token-probs?{parameters}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
