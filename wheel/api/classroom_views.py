"""Views of the classroom endpoints. The code of a class is typed in any case, with spaces and
hyphens."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from wheel.api import answers, schemas
from wheel.services import classrooms

CODE = OpenApiParameter(
    "code",
    str,
    OpenApiParameter.PATH,
    description="Six characters. Capitals, spaces and hyphens make no difference.",
)


@extend_schema(tags=["classrooms"], parameters=[CODE])
class ClassroomViewSet(ViewSet):
    """Each action validates, calls one service, and answers."""

    lookup_field = "code"
    lookup_value_regex = "[^/]+"

    @extend_schema(
        summary="The class with this code",
        responses={200: schemas.ClassroomSchema} | schemas.CODE_ERRORS,
    )
    def retrieve(self, request: Request, code: str) -> Response:
        return Response(answers.classroom_answer(classrooms.summarize_classroom(code=code)))

    @extend_schema(
        summary="Join the class: a session with its model, prompt and settings",
        request=None,
        responses={201: schemas.JoinedSchema} | schemas.CODE_ERRORS | schemas.JOIN_ERRORS,
    )
    @action(detail=True, methods=["post"])
    def sessions(self, request: Request, code: str) -> Response:
        new = classrooms.join_classroom(code=code)
        return Response(answers.joined_answer(new), status=201)
