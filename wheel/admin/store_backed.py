"""Base class of the admin pages whose actions read or change the session store."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from wheel import services
from wheel.errors import TokenWheelError
from wheel.pages.words.messages import translated

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
else:
    AnyModelAdmin = admin.ModelAdmin


class StoreBackedAdmin(AnyModelAdmin):
    """An error of `wheel.errors` that a POST raises becomes a message on the list of objects, and
    the database is as it was before, the admin's log included."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Bring the index up to date first, so that only live sessions are listed and counted."""
        refresh_index(request)
        view = super().changelist_view
        answer: HttpResponse = self.answered(request, lambda: view(request, extra_context))
        return answer

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        view = super().changeform_view
        return self.answered(request, lambda: view(request, object_id, form_url, extra_context))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        view = super().delete_view
        return self.answered(request, lambda: view(request, object_id, extra_context))

    def answered(self, request: HttpRequest, view: Callable[[], Any]) -> Any:
        if request.method != "POST":
            return view()
        try:
            with transaction.atomic():
                return view()
        except TokenWheelError as error:
            self.message_user(request, translated(error.detail), messages.ERROR)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def refresh_index(request: HttpRequest) -> None:
    """If the store does not answer, the list stays unchanged and an error message is shown."""
    try:
        services.refresh_session_index()
    except TokenWheelError as error:
        messages.error(request, translated(error.detail))
