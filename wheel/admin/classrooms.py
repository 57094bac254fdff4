"""Classes for teachers: made, opened and closed here."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wheel import services
from wheel.admin.sessions import refresh_index
from wheel.errors import InvalidInputError, UnavailableError
from wheel.models import Classroom

if TYPE_CHECKING:
    BaseClassroomAdmin = admin.ModelAdmin[Classroom]
    BaseClassroomForm = forms.ModelForm[Classroom]
else:
    BaseClassroomAdmin = admin.ModelAdmin
    BaseClassroomForm = forms.ModelForm


def model_choices() -> list[tuple[str, str]]:
    """The models on offer; those that are not here yet say so."""
    return [("", gettext("The server's default"))] + [
        (
            status.spec.model_id,
            status.spec.name
            if status.is_available
            else gettext("%(name)s (not available)") % {"name": status.spec.name},
        )
        for status in services.list_models()
    ]


class ClassroomForm(BaseClassroomForm):
    model_id = forms.ChoiceField(label=_("Model"), required=False, choices=model_choices)

    class Meta:
        model = Classroom
        fields = ("name", "model_id", "prompt", "is_open")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prompt = self.fields.get("prompt")  # None for those who may only look
        if isinstance(prompt, forms.CharField):
            prompt.strip = False

    def clean_prompt(self) -> str:
        """To the letter, but with the line breaks that were typed, which browsers send as two
        characters."""
        prompt: str = self.cleaned_data["prompt"].replace("\r\n", "\n")
        return prompt if prompt.strip() else ""

    def clean(self) -> dict[str, Any]:
        """What a class could not begin with is refused here, not when thirty students join."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("prompt") and "model_id" in cleaned:
            try:
                services.check_prompt(prompt=cleaned["prompt"], model_id=cleaned["model_id"])
            except InvalidInputError as error:
                self.add_error("prompt", error.detail)
            except UnavailableError:
                pass  # its tokens cannot be counted before the model is here
        return cleaned


@admin.register(Classroom)
class ClassroomAdmin(BaseClassroomAdmin):
    form = ClassroomForm
    fields = ("name", "code", "model_id", "prompt", "is_open", "created_at")
    readonly_fields = ("code", "created_at")
    list_display = ("name", "code", "model_used", "is_open", "created_at", "num_sessions")
    list_filter = ("is_open", "created_at")
    search_fields = ("name", "code")
    actions = ("close_classes", "open_classes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Classroom]:
        return super().get_queryset(request).annotate(num_sessions=Count("sessions"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Open the list on the numbers of now."""
        refresh_index(request)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("model"), ordering="model_id")
    def model_used(self, classroom: Classroom) -> str:
        return classroom.model_id or gettext("The server's default")

    @admin.display(description=_("live sessions"), ordering="num_sessions")
    def num_sessions(self, classroom: Any) -> SafeString:
        """A link to the list of just these sessions."""
        url = reverse("admin:wheel_sessionindexentry_changelist")
        return format_html(
            '<a href="{}?classroom__id__exact={}">{}</a>', url, classroom.pk, classroom.num_sessions
        )

    @admin.action(description=_("Close selected classes"), permissions=["change"])
    def close_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> None:
        num_closed = queryset.update(is_open=False)
        text = ngettext("%(num)d class is closed.", "%(num)d classes are closed.", num_closed)
        messages.success(request, text % {"num": num_closed})

    @admin.action(description=_("Open selected classes"), permissions=["change"])
    def open_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> None:
        num_opened = queryset.update(is_open=True)
        text = ngettext("%(num)d class is open.", "%(num)d classes are open.", num_opened)
        messages.success(request, text % {"num": num_opened})
