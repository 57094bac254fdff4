"""Fixtures: compiled catalogs, and a world with everything that pages show."""

import pytest

from tests.i18n.pages import World
from tests.pages.conftest import session_id, visitor, wheel_page  # noqa: F401 - fixtures
from wheel.message_catalogs import compile_catalogs


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogs():
    """As `prepare` leaves them. Nothing is written if they are up to date."""
    compile_catalogs()


@pytest.fixture
def world(wheel_runtime, django_user_model, db):
    """Everything that addresses need: a session, and a class of a teacher with stories."""
    return World(django_user_model.objects.create_superuser("head", password="chalk"))
