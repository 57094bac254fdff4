"""Shapes of response bodies, for the OpenAPI schema only.

`answers.py` builds the bodies; a test validates real responses against the published schema.
"""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.serializers import (
    BooleanField,
    CharField,
    DateTimeField,
    DictField,
    FloatField,
    IntegerField,
    ListField,
    Serializer,
    UUIDField,
)

from wheel.domain.wheel_settings import WHEEL_SETTINGS
from wheel.errors import ClassroomClosedError, ClassroomFrozenError, StaleRevisionError
from wheel.models import LOCKABLE_NAMES, ClassState, Luck

Schema = Serializer[Any]


class ErrorSchema(Schema):
    detail = CharField(help_text="A sentence for a person.")
    code = CharField(help_text="A word for a program.")
    errors = DictField(  # type: ignore[assignment]  # published only; never validates
        child=ListField(child=CharField()), required=False, help_text="Sentences by field."
    )


class SettingsSchema(Schema):
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        settings = {
            spec.name: IntegerField() if spec.number_type is int else FloatField()
            for spec in WHEEL_SETTINGS
        }
        return settings | super().get_fields()


class OwnClassroomSchema(Schema):
    code = CharField()
    title = CharField()
    state = serializers.ChoiceField(choices=ClassState.values)


class MemberSchema(Schema):
    """The fields that the session of a member has in addition."""

    pseudonym = CharField(required=False, help_text="Of a member of a class only.")
    classroom = OwnClassroomSchema(required=False, help_text="Of a member of a class only.")


class CreatedSchema(Schema):
    session_id = UUIDField()
    model_name = CharField()
    created_at = DateTimeField()
    rev = IntegerField()
    seed = IntegerField(allow_null=True)


class VocabularyTokenSchema(Schema):
    token_id = IntegerField()
    token_text = CharField()
    display_text = CharField(help_text="With whitespace and single bytes made visible.")
    bytes = CharField(help_text="Two lower-case hexadecimal digits for each byte of the token.")
    is_special = BooleanField()


class TokenSchema(VocabularyTokenSchema):
    probability = FloatField()
    log_probability = FloatField(
        allow_null=True, help_text="Natural logarithm; null if a filter removed the token."
    )
    surprisal_bits = FloatField(allow_null=True)
    rank = IntegerField(
        help_text="1-based, over the whole vocabulary; of a token that a filter removed, by the "
        "model's own distribution."
    )


class WheelTokenSchema(TokenSchema):
    raw_probability = FloatField(help_text="At temperature 1, without filters.")


class ChosenTokenSchema(TokenSchema):
    category = serializers.ChoiceField(choices=["above_threshold", "other"])
    sampled_from_other = BooleanField(allow_null=True)
    entropy_bits = FloatField(help_text="Of the wheel that the token was chosen from.")
    raw_probability = FloatField(
        allow_null=True,
        help_text="At temperature 1, without filters; null if an older server added the token.",
    )


class ReceiptSchema(Schema):
    u = FloatField()
    angle_degrees = FloatField(help_text="Clockwise from 12 o'clock.")
    segment_index = IntegerField(help_text="Other is the last segment.")
    settings = SettingsSchema()


class HistoryItemSchema(ChosenTokenSchema):
    selected_at = DateTimeField()
    spin = ReceiptSchema(allow_null=True)


class SessionSchema(CreatedSchema, MemberSchema):
    initial_prompt = CharField()
    current_text = CharField()
    token_history = HistoryItemSchema(many=True)
    generation_count = IntegerField()
    last_accessed = DateTimeField()
    ended = BooleanField(help_text="Whether an end-of-text token has been chosen.")
    prompt_token_ids = ListField(child=IntegerField())
    token_ids = ListField(child=IntegerField())
    context_length = IntegerField()
    settings = SettingsSchema(help_text="Of the wheel last served.")


class StaleSchema(SessionSchema):
    """The current session, with the error."""

    detail = CharField()
    code = serializers.ChoiceField(choices=[StaleRevisionError.code])


class NotOpenSchema(Schema):
    """The class of the session is frozen or closed."""

    detail = CharField()
    code = serializers.ChoiceField(choices=[ClassroomFrozenError.code, ClassroomClosedError.code])


class PromptSetSchema(Schema):
    session_id = UUIDField()
    current_text = CharField()
    token_count = IntegerField()
    message = CharField()
    rev = IntegerField()
    token_ids = ListField(child=IntegerField())


class OtherCategorySchema(Schema):
    total_probability = FloatField()
    token_count = IntegerField()
    sample_tokens = WheelTokenSchema(many=True)


class WheelSchema(SettingsSchema):
    session_id = UUIDField()
    current_text = CharField()
    above_threshold_tokens = WheelTokenSchema(many=True)
    other_category = OtherCategorySchema()
    total_above_threshold_probability = FloatField()
    vocabulary_size = IntegerField()
    entropy_bits = FloatField()
    raw_entropy_bits = FloatField()
    rev = IntegerField()
    ended = BooleanField()


class OtherInfoSchema(Schema):
    total_probability = FloatField()
    token_count = IntegerField()
    selected_token_rank = IntegerField()


class ChangedSchema(Schema):
    session_id = UUIDField()
    previous_text = CharField()
    current_text = CharField()
    token_history = HistoryItemSchema(many=True)
    rev = IntegerField()
    ended = BooleanField()


class AppendedSchema(ChangedSchema):
    appended_token = ChosenTokenSchema()
    other_category_info = OtherInfoSchema(allow_null=True)
    spin = ReceiptSchema(allow_null=True)


class UndoneSchema(ChangedSchema):
    removed_token = ChosenTokenSchema()
    message = CharField()


