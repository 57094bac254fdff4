"""The addresses of everything."""

from django.contrib import admin
from django.urls import include, path

from tokenwheel.metrics import show_metrics

urlpatterns = [
    path("metrics", show_metrics, name="metrics"),
    path("", include("wheel.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("wheel.pages.urls")),
]

handler400 = "wheel.api.error_handlers.bad_request"
handler500 = "tokenwheel.error_pages.server_error"
