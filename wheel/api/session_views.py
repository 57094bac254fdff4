"""Views of the session endpoints."""

import re
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import ViewSet

from wheel import services
from wheel.api import answers, lesson_answers, schemas
from wheel.api.answers import HistoryPart
from wheel.api.serializers import (
    AppendSerializer,
    DeletionSerializer,
    HistorySerializer,
    PromptSerializer,
    RevSerializer,
    SimulateSerializer,
    SpinSerializer,
    StartSerializer,
    WheelSerializer,
)

AnySerializer = TypeVar("AnySerializer", bound=Serializer[Any])

KEY_PATTERN = re.compile("[!-~]{1,64}")

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": f"^{KEY_PATTERN.pattern}$"},
    OpenApiParameter.HEADER,
    description="Names this request. Sent again within the session's last 20 changes, it changes "
    "nothing and is answered as the first time.",
)
BRANCH = OpenApiParameter(
    "branch",
    {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    OpenApiParameter.PATH,
    description="The number of a branch.",
)
SESSION_ID = OpenApiParameter("session_id", str, OpenApiParameter.PATH, description="A UUID.")


def validated(serializer_class: type[AnySerializer], data: Any) -> AnySerializer:
    serializer = serializer_class(data=data)
    serializer.is_valid(raise_exception=True)
    return serializer


def validated_query(serializer_class: type[AnySerializer], request: Request) -> AnySerializer:
    """Validate the query against a serializer. Parameters that it does not name are ignored.

    A repeated parameter is an error. An empty one is validated like any other value, because a
    client that sends a setting or a revision does not expect the default.
    """
    query = request.query_params
    fields = dict(serializer_class().fields.items())
    names = [name for name in fields if name in query]
    repeated = [name for name in names if len(query.getlist(name)) > 1]
    if repeated:
        raise ValidationError({name: ["Give it only once."] for name in repeated})
    return validated(serializer_class, {name: query[name] for name in names})


def history_part(request: Request) -> HistoryPart:
    return HistoryPart(validated_query(HistorySerializer, request).validated_data["history"])


def idempotency_key(request: Request) -> str | None:
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not KEY_PATTERN.fullmatch(key):
        raise ValidationError({"Idempotency-Key": ["Must be 1 to 64 visible ASCII characters."]})
    return key


@extend_schema(tags=["sessions"], parameters=[SESSION_ID])
@extend_schema_view(create=extend_schema(parameters=[OpenApiParameter("session_id", exclude=True)]))
class WheelSessionViewSet(ViewSet):
    """Each action validates, calls one service, and answers."""

    lookup_field = "session_id"
    lookup_value_regex = "[^/]+"

    @extend_schema(
        summary="Start a session",
        request=StartSerializer,
        responses=schemas.CREATED | schemas.ERRORS,
    )
    def create(self, request: Request) -> Response:
        data = validated(StartSerializer, request.data).validated_data
        session = services.start_session(model_id=data["model_name"], seed=data["seed"])
        return Response(answers.created_answer(session), status=201)

    @extend_schema(
        summary="The session",
        parameters=[HistorySerializer],
        responses={200: schemas.SessionSchema} | schemas.ERRORS,
    )
    def retrieve(self, request: Request, session_id: str) -> Response:
        part = history_part(request)
        return Response(answers.session_answer(services.get_session(session_id=session_id), part))

    @extend_schema(
        summary="Delete the session",
        parameters=[DeletionSerializer],
        responses={200: schemas.DeletedSchema} | schemas.ERRORS,
    )
    def destroy(self, request: Request, session_id: str) -> Response:
        rev = validated_query(DeletionSerializer, request).validated_data["rev"]
        services.delete_session(session_id=session_id, rev=rev)
        return Response({"message": "Session deleted successfully", "session_id": session_id})

    @extend_schema(
        summary="Set or reset the prompt",
        parameters=[HistorySerializer],
        request=PromptSerializer,
        responses={200: schemas.PromptSetSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["post"], url_path="set-prompt")
    def set_prompt(self, request: Request, session_id: str) -> Response:
        history_part(request)  # the 409 reads it
        data = validated(PromptSerializer, request.data).validated_data
        state = services.set_prompt(session_id=session_id, prompt=data["prompt"], rev=data["rev"])
        return Response(answers.prompt_answer(state))

    @extend_schema(
        summary="The wheel of the next token",
        parameters=[WheelSerializer],
        responses={200: schemas.WheelSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["get"], url_path="next-token-probs")
    def next_token_probs(self, request: Request, session_id: str) -> Response:
        query = validated_query(WheelSerializer, request)
        view = services.next_wheel(
            session_id=session_id,
            settings=query.settings(),
            given=query.overrides(),
            is_stored=request.method != "HEAD",
        )
        return Response(answers.wheel_answer(view, query.validated_data["other_top_k"]))

    @extend_schema(
        summary="Add a token that you choose",
        parameters=[IDEMPOTENCY_KEY, HistorySerializer],
        request=AppendSerializer,
        responses={200: schemas.AppendedSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["post"], url_path="append-token")
    def append_token(self, request: Request, session_id: str) -> Response:
        part = history_part(request)
        body = validated(AppendSerializer, request.data)
        change = services.append_token(
            session_id=session_id,
            token_id=body.validated_data["token_id"],
            token_text=body.validated_data["token_text"],
            from_other=body.validated_data["category"] == "other",
            overrides=body.overrides(),
            rev=body.validated_data["rev"],
            idempotency_key=idempotency_key(request),
        )
        return Response(answers.appended_answer(change, part))

    @extend_schema(
        summary="Spin the wheel and add the token it stops at",
        parameters=[IDEMPOTENCY_KEY, HistorySerializer],
        request=SpinSerializer,
        responses={200: schemas.AppendedSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["post"])
    def spin(self, request: Request, session_id: str) -> Response:
        part = history_part(request)
        body = validated(SpinSerializer, request.data)
        change = services.spin(
            session_id=session_id,
            u=body.validated_data["u"],
            overrides=body.overrides(),
            rev=body.validated_data["rev"],
            idempotency_key=idempotency_key(request),
        )
        return Response(answers.appended_answer(change, part))

    @extend_schema(
        summary="Spin the wheel many times, without adding a token",
        request=SimulateSerializer,
        responses={200: schemas.SimulationSchema} | schemas.READING_ERRORS,
    )
    @action(detail=True, methods=["post"])
    def simulate(self, request: Request, session_id: str) -> Response:
        body = validated(SimulateSerializer, request.data)
        simulation = services.simulate(
            session_id=session_id,
            num_spins=body.validated_data["num_spins"],
            seed=body.validated_data["seed"],
            overrides=body.overrides(),
        )
        return Response(lesson_answers.simulation_answer(simulation))

    @extend_schema(
        summary="Remove the last token",
        parameters=[HistorySerializer],
        request=RevSerializer,
        responses={200: schemas.UndoneSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, session_id: str) -> Response:
        part = history_part(request)
        rev = validated(RevSerializer, request.data).validated_data["rev"]
        change = services.undo(session_id=session_id, rev=rev)
        return Response(answers.undone_answer(change, part))

    @extend_schema(
        summary="The branches of the story",
        responses={200: schemas.BranchesSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["get"])
    def branches(self, request: Request, session_id: str) -> Response:
        return Response(answers.branches_answer(services.list_branches(session_id=session_id)))

    @extend_schema(
        summary="Go back to a branch",
        parameters=[BRANCH, HistorySerializer],
        request=RevSerializer,
        responses={200: schemas.BranchRestoredSchema} | schemas.ERRORS,
    )
    @action(detail=True, methods=["post"], url_path="branches/(?P<branch>[0-9]{1,9})/restore")
    def restore_branch(self, request: Request, session_id: str, branch: str) -> Response:
        part = history_part(request)
        rev = validated(RevSerializer, request.data).validated_data["rev"]
        change = services.restore_branch(session_id=session_id, number=int(branch), rev=rev)
        return Response(answers.restored_answer(change, part))
