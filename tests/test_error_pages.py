"""Answers to errors that no view has caught."""

import pytest
from django.db import OperationalError
from django.test import Client

from tests.api.helpers import assert_error
from wheel import services
from wheel.models import Classroom


@pytest.fixture
def visitor(wheel_runtime, admin_user):
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    return client


def broken(*arguments, **options):
    raise OperationalError("the database server does not answer")


def test_the_admin_answers_503_while_the_database_is_down(visitor, monkeypatch):
    monkeypatch.setattr(Classroom.objects.__class__, "get_queryset", broken)
    page = visitor.get("/admin/wheel/classroom/")
    assert page.status_code == 503
    assert page["Retry-After"] == "2"
    assert "does not answer" in page.content.decode()


def test_joining_a_class_answers_503_while_the_database_is_down(visitor, monkeypatch):
    monkeypatch.setattr(Classroom.objects.__class__, "get_queryset", broken)
    page = visitor.post("/join", {"code": "ABC234"})
    assert page.status_code == 503
    assert "does not answer" in page.content.decode()


def test_the_api_answers_503_as_json_while_the_database_is_down(visitor, monkeypatch):
    monkeypatch.setattr(services, "list_models", broken)
    assert_error(visitor.get("/api/models"), 503, "store_unavailable")


def test_any_other_error_answers_500(visitor, monkeypatch):
    monkeypatch.setattr(services, "list_models", lambda: 1 / 0)
    assert_error(visitor.get("/api/models"), 500, "server_error")
