"""URLs of the API and the probes, without trailing slashes."""

from csp.decorators import csp_update
from django.urls import include, path, re_path
from django.views.decorators.cache import cache_control
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from wheel.api.classroom_views import ClassroomViewSet
from wheel.api.service_views import HealthView, ModelsView, NotFoundView, ReadyView, RootView
from wheel.api.session_views import WheelSessionViewSet
from wheel.api.text_views import ScoreView, TokenizeView
from wheel.probes import HEALTH, READY

MODELS_MAX_AGE_S = 10

# The same for every client. All other answers of the API are stored by no cache.
revalidated = cache_control(public=True, no_cache=True)
short_lived = cache_control(public=True, max_age=MODELS_MAX_AGE_S)

router = SimpleRouter(trailing_slash=False)
router.register("sessions", WheelSessionViewSet, basename="session")
router.register("classrooms", ClassroomViewSet, basename="classroom")

# `metadata_class=None`: an OPTIONS request to the page has no metadata to return. Swagger's style
# sheet has arrows in data: URLs.
swagger_view = SpectacularSwaggerSplitView.as_view(url_name="api-schema", metadata_class=None)
docs_view = csp_update({"img-src": ["data:"]})(swagger_view)

urlpatterns = [
    path(HEALTH, HealthView.as_view(), name=HEALTH),
    path(READY, ReadyView.as_view(), name=READY),
    path("api/", revalidated(RootView.as_view()), name="api-root"),
    path("api/", include(router.urls)),
    path("api/models", short_lived(ModelsView.as_view()), name="models"),
    path("api/tokenize", TokenizeView.as_view(), name="tokenize"),
    path("api/score", ScoreView.as_view(), name="score"),
    path("api/schema", revalidated(SpectacularJSONAPIView.as_view()), name="api-schema"),
    path("api/docs", revalidated(docs_view), name="api-docs"),
    re_path(r"^api/", NotFoundView.as_view()),
]
