"""Admin pages of wheel sessions: listed from the index, read and deleted in the store."""

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from wheel import services
from wheel.admin.downloads import EXPORT_NOTE, download, live_sessions
from wheel.admin.filters import ClassroomFilter, UseFilter
from wheel.admin.session_steps import page_of_steps, step_picture
from wheel.admin.store_backed import StoreBackedAdmin
from wheel.error_statuses import status_of
from wheel.errors import SessionNotFoundError, TokenWheelError
from wheel.models import SessionIndexEntry
from wheel.pages.words.messages import translated
from wheel.services.classrooms import classrooms_of

# Recorded in the admin's log, which holds no text.
SHOW_NOTE = _("Showed the text.")
NO_VALUE = "-"
SHOWN = "wheel-text-shown"  # in the login's session: the id of the session whose text is shown


@admin.register(SessionIndexEntry)
class SessionIndexEntryAdmin(StoreBackedAdmin):
    """Sessions can be listed, read and deleted, but not added or edited: students create them.

    Teachers see those of their own classes, superusers all.
    """

    list_display = (
        *("session_id", "pseudonym", "classroom", "model_id", "created_at", "last_seen"),
        "num_tokens",
    )
    list_filter = (ClassroomFilter, "model_id", UseFilter, "created_at")
    list_select_related = ("member__classroom",)
    search_fields = ("session_id", "member__pseudonym")
    date_hierarchy = "created_at"
    fields = readonly_fields = list_display
    actions = ("export_csv", "export_json")
    change_form_template = "admin/wheel/sessionindexentry/change_form.html"

    class Media:
        css: ClassVar = {"all": ("css/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[SessionIndexEntry]:
        entries = super().get_queryset(request).select_related("member__classroom")
        if getattr(request.user, "is_superuser", False):
            return entries
        return entries.filter(member__classroom__in=classrooms_of(request.user))

    def get_urls(self) -> list[URLPattern]:
        text = self.admin_site.admin_view(self.text_view)
        picture = self.admin_site.admin_view(require_safe(self.picture_view))
        return [
            path("<path:object_id>/text/", text, name="wheel_sessionindexentry_text"),
            path(
                "<path:object_id>/wheels/<int:step>.svg",
                picture,
                name="wheel_sessionindexentry_picture",
            ),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: SessionIndexEntry | None = None
    ) -> bool:
        return False

    @admin.display(description=_("pseudonym"), ordering="member__pseudonym")
    def pseudonym(self, entry: SessionIndexEntry) -> str:
        return entry.member.pseudonym if entry.member else NO_VALUE

    @admin.display(description=_("classroom"), ordering="member__classroom__title")
    def classroom(self, entry: SessionIndexEntry) -> str:
        if entry.member is None:
            return NO_VALUE
        classroom = entry.member.classroom
        url = reverse("admin:wheel_classroom_change", args=[classroom.pk])
        return format_html('<a href="{}">{}</a>', url, classroom.title)

    # --- one session -----------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The figures of every step; texts and tokens only if `text_view` was asked for them."""
        entry = self.get_object(request, object_id)
        if entry is None:
            return super().change_view(request, object_id)  # which reports that it is missing
        context = (extra_context or {}) | {
            "is_text_shown": request.session.pop(SHOWN, None) == str(entry.pk),
            "show_save": False,
            "show_save_and_continue": False,
            "show_close": True,
            "title": _("Wheel session"),
        }
        try:
            state = services.inspect_session(session_id=object_id)
            context |= {"state": state, "steps": page_of_steps(state, request.GET.get("page"))}
        except TokenWheelError as error:
            context["problem"] = translated(error.detail)
        return super().change_view(request, object_id, form_url, context)

    def require_view(self, request: HttpRequest, entry: SessionIndexEntry) -> None:
        """Raises `PermissionDenied` if the user may not view the session."""
        if not self.has_view_permission(request, entry):
            raise PermissionDenied

    def text_view(self, request: HttpRequest, object_id: str) -> Any:
        """Record that the text is shown, and show it on the session's page, once: a reload of that
        page hides it again."""
        entry = self.get_object(request, object_id)
        if entry is None:
            return self.change_view(request, object_id)
        self.require_view(request, entry)
        if request.method != "POST":
            return redirect("admin:wheel_sessionindexentry_change", object_id)
        self.log_change(request, entry, str(SHOW_NOTE))
        request.session[SHOWN] = str(entry.pk)
        page = reverse("admin:wheel_sessionindexentry_change", args=[entry.pk])
        return redirect(f"{page}?{urlencode({'page': request.POST.get('page', '1')})}")

    def picture_view(self, request: HttpRequest, object_id: str, step: int) -> Any:
        """The wheel of one step, without its tokens' names."""
        entry = self.get_object(request, object_id)
        if entry is None:
            return self.change_view(request, object_id)
        self.require_view(request, entry)
        try:
            state = services.inspect_session(session_id=object_id)
            picture = step_picture(state, step)
        except TokenWheelError as error:
            return HttpResponse(status=status_of(error))
        return HttpResponse(picture, content_type="image/svg+xml")

    # --- actions ---------------------------------------------------------------------------------

    @admin.action(description=_("Export selected sessions as CSV"), permissions=["view"])
    def export_csv(
        self, request: HttpRequest, queryset: QuerySet[SessionIndexEntry]
    ) -> HttpResponse:
        return self.export(request, queryset, "csv")

    @admin.action(description=_("Export selected sessions as JSON"), permissions=["view"])
    def export_json(
        self, request: HttpRequest, queryset: QuerySet[SessionIndexEntry]
    ) -> HttpResponse:
        return self.export(request, queryset, "json")

    def export(
        self, request: HttpRequest, queryset: QuerySet[SessionIndexEntry], extension: str
    ) -> HttpResponse:
        sessions = live_sessions({str(entry.pk): entry.member for entry in queryset})
        for entry in queryset:
            self.log_change(request, entry, str(EXPORT_NOTE))
        return download(sessions, extension)

    # --- deletion --------------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The sessions, each with the class that it leaves."""
        rows: list[Any] = []
        for entry in objs:
            rows.append(str(entry))
            if entry.member is not None:
                text = gettext("%(pseudonym)s leaves the class “%(title)s”.")
                title = entry.member.classroom.title
                rows.append([text % {"pseudonym": entry.member.pseudonym, "title": title}])
        num = len(objs)
        counted = {ngettext("session, with its text", "sessions, with their texts", num): num}
        lacking = set() if self.has_delete_permission(request) else {gettext("wheel session")}
        return rows, counted, lacking, []

    def delete_model(self, request: HttpRequest, obj: SessionIndexEntry) -> None:
        delete_session(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SessionIndexEntry]) -> None:
        for session_id in list(queryset.values_list("pk", flat=True)):
            delete_session(session_id)


def delete_session(session_id: UUID) -> None:
    """Delete the session from the store, and its index row even if the store no longer has it."""
    try:
        services.delete_session(session_id=str(session_id))
    except SessionNotFoundError:
        services.forget_session(session_id=str(session_id))
