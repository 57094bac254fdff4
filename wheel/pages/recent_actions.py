"""Actions on the list of recent wheels: clear it, remove one wheel from it.

They change the cookie in the visitor's browser only; the sessions stay as they are.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from wheel.pages import recent


@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest) -> HttpResponse:
    """A GET, such as a reload after an error, only leads to the start page."""
    if request.method != "POST":
        return redirect("start")
    notice = "?cleared" if recent.read_cookie(request) else ""
    return recent.clear(request, redirect(reverse("start") + notice))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """The same for the wheel whose `session_id` is sent. An id that is not listed changes
    nothing."""
    if request.method != "POST":
        return redirect("start")
    session_id = request.POST.get("session_id", "")
    notice = "?removed" if session_id in recent.read_cookie(request) else ""
    response = redirect(reverse("start") + notice)
    return recent.remove_sessions(request, response, [session_id])
