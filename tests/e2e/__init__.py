"""Tests on server processes."""

import pytest

pytest.register_assert_rewrite("tests.e2e.exact_wall", "tests.e2e.wall_page")
