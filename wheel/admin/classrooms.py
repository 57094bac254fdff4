"""Admin pages where teachers prepare, open, freeze, close, copy, export and delete classes."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin import actions as django_actions
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wheel.admin.classroom_form import ClassroomForm, kit_values
from wheel.admin.downloads import EXPORT_NOTE, download, live_sessions
from wheel.admin.store_backed import StoreBackedAdmin
from wheel.admin.wheel_preview import PreviewForm
from wheel.domain.lesson_kits import KIT_BY_KEY, LESSON_KITS
from wheel.domain.wheel_settings import SETTINGS_IN_DISPLAY_ORDER
from wheel.models import Classroom, ClassState, Member
from wheel.pages.qr_code import join_url
from wheel.services import classrooms
from wheel.services.classrooms import classrooms_of

SETTINGS_ROW = tuple(spec.name for spec in SETTINGS_IN_DISPLAY_ORDER)
MAX_TITLE_LEN = Classroom._meta.get_field("title").max_length or 0  # noqa: SLF001


@admin.register(Classroom)
class ClassroomAdmin(StoreBackedAdmin):
    """Teachers see their own classes, superusers all."""

    form = ClassroomForm
    fieldsets = (
        (_("Lesson"), {"fields": ("title", "lesson", "question", "look_for")}),
        (
            _("Wheel"),
            {
                "classes": ("class-wheel",),
                "fields": ("model_id", "prompt", "other_prompt", SETTINGS_ROW, "locked", "luck"),
            },
        ),
        (_("Class"), {"fields": ("state", "expires_at", "hides_names", "blurs_stories")}),
    )
    list_display = ("title", "code", "model_used", "state", "num_members", "expires_at", "links")
    list_filter = ("state", "created_at")
    search_fields = ("title", "code")
    ordering = ("-created_at",)
    actions = (
        *("open_classes", "freeze_classes", "close_classes", "copy_classes"),
        *("export_csv", "export_json", "delete_selected"),
    )
    change_list_template = "admin/wheel/classroom/change_list.html"
    change_form_template = "admin/wheel/classroom/change_form.html"

    fixed_note = _(
        "Students have joined, so the model and the kind of luck stay as they are. Copy the class "
        "to play with the other kind of luck."
    )

    class Media:
        css: ClassVar = {"all": ("css/admin.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Classroom]:
        own = classrooms_of(request.user).annotate(num_members=Count("members", distinct=True))
        return own.order_by(*self.ordering)

    def get_urls(self) -> list[URLPattern]:
        preview = self.admin_site.admin_view(require_POST(self.preview_view))
        return [path("preview/", preview, name="wheel_classroom_preview"), *super().get_urls()]

    # --- lists -----------------------------------------------------------------------------------

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        columns = self.list_display
        return (*columns[:2], "owner", *columns[2:]) if is_superuser(request) else columns

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        own = (("owner", admin.RelatedOnlyFieldListFilter),) if is_superuser(request) else ()
        return (*self.list_filter, *own)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, (extra_context or {}) | {"kits": LESSON_KITS})

    @admin.display(description=_("model"), ordering="model_id")
    def model_used(self, classroom: Classroom) -> str:
        return classroom.model_id or gettext("The server's default")

    @admin.display(description=_("members"), ordering="num_members")
    def num_members(self, classroom: Any) -> SafeString:
        """Their number, linked to the list of their sessions."""
        return format_html('<a href="{}">{}</a>', sessions_url(classroom), classroom.num_members)

    @admin.display(description=_("links"))
    def links(self, classroom: Classroom) -> SafeString:
        wall, sheet = (reverse(name, args=[classroom.pk]) for name in ("wall", "class-sheet"))
        return format_html(
            '<a href="{}">{}</a><br><a href="{}">{}</a>',
            *(wall, gettext("Wall"), sheet, gettext("Printable sheet")),
        )

    # --- the form --------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Classroom | None = None) -> Any:
        lesson, *others = self.fieldsets
        if is_superuser(request):
            fields = lesson[1]["fields"]
            lesson = (lesson[0], {"fields": (*fields[:1], "owner", *fields[1:])})
        if obj and obj.members.exists():
            (title, options), *others = others
            others = [(title, options | {"description": self.fixed_note}), *others]
        return (lesson, *others)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Classroom | None = None
    ) -> tuple[str, ...]:
        """All members of a class have one model, and one kind of luck: draws of both kinds cannot
        be counted together."""
        return ("model_id", "luck") if obj and obj.members.exists() else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        kit = KIT_BY_KEY.get(request.GET.get("kit", ""))
        return kit_values(kit) if kit else {}

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Classroom | None = None,
    ) -> HttpResponse:
        form = context["adminform"].form
        values = {name: form[name].value() for name in PreviewForm().fields if name in form.fields}
        context |= {"kits": LESSON_KITS} if add else {}
        if obj is not None:
            values = {"model_id": obj.model_id} | values
            context |= {
                "join_url": join_url(request, obj),
                "sessions_url": sessions_url(obj),
                "num_members": obj.members.count(),
                "states": ClassState,
            }
        context["preview"] = PreviewForm(values).preview()
        return super().render_change_form(request, context, add, change, form_url, obj)

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The preview of a form that is being edited; nothing is saved. The text is sent in the
        body, so that it stands in no log. For users who may see the form."""
        if not (self.has_add_permission(request) or self.has_view_permission(request)):
            raise PermissionDenied
        context = {"preview": PreviewForm(request.POST).preview()}
        return render(request, "admin/wheel/classroom/_preview.html", context)

    def save_model(self, request: HttpRequest, obj: Classroom, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """A changed class writes the changed fields alone: the wall changes others meanwhile."""
        if change:
            classrooms.edit_classroom(obj, form.changed_data)
            return
        obj.owner_id = obj.owner_id or request.user.pk
        obj.save()

    # --- actions ---------------------------------------------------------------------------------

    @admin.action(description=_("Open selected classes"), permissions=["change"])
    def open_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> HttpResponse:
        return self.set_states(request, queryset, ClassState.OPEN)

    @admin.action(description=_("Freeze selected classes"), permissions=["change"])
    def freeze_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> HttpResponse:
        return self.set_states(request, queryset, ClassState.FROZEN)

    @admin.action(description=_("Close selected classes"), permissions=["change"])
    def close_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> HttpResponse:
        return self.set_states(request, queryset, ClassState.CLOSED)

    def set_states(
        self, request: HttpRequest, queryset: QuerySet[Classroom], state: ClassState
    ) -> HttpResponse:
        chosen = list(queryset)
        for classroom in chosen:
            classrooms.set_state(classroom, state)
        text = ngettext(
            "%(num)d class is %(state)s.", "%(num)d classes are %(state)s.", len(chosen)
        )
        messages.success(request, text % {"num": len(chosen), "state": state.label})
        return back(request, chosen)

    @admin.action(description=_("Copy selected classes"), permissions=["add"])
    def copy_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> HttpResponse:
        """A copy has a new code and no members, and belongs to the owner of the class."""
        copies = [
            classrooms.copy_classroom(
                classroom, title=copied_title(classroom), owner_id=classroom.owner_id
            )
            for classroom in queryset
        ]
        text = ngettext("%(num)d class was copied.", "%(num)d classes were copied.", len(copies))
        messages.success(request, text % {"num": len(copies)})
        return back(request, copies)

    @admin.action(description=_("Export selected classes as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> HttpResponse:
        return self.export(request, queryset, "csv")

    @admin.action(description=_("Export selected classes as JSON"), permissions=["view"])
    def export_json(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> HttpResponse:
        return self.export(request, queryset, "json")

    def export(
        self, request: HttpRequest, queryset: QuerySet[Classroom], extension: str
    ) -> HttpResponse:
        members = Member.objects.filter(classroom__in=queryset.values("pk"))
        sessions = live_sessions(
            {str(member.session_id): member for member in members.select_related("classroom")}
        )
        for classroom in queryset:
            self.log_change(request, classroom, str(EXPORT_NOTE))
        return download(sessions, extension)

    @admin.action(
        description=_("Delete selected classes, with all their sessions"), permissions=["delete"]
    )
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> Any:
        return django_actions.delete_selected(self, request, queryset)

    # --- deletion --------------------------------------------------------------------------------

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes with the classes, in words and numbers instead of a list of all rows."""
        chosen: list[Any] = list(
            self.get_queryset(request)
            .filter(pk__in=[classroom.pk for classroom in objs])
            .annotate(num_held=Count("held_stories", distinct=True))
        )
        rows: list[Any] = []
        for classroom in chosen:
            rows += [f"{classroom.title} ({classroom.code})", what_goes(classroom)]
        total = {
            gettext("classes"): len(chosen),
            gettext("sessions, with their texts"): sum(
                classroom.num_members for classroom in chosen
            ),
            gettext("held stories"): sum(classroom.num_held for classroom in chosen),
        }
        lacking = set() if self.has_delete_permission(request) else {gettext("classroom")}
        return rows, total, lacking, []

    def delete_model(self, request: HttpRequest, obj: Classroom) -> None:
        classrooms.delete_classroom(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> None:
        classrooms.delete_classrooms(queryset)


def is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


def sessions_url(classroom: Classroom) -> str:
    return f"{reverse('admin:wheel_sessionindexentry_changelist')}?classroom={classroom.pk}"


def copied_title(classroom: Classroom) -> str:
    ending = gettext(" (copy)")
    return classroom.title[: MAX_TITLE_LEN - len(ending)] + ending


def what_goes(classroom: Any) -> list[str]:
    """The members and the held stories of a class, as the confirmation names them."""
    sessions = ngettext(
        "%(num)d student's session, with its text",
        "%(num)d students' sessions, with their texts",
        classroom.num_members,
    )
    held = ngettext("%(num)d held story", "%(num)d held stories", classroom.num_held)
    return [sessions % {"num": classroom.num_members}, held % {"num": classroom.num_held}]


def back(request: HttpRequest, chosen: list[Classroom]) -> HttpResponse:
    """To the form of the class whose button was pressed there, else to the list as it was."""
    if "from_form" in request.POST and len(chosen) == 1:
        return redirect("admin:wheel_classroom_change", chosen[0].pk)
    return redirect(request.get_full_path())