class BranchRestoredSchema(ChangedSchema):
    branch = IntegerField()
    message = CharField()


class BranchSchema(Schema):
    branch = IntegerField(help_text="Its number, which it keeps until a prompt is set.")
    is_current = BooleanField(help_text="Whether `current_text` is on it.")
    num_shared = IntegerField(
        help_text="How many chosen tokens of `current_text` it begins with, too."
    )
    tokens = HistoryItemSchema(
        many=True, help_text="Its tokens after those; of the current branch, the undone ones."
    )
    text = CharField(help_text="The prompt and all its tokens.")


class BranchesSchema(Schema):
    session_id = UUIDField()
    rev = IntegerField()
    current_text = CharField()
    branches = BranchSchema(many=True, help_text="By number; none before a prompt is set.")


class ObservedSchema(Schema):
    expected_probability = FloatField(help_text="On the wheel.")
    count = IntegerField()
    low = FloatField(help_text="Lower end of the 95 % Wilson interval of the observed share.")
    high = FloatField(help_text="Its upper end.")


class SimulatedSegmentSchema(VocabularyTokenSchema, ObservedSchema):
    """A segment with a token of its own."""


class CountedTokenSchema(VocabularyTokenSchema):
    count = IntegerField()


class SimulatedOtherSchema(ObservedSchema):
    tokens = CountedTokenSchema(many=True, help_text="Those that were drawn, the most often first.")


class SimulationSchema(Schema):
    session_id = UUIDField()
    num_spins = IntegerField()
    seed = IntegerField()
    settings = SettingsSchema()
    segments = SimulatedSegmentSchema(many=True, help_text="In the order of the wheel.")
    other = SimulatedOtherSchema(help_text="All tokens that have no segment of their own.")
    rev = IntegerField()


class TokenizedSchema(Schema):
    model_name = CharField()
    tokens = VocabularyTokenSchema(many=True)
    num_tokens = IntegerField()
    num_characters = IntegerField(help_text="Unicode code points.")


class ExpectedTokenSchema(VocabularyTokenSchema):
    probability = FloatField()


class ScoredTokenSchema(VocabularyTokenSchema):
    """The first token has null figures: nothing came before it."""

    probability = FloatField(allow_null=True, help_text="Given all tokens before it.")
    surprisal_bits = FloatField(allow_null=True)
    rank = IntegerField(allow_null=True, help_text="1-based, over the whole vocabulary.")
    expected = ExpectedTokenSchema(allow_null=True, help_text="The most probable token instead.")


class ScoredSchema(Schema):
    model_name = CharField()
    tokens = ScoredTokenSchema(many=True)
    total_bits = FloatField()
    bits_per_character = FloatField(allow_null=True, help_text="Null for a single token.")
    perplexity = FloatField(allow_null=True, help_text="Null for a single token.")


class DeletedSchema(Schema):
    message = CharField()
    session_id = CharField()


IF_NULL = "null: unknown until the model is on this server."


class ModelSchema(Schema):
    id = CharField()
    name = CharField()
    description = CharField()
    parameters = CharField(allow_null=True, help_text=f"In millions, for display: 124M. {IF_NULL}")
    num_parameters = IntegerField(allow_null=True, help_text=IF_NULL)
    default = BooleanField()
    available = BooleanField()
    loaded = BooleanField()
    runner = CharField(
        allow_null=True,
        help_text="The library that computes it, torch or openvino; null if it is not loaded here.",
    )
    context_length = IntegerField(allow_null=True, help_text=f"In tokens. {IF_NULL}")
    vocabulary_size = IntegerField(allow_null=True, help_text=IF_NULL)
    detail = CharField(allow_null=True, help_text="The reason if it is not available.")


class ModelsSchema(Schema):
    models = ModelSchema(many=True)


class HealthSchema(Schema):
    status = CharField()
    model_loaded = BooleanField()
    timestamp = DateTimeField()


class ReadySchema(Schema):
    status = CharField()


class RootSchema(Schema):
    name = CharField()
    version = CharField()
    docs = CharField()
    schema = CharField()
    health = CharField()


class ClassroomSchema(Schema):
    title = CharField()
    model_name = CharField(help_text="The server's default while the class has none yet.")
    prompt = CharField(help_text="Empty if every member writes one.")
    other_prompt = CharField(help_text="Of every second member; empty if all have the same.")
    lesson = CharField(help_text="The key of a lesson, a part of its address; empty for none.")
    settings = SettingsSchema(help_text="Of a new member's first wheel.")
    locked = ListField(
        child=serializers.ChoiceField(choices=LOCKABLE_NAMES),
        help_text="What the members cannot change.",
    )
    luck = serializers.ChoiceField(
        choices=Luck.values, help_text="shared: the same text draws the same token for everybody."
    )
    state = serializers.ChoiceField(choices=ClassState.values)
    num_members = IntegerField()


class JoinedSchema(CreatedSchema):
    pseudonym = CharField()
    classroom = OwnClassroomSchema()


CREATED = {201: CreatedSchema}
CONFLICT = PolymorphicProxySerializer(
    component_name="Conflict",
    serializers=[StaleSchema, NotOpenSchema],
    resource_type_field_name=None,
)
ERRORS = {400: ErrorSchema, 404: ErrorSchema, 409: CONFLICT, 429: ErrorSchema, 503: ErrorSchema}
READING_ERRORS = {status: schema for status, schema in ERRORS.items() if status != 409}
CODE_ERRORS = {404: ErrorSchema, 429: ErrorSchema, 503: ErrorSchema}
JOIN_ERRORS = {400: ErrorSchema}
TEXT_ERRORS = {400: ErrorSchema, 429: ErrorSchema, 503: ErrorSchema}
