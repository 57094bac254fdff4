"""The wall, and its changed part for the script that asks for it every two seconds."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.http import parse_etags
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from wheel.models import Classroom
from wheel.pages.problems import is_htmx_request, render_errors
from wheel.pages.wall.access import of_own_classroom
from wheel.pages.wall.answer import answer_wall
from wheel.pages.wall.etag import current_etag
from wheel.pages.wall.view_state import ViewState


@gzip_page
@require_safe
@render_errors
@of_own_classroom
def show_wall(request: HttpRequest, classroom: Classroom) -> HttpResponse:
    """304 for a page that shows the class as it is."""
    view = ViewState.from_query(request.GET.dict())
    etag = current_etag(classroom, view)
    if is_htmx_request(request) and etag in known_etags(request):
        return HttpResponseNotModified(headers={"ETag": etag})
    return answer_wall(request, classroom, view)


def known_etags(request: HttpRequest) -> list[str]:
    """Those that the page has. A proxy that compresses answers makes them weak ones."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return [etag.removeprefix("W/") for etag in known]
