"""Views of the calls on any text, which need no session."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from wheel import services
from wheel.api import lesson_answers, schemas
from wheel.api.serializers import TextSerializer
from wheel.api.session_views import validated


class TokenizeView(APIView):
    @extend_schema(
        summary="A text as tokens",
        tags=["texts"],
        request=TextSerializer,
        responses={200: schemas.TokenizedSchema} | schemas.TEXT_ERRORS,
    )
    def post(self, request: Request) -> Response:
        data = validated(TextSerializer, request.data).validated_data
        text = services.tokenize(text=data["text"], model_id=data["model_name"])
        return Response(lesson_answers.tokenized_answer(text))


class ScoreView(APIView):
    @extend_schema(
        summary="How surprising each token of a text is",
        tags=["texts"],
        request=TextSerializer,
        responses={200: schemas.ScoredSchema} | schemas.TEXT_ERRORS,
    )
    def post(self, request: Request) -> Response:
        data = validated(TextSerializer, request.data).validated_data
        surprise = services.score(text=data["text"], model_id=data["model_name"])
        return Response(lesson_answers.scored_answer(surprise))
