"""Views of the service as a whole: models, health, readiness, API root and unknown paths."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from wheel import services
from wheel.api import answers, schemas
from wheel.clock import utc_now
from wheel.installation import VERSION


class ModelsView(APIView):
    @extend_schema(summary="The models on offer", tags=["models"], responses=schemas.ModelsSchema)
    def get(self, request: Request) -> Response:
        return Response({"models": [answers.model_answer(m) for m in services.list_models()]})


class HealthView(APIView):
    """Answers as long as the process runs, from memory alone: no file, no lock, no store."""

    @extend_schema(summary="Is the process alive?", tags=["server"], responses=schemas.HealthSchema)
    def get(self, request: Request) -> Response:
        return Response(
            {
                "status": "healthy",
                "model_loaded": services.is_default_model_loaded(),
                "timestamp": answers.timestamp(utc_now()),
            }
        )


class ReadyView(APIView):
    @extend_schema(
        summary="Can the default model answer?",
        tags=["server"],
        responses={200: schemas.ReadySchema, 503: schemas.ErrorSchema},
    )
    def get(self, request: Request) -> Response:
        services.require_ready()
        return Response({"status": "ready"})


class RootView(APIView):
    @extend_schema(
        summary="Addresses of documentation, schema and health",
        tags=["server"],
        responses=schemas.RootSchema,
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                "name": "Token Wheel API",
                "version": VERSION,
                "docs": reverse("api-docs"),
                "schema": reverse("api-schema"),
                "health": reverse("health"),
            }
        )


class NotFoundView(APIView):
    """404 for unknown paths under /api/, whatever the method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing at this address.")
