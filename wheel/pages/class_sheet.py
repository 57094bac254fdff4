"""The printable sheet of a class: code, address and QR code, to be put on the door or the desks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from wheel.models import Classroom
from wheel.pages.qr_code import join_url, qr_svg
from wheel.pages.teachers_pages import for_its_teacher


@require_safe
@for_its_teacher
def show_sheet(request: HttpRequest, classroom: Classroom) -> HttpResponse:
    """The short address is typed; the code in the long one saves that."""
    typed = request.build_absolute_uri(reverse("join"))
    context = {
        "classroom": classroom,
        "join_address": typed.split("://", 1)[-1],
        "join_url": join_url(request, classroom),
        "qr_code": qr_svg(join_url(request, classroom)),
    }
    return render(request, "pages/class_sheet.html", context)
