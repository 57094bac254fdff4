"""The server's own address: its URL for a browser, and the port, which must be free."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from tokenwheel.environment import (
    SettingError,
    in_url,
    listen_host,
    listen_port,
    resolve,
    without_brackets,
)

MAY_REUSE_ADDRESS = os.name == "posix"  # Windows would give two sockets the same port
INHERITED_SOCKETS = ("GUNICORN_FD", "LISTEN_FDS")  # of gunicorn's upgrade, and of systemd


def page_url(url_prefix: str) -> str:
    """The start page, as a browser on this machine reaches it without a proxy."""
    return f"http://{in_url(local_host(listen_host()))}:{listen_port()}{url_prefix}/"


def local_host(host: str) -> str:
    """A host to connect to on this machine: all addresses stand for the loopback address."""
    host = without_brackets(host)
    try:
        address = ip_address(host or "0.0.0.0")  # noqa: S104 - compared, not listened on
    except ValueError:
        return host
    if not address.is_unspecified:
        return host
    return "127.0.0.1" if address.version == 4 else "::1"


def require_free_port() -> None:
    """Raises `SettingError` if the server cannot listen on `HOST` and `PORT`. Without this check
    gunicorn would try again for five seconds, and then name no variable."""
    if any(name in os.environ for name in INHERITED_SOCKETS):
        return
    host, port = listen_host() or "0.0.0.0", listen_port()  # noqa: S104 - as gunicorn does
    family, address = resolve(host, port)
    with socket.socket(family) as probe, naming_port(host, port):
        if MAY_REUSE_ADDRESS:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


def listen(host: str, port: int) -> socket.socket:
    """The listening socket of a server without gunicorn. Raises `SettingError` as above.

    waitress's own socket would let a second server take the port on Windows, refuse IPv4 on `::`,
    and know no empty host.
    """
    (family, _, _, _, place), *_ = socket.getaddrinfo(
        host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    is_dual = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    address = (str(place[0]), int(place[1]))
    with naming_port(host, port):
        return socket.create_server(address, family=family, dualstack_ipv6=is_dual)


@contextmanager
def naming_port(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise SettingError("PORT", f"{port} cannot be used: {error.strerror}") from None
        problem = f"must be free, but another program listens on {in_url(host)}:{port}"
        raise SettingError("PORT", f"{problem}, perhaps another Token Wheel") from None
