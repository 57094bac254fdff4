"""The list of recent wheels on the start page, and the cookie with their session ids.

The server stores nothing else about a visitor. The cookie is not trusted: ids that are malformed,
of another server or of sessions that have ended are left out. With `WHEEL_RECENT_LIST=false` the
cookie is neither set nor read, and one that a browser still has is deleted.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from wheel import services
from wheel.errors import ModelUnavailableError, StoreUnavailableError
from wheel.pages.cookies import set_page_cookie
from wheel.pages.words.directions import text_direction
from wheel.pages.words.endings import spoken_ending, text_ending
from wheel.pages.words.models import names_of_models
from wheel.services import StoredSession

NUM_KEPT = 3
UUID_LEN = 36
SEPARATOR = "."
MAX_COOKIE_LEN = NUM_KEPT * UUID_LEN + (NUM_KEPT - 1) * len(SEPARATOR)
ENDING_LEN = 90

SessionView = Callable[[HttpRequest, str], HttpResponse]


@dataclass(frozen=True, slots=True)
class RecentWheel:
    session_id: str
    text: str
    model_name: str
    num_tokens: int

    @property
    def ending(self) -> str:
        """The end of the text, since texts of one class often begin alike."""
        return text_ending(self.text, ENDING_LEN)

    @property
    def spoken_ending(self) -> str:
        """Empty for a text of spaces only."""
        return spoken_ending(self.text, ENDING_LEN)

    @property
    def text_direction(self) -> str:
        return text_direction(self.text)


@dataclass(frozen=True, slots=True)
class RecentWheels:
    """The wheels in the cookie: those that can be shown, and the ids of sessions that have ended.
    A session whose model is not available at the moment is in neither."""

    alive: list[RecentWheel]
    ended_ids: list[str]


def load(request: HttpRequest) -> RecentWheels:
    """Read all sessions at once from the store, which does not count as a use of them."""
    session_ids = read_cookie(request)
    try:
        sessions = services.find_sessions(session_ids=session_ids)
    except StoreUnavailableError:
        return RecentWheels([], [])
    alive = {stored.session.session_id for stored in sessions}
    return RecentWheels(describe_all(sessions), [i for i in session_ids if i not in alive])


def describe_all(sessions: Collection[StoredSession]) -> list[RecentWheel]:
    names = names_of_models()
    wheels = []
    for stored in sessions:
        session = stored.session
        try:
            text = services.describe(stored).current_text
        except ModelUnavailableError:
            continue
        name = names.get(session.model_id, session.model_id)
        wheels.append(RecentWheel(session.session_id, text, name, session.num_tokens))
    return wheels


def read_cookie(request: HttpRequest) -> list[str]:
    """The ids in the cookie, newest first."""
    if not settings.WHEEL_RECENT_LIST:
        return []
    cookie = request.COOKIES.get(settings.WHEEL_COOKIE_NAME, "")
    if len(cookie) > MAX_COOKIE_LEN:
        return []
    parts = dict.fromkeys(cookie.split(SEPARATOR))
    return [part for part in parts if is_session_id(part)]


def add_session(request: HttpRequest, response: HttpResponse, session_id: str) -> HttpResponse:
    if not settings.WHEEL_RECENT_LIST:
        return clear(request, response)
    older = [other for other in read_cookie(request) if other != session_id]
    return write_cookie(request, response, [session_id, *older][:NUM_KEPT])


def remove_sessions(
    request: HttpRequest, response: HttpResponse, session_ids: Collection[str]
) -> HttpResponse:
    listed = read_cookie(request)
    kept = [session_id for session_id in listed if session_id not in session_ids]
    if not kept:
        return clear(request, response)
    return response if kept == listed else write_cookie(request, response, kept)


def clear(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Delete the cookie in the browser. The sessions stay."""
    name = settings.WHEEL_COOKIE_NAME
    if name in request.COOKIES:
        response.delete_cookie(name, path=settings.SESSION_COOKIE_PATH, samesite="Lax")
    return response


def add_shown_session(view: SessionView) -> SessionView:
    """Decorator: put the session that a view shows first in the cookie. Answers with a part of a
    page do so too, so that the cookie lasts as long as the session. The view of a missing session
    raises an error before that."""

    @wraps(view)
    def wrapped(request: HttpRequest, session_id: str) -> HttpResponse:
        response = view(request, session_id)
        return add_session(request, response, services.checked_id(session_id))

    return wrapped


def write_cookie(
    request: HttpRequest, response: HttpResponse, session_ids: list[str]
) -> HttpResponse:
    value = SEPARATOR.join(session_ids)
    max_age = services.session_lifetime()
    return set_page_cookie(request, response, settings.WHEEL_COOKIE_NAME, value, max_age)


def is_session_id(text: str) -> bool:
    try:
        return text == str(uuid.UUID(text))
    except ValueError:
        return False
