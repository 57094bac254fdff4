"""Rate limits per session and per address, made for schools that share one address.

A request for a wheel session that is known to exist counts against that session only, so a flood
from the same address does not affect it. Every other request counts against the address. Polling
has a counter of its own, so that it takes nothing of the limit for what the student does. Costly
calls count against the address too, by their cost, whatever they are for. A code
of a class counts as a look-up of its address, until it was right there once; then it is admitted
whatever else comes from the address. Wrong codes are also counted after the answer.
With sessions in Redis, all processes that share it share the counters and the known keys, else each
process has its own (decisions 0015 and 0039).
"""

from collections.abc import Mapping
from http import HTTPStatus
from ipaddress import IPv6Address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from limits import RateLimitItem

from tokenwheel.error_pages import answer_error
from tokenwheel.middleware import GetResponse
from tokenwheel.middleware.client_address import parse_address
from tokenwheel.middleware.costs import cost_of
from tokenwheel.middleware.counters import counters_for
from tokenwheel.middleware.endpoints import POLLED_ENDPOINTS, STATIC_FILE, Endpoint, endpoint_of
from tokenwheel.middleware.known_keys import digest, known_keys
from tokenwheel.optional_redis import OptionalRedis, optional_redis
from wheel.domain.classroom_code import CODE_LEN, normalize_code
from wheel.errors import ThrottledError, TooManyCodesError
from wheel.probes import PROBES

START_ENDPOINTS = ("start", "join", "session-list", "classroom-sessions")
LESSON_BEGIN = "lesson-begin-"  # the beginning of the names of more such endpoints
CODE_ENDPOINTS = ("join", "classroom-sessions", "classroom-detail")  # 404: the code is wrong
LOGIN_ENDPOINT = "admin:login"

# Requests that cost the server as much as several others count as that many of their session.
WEIGHTS = {
    "knob-steps": 5,  # computes up to 41 wheels: 27 to 98 ms of CPU time
    "lesson-experiment-many-spins": 2,
    "lesson-experiment-counting-model": 10,  # 25 forward passes for two stories
    "lesson-experiment-filters": 2,  # up to six wheels, from one row of logits
    "lesson-experiment-guess-first": 2,
    "lesson-experiment-one-word-changed": 2,
    "lesson-experiment-same-luck": 5,  # computes and ranks five wheels
    "lesson-experiment-the-favourite": 40,  # up to 80 wheels: 2.3 s of CPU time
    "prompt-figures": 2,  # a forward pass over the whole prompt
}
MAX_KNOWN_SESSIONS = 20_000
MAX_KNOWN_CODES = 5_000


def throttle(get_response: GetResponse) -> GetResponse:
    """Middleware. Static files and probes are not counted."""
    throttle = Throttle(settings.LIMITS, optional_redis(settings.CACHES["default"]))

    def middleware(request: HttpRequest) -> HttpResponseBase:
        endpoint = endpoint_of(request)
        if endpoint is STATIC_FILE or endpoint.name in PROBES:
            return get_response(request)
        try:
            throttle.admit(request)
            response = get_response(request)
            throttle.count_answered_code(request, response)
        except ThrottledError as error:
            return answer_error(request, error)
        throttle.update_known_sessions(request, response)
        return response

    return middleware


