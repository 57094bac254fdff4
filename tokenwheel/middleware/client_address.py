"""Who is asking, where a proxy asks for them.

A proxy names the client in `X-Forwarded-For`, but so can anybody. It is believed where it comes
from an address in `TRUSTED_PROXIES`, and nowhere else; what others send in such headers is thrown
away before anything can rely on it.
"""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
Network = IPv4Network | IPv6Network

UNIX_SOCKET = "unix"  # in TRUSTED_PROXIES: whoever may open the server's socket
ONLY_FROM_PROXIES = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED", "HTTP_X_REQUEST_ID", "HTTP_X_REAL_IP")


def set_remote_addr(get_response: GetResponse) -> GetResponse:
    """Middleware, the first of all: from here on, REMOTE_ADDR is the client's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        settle_client(request.META, settings.TRUSTED_PROXIES)
        return get_response(request)

    return middleware


def trusted_proxies(names: Sequence[str]) -> list[Network | str]:
    """Networks of addresses such as `10.0.0.7` or `10.0.0.0/8`, or the word `unix`. Raises
    `ValueError`."""
    return [name if name == UNIX_SOCKET else ip_network(name) for name in names]


def settle_client(meta: dict[str, Any], proxies: Sequence[Network | str]) -> None:
    """Set REMOTE_ADDR to the first address, counted from us, that is no proxy of ours."""
    if not is_trusted(meta.get("REMOTE_ADDR", ""), proxies):
        for name in [name for name in meta if name.startswith(ONLY_FROM_PROXIES)]:
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
    """Of `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`."""
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
