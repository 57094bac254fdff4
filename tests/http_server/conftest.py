"""Servers of a small application, stopped after each test."""

from contextlib import ExitStack

import pytest

from tests.http_server.world import Application, RunningServer
from tokenwheel import http_connection, http_server
from tokenwheel.http_limits import Limits


@pytest.fixture
def application():
    return Application()


@pytest.fixture
def start(application, monkeypatch):
    """Start a server of `application`; limits on time, in seconds, are set by name."""
    with ExitStack() as stack:

        def start_server(limits=None, request_s=None, linger_s=0.05, grace_s=None, **where):
            monkeypatch.setattr(http_server, "POLL_S", 0.01)
            monkeypatch.setattr(http_server, "LINGER_S", linger_s)
            if request_s is not None:
                monkeypatch.setattr(http_connection, "REQUEST_S", request_s)
            if grace_s is not None:
                monkeypatch.setattr(http_server, "GRACE_S", grace_s)
            server = RunningServer(application, limits or Limits(num_threads=2), **where)
            stack.callback(server.stop)
            stack.callback(application.gate.set)
            return server

        yield start_server
