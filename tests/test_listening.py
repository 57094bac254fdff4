"""The check, before a start, that the port is free."""

import socket

import pytest

from tokenwheel import listening
from tokenwheel.environment import SettingError, listen_address
from tokenwheel.listening import require_free_port


@pytest.fixture
def listener(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("HOST", "127.0.0.1")
        monkeypatch.setenv("PORT", str(listener.getsockname()[1]))
        yield listener


@pytest.fixture
def port_of_an_ended_server(listener):
    """The operating system remembers the server's connection for a minute (TIME_WAIT)."""
    with socket.create_connection(listener.getsockname()) as client:
        accepted, _ = listener.accept()
        accepted.close()
        assert client.recv(1) == b""
    listener.close()


def test_a_port_with_a_listener_is_not_free(listener):
    with pytest.raises(SettingError, match=r"^PORT must be free"):
        require_free_port()


@pytest.mark.usefixtures("port_of_an_ended_server")
def test_a_port_is_free_at_once_when_its_server_has_ended():
    require_free_port()


@pytest.mark.usefixtures("port_of_an_ended_server")
def test_on_windows_no_address_is_reused_since_it_might_be_in_use(monkeypatch):
    monkeypatch.setattr(listening, "MAY_REUSE_ADDRESS", False)
    with pytest.raises(SettingError, match=r"^PORT must be free"):
        require_free_port()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("HOST", host) for host in ("999.1.1.1", "1:2:3", "[::1", "*", "http://localhost")],
        *[("PORT", port) for port in ("abc", "0", "65536", "")],
    ],
)
def test_an_address_that_is_none_is_named_by_its_variable(monkeypatch, name, value):
    monkeypatch.setenv("HOST", "127.0.0.1")
    monkeypatch.setenv("PORT", "8000")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=f"^{name} must "):
        listen_address()
