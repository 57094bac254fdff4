"""Rate limits per session and per address, made for schools that share one address.

A request for a wheel session that is known to exist counts against that session only, so a flood
from the same address does not affect it. Every other request counts against the address. A wrong
code of a class is counted after the answer, so that a right one is never refused because of it.
Counters are kept in the memory of each process (decision 0015).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from tokenwheel.error_pages import answer_error
from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.client_address import parse_address
from tokenwheel.middleware.endpoints import STATIC_FILE, endpoint_of
from wheel.errors import ThrottledError, TooManyCodesError
from wheel.probes import PROBES

START_ENDPOINTS = ("start", "join", "session-list", "classroom-sessions")
LOOK_UP_ENDPOINT = "classroom-detail"
CODE_ENDPOINTS = ("join", "classroom-sessions", LOOK_UP_ENDPOINT)  # 404: the code is wrong
LOGIN_ENDPOINT = "admin:login"

# Requests that cost the server as much as several others count as that many of their session.
WEIGHTS = {"knob-steps": 5}  # computes up to 41 wheels: 27 to 98 ms of CPU time
MAX_KNOWN_SESSIONS = 20_000


def throttle(get_response: GetResponse) -> GetResponse:
    """Middleware. Static files and probes are not counted."""
    throttle = Throttle(settings.LIMITS)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        endpoint = endpoint_of(request)
        if endpoint is STATIC_FILE or endpoint.name in PROBES:
            return get_response(request)
        try:
            throttle.admit(request)
            response = get_response(request)
            throttle.count_wrong_code(request, response)
        except ThrottledError as error:
            return answer_error(request, error)
        throttle.update_known_sessions(request, response)
        return response

    return middleware


class Throttle:
    """limits: by the names `session`, `address`, `starts`, `codes` and `logins`; each is
    optional."""

    def __init__(self, limits: Mapping[str, RateLimitItem]) -> None:
        self._limits = limits
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._known_sessions = KnownSessions(MAX_KNOWN_SESSIONS)

    def admit(self, request: HttpRequest) -> None:
        """Count the request. Raises `ThrottledError` when a limit is exceeded."""
        endpoint = endpoint_of(request)
        if endpoint.session_id is not None:
            self._count("session", endpoint.session_id, weight=WEIGHTS.get(endpoint.name, 1))
            if endpoint.session_id in self._known_sessions:
                return
        address = address_of(request)
        self._count("address", address)
        is_start = request.method == "POST" and endpoint.name in START_ENDPOINTS
        if is_start or endpoint.name == LOOK_UP_ENDPOINT:
            self._count("starts", address)
        if request.method == "POST" and endpoint.name == LOGIN_ENDPOINT:
            self._count("logins", address, request.POST.get("username", "")[:150])

    def count_wrong_code(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Count the request if the answer shows that its code is wrong. Raises `TooManyCodesError`
        when the limit is exceeded."""
        is_missing = response.status_code == HTTPStatus.NOT_FOUND
        if is_missing and endpoint_of(request).name in CODE_ENDPOINTS:
            self._count("codes", address_of(request), error=TooManyCodesError)

    def update_known_sessions(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Add the request's session if the answer shows that it exists; remove it after a 404."""
        session_id = endpoint_of(request).session_id
        if session_id is None:
            return
        if response.status_code == HTTPStatus.NOT_FOUND:
            self._known_sessions.discard(session_id)
        elif response.status_code < HTTPStatus.BAD_REQUEST and request.method in ("GET", "POST"):
            self._known_sessions.add(session_id)

    def _count(
        self, name: str, *key: str, weight: int = 1, error: type[ThrottledError] = ThrottledError
    ) -> None:
        """A weight above the limit itself is reduced to it: the first request is admitted."""
        limit = self._limits.get(name)
        if limit is None:
            return
        if self._limiter.hit(limit, name, *key, cost=min(weight, limit.amount)):
            return
        reset_at = self._limiter.get_window_stats(limit, name, *key).reset_time
        raise error(retry_after_s=max(1, ceil(reset_at - time.time())))


class KnownSessions:
    """LRU set of the ids of sessions that were found, at most `max_size` of them."""

    def __init__(self, max_size: int) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._max_size = max_size
        self._lock = threading.Lock()

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, session_id: str) -> None:
        with self._lock:
            self._ids[session_id] = None
            self._ids.move_to_end(session_id)
            if len(self._ids) > self._max_size:
                self._ids.popitem(last=False)

    def discard(self, session_id: str) -> None:
        with self._lock:
            self._ids.pop(session_id, None)


def address_of(request: HttpRequest) -> str:
    """The address; for IPv6 its /64 network, in which a client can choose any address."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return text
