"""Fixtures of the pages' tests, for tests of their language."""

from tests.pages.conftest import session_id, visitor, wheel_page  # noqa: F401 - fixtures
