"""Answers to errors that no view has caught."""

import errno

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from tests.api.fakes import FailingCatalog, changed_runtime
from tests.api.helpers import assert_error


@pytest.fixture
def visitor(wheel_runtime, admin_user):
    client = Client(raise_request_exception=False)
    client.force_login(admin_user)
    return client


@pytest.fixture
def no_classes():
    """The database fails at every statement about classes."""

    def execute(execute, sql, *arguments):
        if "wheel_classroom" in sql:
            raise OperationalError("the database server does not answer")
        return execute(sql, *arguments)

    with connection.execute_wrapper(execute):
        yield


def test_the_admin_answers_503_while_the_database_is_down(visitor, no_classes):
    page = visitor.get("/admin/wheel/classroom/")
    assert page.status_code == 503
    assert page["Retry-After"] == "2"
    assert "does not answer" in page.content.decode()


def test_joining_a_class_answers_503_while_the_database_is_down(visitor, no_classes):
    page = visitor.post("/join", {"code": "ABC234"})
    assert page.status_code == 503
    assert "does not answer" in page.content.decode()


@pytest.mark.parametrize("error_class", [OperationalError, InterfaceError])
def test_the_api_answers_503_as_json_while_the_database_is_down(visitor, error_class):
    def fail():
        raise error_class("the database server does not answer")

    with changed_runtime(catalog=FailingCatalog(fail)):
        assert_error(visitor.get("/api/models"), 503, "store_unavailable")


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_lack_of_file_descriptors_is_answered_with_503(visitor, number):
    def fail():
        raise OSError(number, "Too many open files")

    with changed_runtime(catalog=FailingCatalog(fail)):
        answer = visitor.get("/api/models")
        page = visitor.get("/")
    assert_error(answer, 503, "overloaded")
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert "Nothing was changed" in page.content.decode()


def test_without_a_descriptor_for_the_template_the_answer_is_plain_text(visitor, monkeypatch):
    def fail(*_, **__):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("wheel.pages.problems.render", fail)
    with changed_runtime(catalog=FailingCatalog(fail)):
        page = visitor.get("/")
    assert (page.status_code, page["Content-Type"], page["Retry-After"]) == (503, "text/plain", "2")


def test_an_uncaught_error_that_is_not_the_database_s_answers_500(visitor):
    with changed_runtime(catalog=FailingCatalog(lambda: 1 / 0)):
        assert_error(visitor.get("/api/models"), 500, "server_error")
