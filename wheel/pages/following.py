"""The state of the class, which the page of a member polls, and the landing of a common spin."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from wheel.errors import InvalidInputError
from wheel.pages.forms import RevForm, sentences
from wheel.pages.landing import Landing
from wheel.pages.problems import errors_answered_by, json_error
from wheel.services import classrooms


@require_safe
@errors_answered_by(json_error)
def show_class_state(request: HttpRequest, session_id: str) -> HttpResponse:
    """A few bytes of JSON, with an ETag, and 304 by the middleware. 404 for a session without a
    class."""
    response = JsonResponse(asdict(classrooms.class_status(session_id=session_id)))
    response["Cache-Control"] = "no-cache, private"
    return response


@gzip_page
@require_safe
@errors_answered_by(json_error)
def show_landing(request: HttpRequest, session_id: str) -> HttpResponse:
    """The landing of a common spin, for a page that shows the text of `rev`; 204 if that page has
    more or something else to catch up on. The page may show only a part of the wheel."""
    form = RevForm(request.GET)
    if not form.is_valid():
        raise InvalidInputError(sentences(form))
    shown_rev = form.cleaned_data["rev"]
    change = classrooms.missed_common_spin(session_id=session_id, shown_rev=shown_rev)
    if change is None:
        return HttpResponse(status=204)
    assert change.view is not None
    landing = Landing(change.after, change.view, change.chosen)
    announcement = _("Everyone spins: %(result)s") % {"result": landing.result.sentence}
    context = {"landing": landing, "is_opened": True, "announcement": announcement}
    return render(request, "pages/_landing.html", context)