class Throttle:
    """limits: by the names `session`, `address`, `starts`, `costly`, `lookups`, `codes` and
    `logins`; each is optional. redis: None to count in the memory of this process."""

    def __init__(
        self, limits: Mapping[str, RateLimitItem], redis: OptionalRedis | None = None
    ) -> None:
        self._limits = limits
        self._counters = counters_for(redis)
        self._known_sessions = known_keys("sessions", redis, MAX_KNOWN_SESSIONS)
        # Of an address: those that were right there.
        self._known_codes = known_keys("codes", redis, MAX_KNOWN_CODES)

    def admit(self, request: HttpRequest) -> None:
        """Count the request. Raises `ThrottledError` when a limit is exceeded."""
        endpoint, address = endpoint_of(request), address_of(request)
        session_id = endpoint.session_id
        if cost := cost_of(request):
            self._count("costly", address, weight=cost)
        if session_id is not None and session_id in self._known_sessions:
            self._count_session(endpoint, session_id)
            return
        self._count("address", address)  # before the others: so it bounds the number of counters
        if session_id is not None:
            self._count_session(endpoint, session_id)
        code = code_of(request)
        if code and known_code(address, code) not in self._known_codes:
            self._count("lookups", address, error=TooManyCodesError)
        if is_start(request):
            if code:  # counted after the answer, if it is right
                self._require_room("starts", address)
            else:
                self._count("starts", address)
        if request.method == "POST" and endpoint.name == LOGIN_ENDPOINT:
            self._count("logins", address, digest(request.POST.get("username", "")[:150]))

    def count_answered_code(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Count the request's code by whether the answer shows that it is right: a start of a
        session, or a wrong code. Raises `TooManyCodesError` for one wrong code too many."""
        code = code_of(request)
        if not code:
            return
        address = address_of(request)
        key = known_code(address, code)
        if response.status_code == HTTPStatus.NOT_FOUND:
            self._known_codes.discard(key)
            self._count("codes", address, error=TooManyCodesError)
        elif response.status_code < HTTPStatus.BAD_REQUEST:
            self._known_codes.add(key)
            starts = self._limits.get("starts")
            if starts is not None and is_start(request):
                self._counters.hit(starts, "starts", address)

    def update_known_sessions(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Add the request's session if the answer shows that it exists; remove it after a 404."""
        session_id = endpoint_of(request).session_id
        if session_id is None:
            return
        if response.status_code == HTTPStatus.NOT_FOUND:
            self._known_sessions.discard(session_id)
        elif response.status_code < HTTPStatus.BAD_REQUEST and request.method in ("GET", "POST"):
            self._known_sessions.add(session_id)

    def _count_session(self, endpoint: Endpoint, session_id: str) -> None:
        """The id is the key to the session, so the counter has a digest of it."""
        key = [digest(session_id), *({endpoint.name} & POLLED_ENDPOINTS)]
        self._count("session", *key, weight=WEIGHTS.get(endpoint.name, 1))

    def _count(
        self, name: str, *key: str, weight: int = 1, error: type[ThrottledError] = ThrottledError
    ) -> None:
        """A weight above the limit itself is reduced to it: the first request is admitted."""
        limit = self._limits.get(name)
        if limit is None:
            return
        if not self._counters.hit(limit, name, *key, cost=min(weight, limit.amount)):
            raise error(retry_after_s=self._counters.retry_after_s(limit, name, *key))

    def _require_room(self, name: str, *key: str) -> None:
        """Raises `ThrottledError` if the limit is reached. Counts nothing."""
        limit = self._limits.get(name)
        if limit is not None and not self._counters.has_room(limit, name, *key):
            raise ThrottledError(retry_after_s=self._counters.retry_after_s(limit, name, *key))


def is_start(request: HttpRequest) -> bool:
    name = endpoint_of(request).name
    is_of_start = name in START_ENDPOINTS or name.startswith(LESSON_BEGIN)
    return request.method == "POST" and is_of_start


def code_of(request: HttpRequest) -> str:
    """The code that the request has looked up, as it is stored; empty if it looks none up."""
    endpoint = endpoint_of(request)
    if endpoint.name not in CODE_ENDPOINTS:
        return ""
    form = request.POST if request.method == "POST" else request.GET
    typed = form.get("code", "") if endpoint.name == "join" else endpoint.code
    code = normalize_code(typed)
    return code[: CODE_LEN + 1]  # a longer one is wrong, whatever its end


def known_code(address: str, code: str) -> str:
    return f"{address} {code}"


def address_of(request: HttpRequest) -> str:
    """The address; for IPv6 its /64 network, in which a client can choose any address."""
    text = str(request.META.get("REMOTE_ADDR", ""))
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return text
