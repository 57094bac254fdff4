"""Logins of teachers: staff users in the group Teachers, who see their own classes only."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from wheel.errors import InvalidFieldsError

GROUP_NAME = "Teachers"
PERMISSIONS = (
    "add_classroom",
    "change_classroom",
    "delete_classroom",
    "view_classroom",
    "delete_sessionindexentry",
    "view_sessionindexentry",
)


def create_teacher(*, username: str, password: str) -> User:
    """A new staff user in the group. Raises `InvalidFieldsError`, with the sentences of Django's
    validators, for a name or a password that cannot be used."""
    user = get_user_model()(username=username, is_staff=True)
    errors = name_errors(user) | password_errors(user, password)
    if errors:
        raise InvalidFieldsError(errors)
    user.set_password(password)
    with transaction.atomic():
        user.save()
        user.groups.add(teachers_group())
    return user


def teachers_group() -> Group:
    """The group of the migration, which a restored backup of an older version may have replaced."""
    group, is_new = Group.objects.get_or_create(name=GROUP_NAME)
    if is_new:
        needed = Permission.objects.filter(
            content_type__app_label="wheel", codename__in=PERMISSIONS
        )
        group.permissions.set(needed)
    return group


def name_errors(user: User) -> dict[str, list[str]]:
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as error:
        return error.message_dict
    return {}


def password_errors(user: User, password: str) -> dict[str, list[str]]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {"password": error.messages}
    return {}
