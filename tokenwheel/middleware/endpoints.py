"""The endpoint of a request, from the URL pattern that it resolves to."""

import re
import uuid
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

ATTRIBUTE = "tokenwheel_endpoint"
PARAMETER = re.compile(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)(\w+)>")


@dataclass(frozen=True)
class Endpoint:
    """pattern      such as `/wheel/<session_id>/spin`, without values from the address
    name         of the URL pattern, with its namespace, such as `admin:login`
    session_id   of the wheel session in the address, as 32 hexadecimal digits
    code         of the class in the address, as it was typed
    """

    pattern: str
    name: str = ""
    session_id: str | None = None
    code: str = ""


# Requested by every open page of a class every few seconds.
POLLED_ENDPOINTS = frozenset({"class-state"})

MAX_REMEMBERED = 1000  # paths; a session has few, and requests them again and again

STATIC_FILE = Endpoint("static")
UNKNOWN = Endpoint("unknown")


def endpoint_of(request: HttpRequest) -> Endpoint:
    """The endpoint, resolved by the first call and cached on the request. Middleware needs it
    before Django itself resolves the address."""
    endpoint: Endpoint | None = getattr(request, ATTRIBUTE, None)
    if endpoint is None:
        endpoint = endpoint_at(request.path_info)
        setattr(request, ATTRIBUTE, endpoint)
    return endpoint


def endpoint_at(path: str) -> Endpoint:
    if path.startswith(settings.STATIC_URL.removeprefix(settings.URL_PREFIX)):
        return STATIC_FILE
    return resolved_endpoint(path, settings.ROOT_URLCONF)


@lru_cache(MAX_REMEMBERED)
def resolved_endpoint(path: str, urlconf: str) -> Endpoint:
    try:
        match = resolve(path, urlconf)
    except Resolver404:
        return UNKNOWN
    code = match.kwargs.get("code", "")
    return Endpoint(pattern_of(match), match.view_name or "", session_id_of(match), code)


def pattern_of(match: ResolverMatch) -> str:
    return "/" + PARAMETER.sub(lambda found: f"<{found[1] or found[2]}>", match.route).strip("^$")


def session_id_of(match: ResolverMatch) -> str | None:
    """The id in one form: the API and the pages accept upper case, no dashes and other variants."""
    try:
        return uuid.UUID(match.kwargs.get("session_id", "")).hex
    except ValueError:
        return None
