"""Admin pages where teachers create, open and close classes."""

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
from wheel.models import Classroom, ClassState

if TYPE_CHECKING:
    BaseClassroomAdmin = admin.ModelAdmin[Classroom]
    BaseClassroomForm = forms.ModelForm[Classroom]
else:
    BaseClassroomAdmin = admin.ModelAdmin
    BaseClassroomForm = forms.ModelForm


def model_choices() -> list[tuple[str, str]]:
    """All models on offer, with a note at those whose files are missing."""
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
        fields = ("title", "model_id", "prompt", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        prompt = self.fields.get("prompt")  # absent for users with only the view permission
        if isinstance(prompt, forms.CharField):
            prompt.strip = False

    def clean_prompt(self) -> str:
        """Unchanged but for line breaks: browsers send each as two characters."""
        prompt: str = self.cleaned_data["prompt"].replace("\r\n", "\n")
        return prompt if prompt.strip() else ""

    def clean(self) -> dict[str, Any]:
        """Check the prompt against the model now, so that the error does not reach the students."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("prompt") and "model_id" in cleaned:
            try:
                services.check_prompt(prompt=cleaned["prompt"], model_id=cleaned["model_id"])
            except InvalidInputError as error:
                self.add_error("prompt", error.detail)
            except UnavailableError:
                pass  # the model's files are missing, so the tokens cannot be counted yet
        return cleaned


@admin.register(Classroom)
class ClassroomAdmin(BaseClassroomAdmin):
    form = ClassroomForm
    fields = ("title", "code", "model_id", "prompt", "state", "created_at")
    readonly_fields = ("code", "created_at")
    list_display = ("title", "code", "model_used", "state", "created_at", "num_members")
    list_filter = ("state", "created_at")
    search_fields = ("title", "code")
    actions = ("close_classes", "open_classes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Classroom]:
        return super().get_queryset(request).annotate(num_members=Count("members"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Bring the index up to date, so that the list counts only live sessions."""
        refresh_index(request)
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("model"), ordering="model_id")
    def model_used(self, classroom: Classroom) -> str:
        return classroom.model_id or gettext("The server's default")

    @admin.display(description=_("live sessions"), ordering="num_members")
    def num_members(self, classroom: Any) -> SafeString:
        """Their number, linked to the list of these sessions."""
        url = reverse("admin:wheel_sessionindexentry_changelist")
        return format_html(
            '<a href="{}?member__classroom__id__exact={}">{}</a>',
            url,
            classroom.pk,
            classroom.num_members,
        )

    @admin.action(description=_("Close selected classes"), permissions=["change"])
    def close_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> None:
        num_closed = queryset.update(state=ClassState.CLOSED)
        text = ngettext("%(num)d class is closed.", "%(num)d classes are closed.", num_closed)
        messages.success(request, text % {"num": num_closed})

    @admin.action(description=_("Open selected classes"), permissions=["change"])
    def open_classes(self, request: HttpRequest, queryset: QuerySet[Classroom]) -> None:
        num_opened = queryset.update(state=ClassState.OPEN)
        text = ngettext("%(num)d class is open.", "%(num)d classes are open.", num_opened)
        messages.success(request, text % {"num": num_opened})
