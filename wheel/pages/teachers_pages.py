"""Pages of a classroom for its teacher, outside of the admin: login and ownership."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from wheel.models import Classroom
from wheel.services.classrooms import CHANGE, VIEW, classrooms_of

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
Params = ParamSpec("Params")
ClassroomView = Callable[Concatenate[HttpRequest, Classroom, Params], HttpResponse]
AddressedView = Callable[..., HttpResponse]


def for_its_teacher(view: ClassroomView[Params]) -> AddressedView:
    """Decorator of a view of one classroom, which the address names by `classroom_id`. Without a
    login of the staff the answer is the login page; for another teacher's classroom, and without
    the permission to view classrooms (to change them, for a POST), it is 404, as for one that does
    not exist."""

    @wraps(view)
    def checked(
        request: HttpRequest, /, classroom_id: int, *args: Params.args, **kwargs: Params.kwargs
    ) -> HttpResponse:
        permission = VIEW if request.method in SAFE_METHODS else CHANGE
        classroom = get_object_or_404(classrooms_of(request.user, permission), pk=classroom_id)
        return view(request, classroom, *args, **kwargs)

    return staff_member_required(checked)
