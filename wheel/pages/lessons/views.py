"""The list of lessons."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from wheel.pages.lessons.course import COURSE


@gzip_page
@require_safe
def show_lessons(request: HttpRequest) -> HttpResponse:
    context = {"lessons": [page.lesson for page in COURSE]}
    return render(request, "lessons/index.html", context)
