"""Access to the wall: as to all pages of a class for its teacher, and for requests of htmx."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRefresh

from wheel.models import Classroom
from wheel.pages.problems import is_htmx_request
from wheel.pages.teachers_pages import for_its_teacher

ClassView = Callable[[HttpRequest, Classroom], HttpResponse]


def of_own_classroom(view: ClassView) -> Callable[..., HttpResponse]:
    """Decorator of a view of the wall. A request of htmx whose login has ended has the whole page
    loaded again, which leads to the login; its form would be merged into the wall otherwise."""
    checked = for_its_teacher(view)

    @wraps(view)
    def wrapped(request: HttpRequest, classroom_id: int) -> HttpResponse:
        if is_htmx_request(request) and not is_staff(request):
            return HttpResponseClientRefresh()
        return checked(request, classroom_id=classroom_id)

    return wrapped


def is_staff(request: HttpRequest) -> bool:
    user = request.user
    return user.is_active and getattr(user, "is_staff", False)
