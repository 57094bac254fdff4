"""429 from REST framework's throttles, in the shape of all errors, with Retry-After."""

import pytest

from tests.api.helpers import assert_error
from wheel.api.service_views import ModelsView


@pytest.mark.parametrize(
    ("wait_s", "retry_after"), [(7.4, "8"), (0.01, "1"), (0.0, "1"), (None, None)]
)
def test_a_throttled_call_says_when_to_try_again(api, monkeypatch, wait_s, retry_after):
    class Refuse:
        def allow_request(self, request, view):
            return False

        def wait(self):
            return wait_s

    monkeypatch.setattr(ModelsView, "throttle_classes", [Refuse])
    answer = api.get("/api/models")
    assert_error(answer, 429, "throttled")
    assert answer.get("Retry-After") == retry_after
