"""Serializers of request bodies and queries. They check types; the domain checks ranges."""

from functools import cache, cached_property
from typing import Any

from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict

from wheel.api.answers import HistoryPart
from wheel.api.fields import NumberField, TextField
from wheel.domain.simulated_draws import MAX_SEED as MAX_SIMULATION_SEED
from wheel.domain.simulated_draws import MAX_SPINS
from wheel.domain.wheel_settings import (
    SETTING_NAMES,
    WHEEL_SETTINGS,
    AnySettingSpec,
    WheelSettings,
    given_settings,
)

MAX_SEED = 2**63 - 1
MAX_OTHER_TOP_K = 100
MAX_TOKEN_CHARACTERS = 4000


class SharedFieldsSerializer(serializers.Serializer[Any]):
    """A serializer whose fields are made once, and not copied for each request. They are bound to
    an instance without data; none of those here depends on the data or the context of its own."""

    @cached_property
    def fields(self) -> BindingDict:
        return bound_fields(type(self))


@cache
def bound_fields(serializer_class: type[serializers.Serializer[Any]]) -> BindingDict:
    unused = serializer_class()
    fields = BindingDict(unused)
    for name, field in unused.get_fields().items():
        fields[name] = field
    return fields


class StartSerializer(SharedFieldsSerializer):
    model_name = TextField(
        required=False, allow_null=True, default=None, help_text="Default: see /api/models."
    )
    seed = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=-MAX_SEED - 1,
        max_value=MAX_SEED,
        help_text="Makes the spins of this session repeatable.",
    )


class HistorySerializer(SharedFieldsSerializer):
    """The query of calls whose answer, or whose 409, repeats the history."""

    history = serializers.ChoiceField(
        choices=list(HistoryPart),
        default=HistoryPart.ALL,
        help_text="How much of `token_history` the answer repeats: all, the last item, or none.",
    )


class RevSerializer(SharedFieldsSerializer):
    rev = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        help_text="Change nothing, and answer 409, unless the session is at this revision.",
    )


class DeletionSerializer(HistorySerializer, RevSerializer):
    """The query of a deletion."""


class PromptSerializer(RevSerializer):
    prompt = TextField(help_text="At most 4,000 characters.")


def setting_field(spec: AnySettingSpec) -> serializers.Field[Any, Any, Any, Any]:
    field_class = serializers.IntegerField if spec.number_type is int else NumberField
    return field_class(required=False, help_text=spec.range_note)


class SettingsSerializer(SharedFieldsSerializer):
    """A setting that is not given is absent from the validated data."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        settings = {spec.name: setting_field(spec) for spec in WHEEL_SETTINGS}
        return settings | super().get_fields()

    def overrides(self) -> dict[str, float]:
        return given_settings(self.validated_data)


class WheelSerializer(SettingsSerializer):
    """The query of next-token-probs."""

    other_top_k = serializers.IntegerField(
        default=10,
        min_value=0,
        max_value=MAX_OTHER_TOP_K,
        help_text="Number of Other's tokens to list.",
    )

    def settings(self) -> WheelSettings:
        return WheelSettings().with_overrides(self.overrides())


class NullableSettingsSerializer(SettingsSerializer, RevSerializer):
    """The settings in a body. A null value is the same as an absent field."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name in SETTING_NAMES:
            fields[name].allow_null = True
        return fields


class SpinSerializer(NullableSettingsSerializer):
    u = NumberField(
        required=False,
        allow_null=True,
        default=None,
        help_text="In [0, 1): repeat this draw instead of making a new one.",
    )


class SimulateSerializer(SettingsSerializer):
    num_spins = serializers.IntegerField(
        min_value=1, max_value=MAX_SPINS, help_text="Nothing is appended."
    )
    seed = serializers.IntegerField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=MAX_SIMULATION_SEED,
        help_text="The same seed gives the same draws; without one, a new one is made.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name in SETTING_NAMES:
            fields[name].allow_null = True
        return fields


class TextSerializer(SharedFieldsSerializer):
    text = TextField(help_text="At most 4,000 characters.")
    model_name = TextField(
        required=False, allow_null=True, default=None, help_text="Default: see /api/models."
    )


class AppendSerializer(NullableSettingsSerializer):
    """`category` takes precedence over `token_id`, and `token_id` over `token_text`."""

    token_id = serializers.IntegerField(required=False, allow_null=True, default=None)
    token_text = TextField(
        required=False, allow_null=True, default=None, max_length=MAX_TOKEN_CHARACTERS
    )
    category = serializers.ChoiceField(
        choices=["other"],
        required=False,
        allow_null=True,
        default=None,
        help_text="Draw from the tokens below the threshold.",
    )
