"""Chosen tokens as columns of a JSON document: a list of values for each field, by name."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from wheel.domain.chosen_token import ChosenToken
from wheel.domain.wheel_settings import WheelSettings

CHOSEN_FIELDS = tuple(field.name for field in fields(ChosenToken))

Columns = dict[str, Sequence[Any]]


def columns_of(
    chosen: Sequence[ChosenToken], index_by_settings: dict[WheelSettings, int]
) -> Columns:
    """A list of values for each field of the chosen tokens, by name. `index_by_settings` is the
    index of each wheel settings in the document's `wheels`; new ones are added."""
    if not chosen:
        return dict.fromkeys(CHOSEN_FIELDS, ())
    values = zip(*map(attrgetter(*CHOSEN_FIELDS), chosen), strict=True)
    columns: Columns = dict(zip(CHOSEN_FIELDS, values, strict=True))
    columns["settings"] = [
        index_by_settings.setdefault(settings, len(index_by_settings))
        for settings in columns["settings"]
    ]
    return columns


def chosen_from_columns(
    columns: Columns, wheels: Sequence[WheelSettings]
) -> tuple[ChosenToken, ...]:
    num_tokens = len(columns["token_id"])
    # Added with schema 4 and 5.
    missing: Columns = {"raw_prob": [None] * num_tokens, "is_sample": [True] * num_tokens}
    columns = missing | columns
    decoded = columns | {
        "settings": [wheels[index] for index in columns["settings"]],
        "selected_at": [datetime.fromisoformat(moment) for moment in columns["selected_at"]],
    }
    in_field_order = [decoded[name] for name in CHOSEN_FIELDS]
    return tuple(ChosenToken(*values) for values in zip(*in_field_order, strict=True))
