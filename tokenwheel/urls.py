"""URL patterns of the metrics, the API, the admin and the pages."""

from django.contrib import admin
from django.urls import include, path

from tokenwheel.metrics import show_metrics
from wheel.probes import METRICS

urlpatterns = [
    path(METRICS, show_metrics, name=METRICS),
    path("", include("wheel.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("wheel.pages.urls")),
]

handler400 = "wheel.api.error_handlers.bad_request"
handler500 = "tokenwheel.error_pages.server_error"
