"""The client's address behind reverse proxies.

A proxy names the client in `X-Forwarded-For`, but a client can send this header too. Headers of
this kind count only in requests that come from an address in `TRUSTED_PROXIES`. They are removed
from all other requests, so that no later code can rely on them.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from tokenwheel.middleware import GetResponse

Network = IPv4Network | IPv6Network

UNIX_SOCKET = "unix"  # in TRUSTED_PROXIES: any process that may open the server's socket
FORWARDED_HEADERS = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED", "HTTP_X_REQUEST_ID", "HTTP_X_REAL_IP")


def set_remote_addr(get_response: GetResponse) -> GetResponse:
    """Middleware, the first of all: all later code reads the client's address in REMOTE_ADDR."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        apply_forwarded_headers(request.META, settings.TRUSTED_PROXIES)
        return get_response(request)

    return middleware


def trusted_proxies(names: Sequence[str]) -> list[Network | str]:
    """Parse addresses and networks such as `10.0.0.7` or `10.0.0.0/8`, and the word `unix`. Raises
    `ValueError` for any other text."""
    return [name if name == UNIX_SOCKET else ip_network(name) for name in names]


def apply_forwarded_headers(meta: dict[str, Any], proxies: Sequence[Network | str]) -> None:
    """Change a request's META in place. From a trusted proxy: set REMOTE_ADDR to the last address
    in `X-Forwarded-For` that is not a trusted proxy. From any other peer: remove the headers."""
    if not is_trusted(meta.get("REMOTE_ADDR", ""), proxies):
        for name in [name for name in meta if name.startswith(FORWARDED_HEADERS)]:
            del meta[name]
        return
    for text in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = parse_address(text)
        if address is None:
            return
        meta["REMOTE_ADDR"] = str(address)
        if not is_trusted(str(address), proxies):
            return


def is_trusted(address: str, proxies: Sequence[Network | str]) -> bool:
    parsed = parse_address(address)
    if parsed is None:
        return not address and UNIX_SOCKET in proxies
    return any(parsed in network for network in proxies if not isinstance(network, str))


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`; None for any
    other text. An IPv4 address that is mapped to IPv6 is returned as IPv4."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
