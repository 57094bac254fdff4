"""The hooks of gunicorn.conf.py check and print the address only if gunicorn listens there."""

import logging
import runpy
import socket
from contextlib import closing
from types import SimpleNamespace

import pytest

from tests.processes import PROJECT

ELSEWHERE = "unix:/run/tokenwheel.sock"  # by an option on gunicorn's command line


@pytest.fixture
def config(monkeypatch):
    """The file's names, for a port on which another program listens."""
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        monkeypatch.setenv("HOST", "127.0.0.1")
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        yield SimpleNamespace(**runpy.run_path(str(PROJECT / "gunicorn.conf.py")))


def server_on(address):
    log = logging.getLogger("gunicorn.test")
    return SimpleNamespace(cfg=SimpleNamespace(bind=[address]), log=log)


def test_a_port_that_another_program_listens_on_ends_the_start(config):
    with pytest.raises(SystemExit, match=r"^PORT must be free"):
        config.on_starting(server_on(config.bind))


def test_the_port_may_be_in_use_if_gunicorn_listens_elsewhere(config):
    config.on_starting(server_on(ELSEWHERE))


@pytest.mark.parametrize("inherited", ["GUNICORN_FD", "LISTEN_FDS"])
def test_the_port_may_be_in_use_by_a_socket_that_the_server_inherits(
    config, monkeypatch, inherited
):
    monkeypatch.setenv(inherited, "3")
    config.on_starting(server_on(config.bind))


def test_the_url_is_printed_only_if_gunicorn_listens_there(config, caplog):
    with caplog.at_level(logging.INFO):
        config.when_ready(server_on(ELSEWHERE))
        assert caplog.messages == []
        config.when_ready(server_on(config.bind))
    assert caplog.messages == [f"Token Wheel is at http://{config.bind}/"]


def test_gunicorn_starts_one_process_by_default(config):
    assert config.workers == 1


def test_gunicorn_starts_as_many_processes_as_the_setting_names(config, monkeypatch):
    monkeypatch.setattr("tokenwheel.settings.WEB_PROCESSES", 3)
    again = runpy.run_path(str(PROJECT / "gunicorn.conf.py"))
    assert again["workers"] == 3
