"""Access to the pages of one class: its teacher and superusers, after a login of the staff."""

from collections.abc import Callable
from functools import wraps

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django_htmx.http import HttpResponseClientRefresh

from wheel.models import Classroom
from wheel.pages.problems import is_htmx_request
from wheel.services.classrooms import classrooms_of

ClassView = Callable[[HttpRequest, Classroom], HttpResponse]


def of_own_classroom(view: ClassView) -> Callable[..., HttpResponse]:
    """Decorator of a view of a classroom: `classroom_id` of the address becomes the classroom. 404
    for a class of another teacher; without a login, a redirect to it."""

    def with_classroom(request: HttpRequest, classroom_id: int) -> HttpResponse:
        return view(request, get_object_or_404(classrooms_of(request.user), pk=classroom_id))

    with_login = staff_member_required(with_classroom)

    @wraps(view)
    def wrapped(request: HttpRequest, classroom_id: int) -> HttpResponse:
        if is_htmx_request(request) and not is_staff(request):
            return HttpResponseClientRefresh()  # the whole page leads to the login
        return with_login(request, classroom_id)

    return wrapped


def is_staff(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and getattr(user, "is_staff", False)
