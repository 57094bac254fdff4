"""Downloads of sessions with their texts, which teachers start from the lists."""

from collections.abc import Callable, Iterable, Mapping

from django.http import HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy

from wheel import services
from wheel.models import Member
from wheel.pages.exports.many_sessions import ExportedSession, sessions_csv, sessions_json
from wheel.services.states import SessionState

# Recorded in the admin's log, which holds no text.
EXPORT_NOTE = gettext_lazy("Exported the texts.")

Writer = Callable[[Iterable[ExportedSession]], str]
WRITERS: dict[str, tuple[Writer, str]] = {
    "csv": (sessions_csv, "text/csv; charset=utf-8"),
    "json": (sessions_json, "application/json"),
}


def download(sessions: Iterable[ExportedSession], extension: str) -> HttpResponse:
    """token-wheel-2026-11-29.csv; raises `ModelUnavailableError` if a tokenizer is missing."""
    write, content_type = WRITERS[extension]
    name = f"token-wheel-{localdate():%Y-%m-%d}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write(sessions), content_type=content_type, headers=headers)


def live_sessions(member_of: Mapping[str, Member | None]) -> list[ExportedSession]:
    """The live ones among the sessions with these ids, each with its member. Raises
    `StoreUnavailableError` and `ModelUnavailableError`."""
    alive = services.find_sessions(session_ids=list(member_of))
    states: Iterable[SessionState] = map(services.describe, alive)
    return [ExportedSession(state, member_of[state.session.session_id]) for state in states]
