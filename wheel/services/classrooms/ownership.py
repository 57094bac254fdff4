"""The classrooms that a user may see: teachers their own, superusers all."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from wheel.models import Classroom


def classrooms_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Classroom]:
    """The classrooms that the user may see and manage. None for a user who is not of the staff."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return Classroom.objects.none()
    if getattr(user, "is_superuser", False):
        return Classroom.objects.all()
    return Classroom.objects.filter(owner_id=user.pk)
