"""Filters of the admin's lists, whose choices are the user's own objects only."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.models import SessionIndexEntry
from wheel.services.classrooms import classrooms_of

if TYPE_CHECKING:
    Entries = QuerySet[SessionIndexEntry]

WITHOUT = "none"


class ClassroomFilter(admin.SimpleListFilter):
    """By class. Superusers can also list the sessions without one."""

    title = _("classroom")
    parameter_name = "classroom"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        own = classrooms_of(request.user).values_list("pk", "title", "code")
        choices: list[tuple[str, Any]] = [(str(pk), f"{title} ({code})") for pk, title, code in own]
        if getattr(request.user, "is_superuser", False):
            choices.append((WITHOUT, _("no class")))
        return choices

    def queryset(self, request: HttpRequest, queryset: "Entries") -> "Entries":
        value = self.value()
        if value is None:
            return queryset
        if value not in dict(self.lookup_choices):
            return queryset.none()
        if value == WITHOUT:
            return queryset.filter(member=None)
        return queryset.filter(member__classroom=int(value))


class UseFilter(admin.SimpleListFilter):
    """Whether the session was used within the lifetime of sessions, or exists only because its
    class keeps it."""

    title = _("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [("live", _("live")), ("kept", _("kept for the class"))]

    def queryset(self, request: HttpRequest, queryset: "Entries") -> "Entries":
        match self.value():
            case "live":
                return queryset.filter(last_seen__gte=services.live_since())
            case "kept":
                return queryset.filter(last_seen__lt=services.live_since())
        return queryset
