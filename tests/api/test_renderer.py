"""The renderer of answers, beside REST framework's own."""

import json
import math

import pytest
from rest_framework.renderers import JSONRenderer

from wheel.api.renderers import FastJSONRenderer


@pytest.mark.parametrize(
    "answer",
    [
        {"probability": 0.1 + 0.2, "log_probability": -math.pi, "rank": 49152, "u": None},
        {"smallest": 5e-324, "small": 1e-5, "large": 1.5e300, "whole": 1.0, "negative": -0.0},
        {"seed": 2**63 - 1, "least": -(2**63), "larger": 2**70},
        {"text": 'caf\u00e9 \ufffd \u2028 \u2029 \x00 " \\ </script>'},
        {"surrogate": "\ud800"},
        {1: "a key that is no string"},
        ["", {}, [], True, None],
    ],
)
def test_an_answer_has_the_values_of_the_usual_renderer(answer):
    try:
        expected = JSONRenderer().render(answer)
    except UnicodeEncodeError:
        with pytest.raises(UnicodeEncodeError):
            FastJSONRenderer().render(answer)
        return
    content = FastJSONRenderer().render(answer)
    assert json.loads(content) == json.loads(expected)
    assert b"\xe2\x80\xa8" not in content


def test_an_empty_answer_has_no_content():
    assert FastJSONRenderer().render(None) == b""


def test_a_client_may_ask_for_indentation():
    answer, media_type = {"rev": 1}, "application/json; indent=2"
    expected = JSONRenderer().render(answer, media_type)
    assert FastJSONRenderer().render(answer, media_type) == expected
