"""Downloads of a session as JSON and CSV, and of its wheel as SVG."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from wheel import services
from wheel.pages.exports.documents import session_json
from wheel.pages.exports.picture import wheel_svg
from wheel.pages.exports.tables import requested_dialect, session_csv
from wheel.pages.problems import render_errors


@require_safe
@render_errors
def export_json(request: HttpRequest, session_id: str) -> HttpResponse:
    state = services.get_session(session_id=session_id)
    return attachment(session_json(state), session_id, "json", "application/json")


@require_safe
@render_errors
def export_csv(request: HttpRequest, session_id: str) -> HttpResponse:
    """Query: `dialect` (plain or excel), and for excel `language`, which decides on the comma."""
    dialect = requested_dialect(request)
    state = services.get_session(session_id=session_id)
    return attachment(session_csv(state, dialect), session_id, "csv", "text/csv; charset=utf-8")


@require_safe
@render_errors
def export_svg(request: HttpRequest, session_id: str) -> HttpResponse:
    """The wheel that was served last to this session."""
    view = services.next_wheel(session_id=session_id)
    return attachment(wheel_svg(view), session_id, "svg", "image/svg+xml")


def attachment(content: str, session_id: str, extension: str, content_type: str) -> HttpResponse:
    """token-wheel-1a2b3c4d.csv"""
    name = f"token-wheel-{services.checked_id(session_id)[:8]}.{extension}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
