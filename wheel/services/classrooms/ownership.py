"""The classrooms that a user may see: teachers their own, superusers all."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.db.models import QuerySet

from wheel.models import Classroom

VIEW, CHANGE = "wheel.view_classroom", "wheel.change_classroom"


def classrooms_of(
    user: AbstractBaseUser | AnonymousUser, permission: str = VIEW
) -> QuerySet[Classroom]:
    """The classrooms of which the user has the permission. None for a user who is not of the staff,
    and for one whose group does not give the permission, even if they own classrooms."""
    if not (isinstance(user, PermissionsMixin) and getattr(user, "is_staff", False)):
        return Classroom.objects.none()
    if not user.has_perm(permission):  # False for a user who is not active
        return Classroom.objects.none()
    if user.is_superuser:
        return Classroom.objects.all()
    return Classroom.objects.filter(owner_id=user.pk)
