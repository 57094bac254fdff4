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
    return recent.clear(request, redirect(f"{reverse('start')}?cleared"))


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest) -> HttpResponse:
    """The same for the wheel whose `session_id` is sent. An id that is not listed changes
    nothing."""
    if request.method != "POST":
        return redirect("start")
    session_id = request.POST.get("session_id", "")
    return recent.remove_sessions(request, redirect(f"{reverse('start')}?removed"), [session_id])
