"""Admin pages of live wheel sessions: listed from the index, read and deleted in the store."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from wheel import services
from wheel.errors import SessionNotFoundError, TokenWheelError
from wheel.models import SessionIndexEntry

if TYPE_CHECKING:
    IndexEntryAdmin = admin.ModelAdmin[SessionIndexEntry]
else:
    IndexEntryAdmin = admin.ModelAdmin


@admin.register(SessionIndexEntry)
class SessionIndexEntryAdmin(IndexEntryAdmin):
    """Sessions can be listed, read and deleted, but not added or edited: students create them."""

    list_display = (
        "session_id",
        "model_id",
        "member",
        "created_at",
        "last_seen",
        "num_tokens",
    )
    list_filter = ("member__classroom", "model_id", "created_at")
    list_select_related = ("member",)
    search_fields = ("session_id",)
    date_hierarchy = "created_at"
    readonly_fields = list_display
    change_form_template = "admin/wheel_session.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Bring the index up to date, so that the list shows only live sessions."""
        refresh_index(request)
        try:
            return super().changelist_view(request, extra_context)
        except TokenWheelError as error:  # raised by the delete action
            return self.back_to_list(request, error)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = (extra_context or {}) | {
            "show_save": False,
            "show_save_and_continue": False,
            "show_close": True,
            "title": _("Wheel session"),
        }
        try:
            context["state"] = services.inspect_session(session_id=object_id)
        except TokenWheelError as error:
            context["problem"] = error.detail
        return super().change_view(request, object_id, form_url, context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except TokenWheelError as error:
            return self.back_to_list(request, error)

    def back_to_list(self, request: HttpRequest, error: TokenWheelError) -> HttpResponse:
        self.message_user(request, error.detail, messages.ERROR)
        return redirect("admin:wheel_sessionindexentry_changelist")

    def delete_model(self, request: HttpRequest, obj: SessionIndexEntry) -> None:
        delete_session(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SessionIndexEntry]) -> None:
        for session_id in queryset.values_list("pk", flat=True):
            delete_session(session_id)


def refresh_index(request: HttpRequest) -> None:
    """If the store does not answer, the list stays unchanged and an error message is shown."""
    try:
        services.refresh_session_index()
    except TokenWheelError as error:
        messages.error(request, error.detail)


def delete_session(session_id: UUID) -> None:
    """Delete the session from the store, and its index row even if the store no longer has it."""
    try:
        services.delete_session(session_id=str(session_id))
    except SessionNotFoundError:
        SessionIndexEntry.objects.filter(pk=session_id).delete()
