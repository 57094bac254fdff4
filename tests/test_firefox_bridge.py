"""The bridge's answer to the command that Debian's Firefox does not know."""

import pytest

from tests.firefox_bridge import answer_media


@pytest.mark.parametrize(
    ("features", "kind"),
    [
        ({}, "success"),
        ({"prefers-color-scheme": "light"}, "success"),
        ({"prefers-color-scheme": None}, "success"),
        ({"prefers-color-scheme": "dark"}, "error"),
        ({"prefers-reduced-motion": "reduce"}, "error"),
    ],
)
def test_only_default_media_features_are_answered_with_success(features, kind):
    answer = answer_media({"id": 7, "params": {"features": features}})
    assert (answer["id"], answer["type"]) == (7, kind)
