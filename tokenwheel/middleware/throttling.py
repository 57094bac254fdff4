"""How much one client may ask for, with a school in mind that has one address for all.

A request for a wheel session that is known to live counts against that session only: whoever has a
wheel keeps it, whatever a neighbour behind the same address does. All else counts against the
address. Counted is in the memory of each process (decision 0015).
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from tokenwheel.error_pages import tell
from tokenwheel.middleware.client_address import parse_address
from wheel.errors import ThrottledError

GetResponse = Callable[[HttpRequest], HttpResponseBase]

SESSION_PATH = re.compile(r"/(?:api/sessions|wheel)/([0-9A-Fa-f-]{32,36})(?:/|$)")
START_PATHS = ("/", "/join", "/api/sessions")
LOGIN_PATH = "/admin/login/"
PROBES = {"/health", "/ready", "/metrics"}
MAX_KNOWN_SESSIONS = 20_000


def throttle(get_response: GetResponse) -> GetResponse:
    """Middleware. Files and probes are not counted."""
    throttle = Throttle(settings.LIMITS)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path in PROBES or request.path.startswith("/static/"):
            return get_response(request)
        try:
            throttle.admit(request)
        except ThrottledError as error:
            return tell(request, error)
        response = get_response(request)
        throttle.learn(request, response)
        return response

    return middleware


class Throttle:
    """limits: `session`, `address`, `starts` and `logins`; what is missing is not limited."""

    def __init__(self, limits: Mapping[str, RateLimitItem]) -> None:
        self._limits = limits
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._known_sessions = KnownSessions(MAX_KNOWN_SESSIONS)

    def admit(self, request: HttpRequest) -> None:
        """Raises `ThrottledError` for a request that is one too many."""
        session_id = session_of(request)
        if session_id is not None:
            self._count("session", session_id)
            if session_id in self._known_sessions:
                return
        address = address_of(request)
        self._count("address", address)
        if request.method == "POST" and request.path in START_PATHS:
            self._count("starts", address)
        if request.method == "POST" and request.path == LOGIN_PATH:
            self._count("logins", address, request.POST.get("username", "")[:150])

    def learn(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Which sessions live, from what was answered."""
        session_id = session_of(request)
        if session_id is None:
            return
        if response.status_code == HTTPStatus.NOT_FOUND:
            self._known_sessions.discard(session_id)
        elif response.status_code < HTTPStatus.BAD_REQUEST and request.method in ("GET", "POST"):
            self._known_sessions.add(session_id)

    def _count(self, what: str, *key: str) -> None:
        limit = self._limits.get(what)
        if limit is None or self._limiter.hit(limit, what, *key):
            return
        reset_at = self._limiter.get_window_stats(limit, what, *key).reset_time
        raise ThrottledError(retry_after_s=max(1, ceil(reset_at - time.time())))


class KnownSessions:
    """The ids of sessions that were found lately, at most `max_size`."""

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


def session_of(request: HttpRequest) -> str | None:
    """The id in the address, in the one way of all that a UUID can be written."""
    match = SESSION_PATH.match(request.path)
    return match[1].replace("-", "").lower() if match else None


def address_of(request: HttpRequest) -> str:
    """An IPv6 client has a whole network to choose its address from, so it counts as one."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return text
