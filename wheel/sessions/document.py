"""The JSON document that the session store keeps of a wheel session.

All values are stored by name, so that reordering the fields of a class cannot swap values. The
chosen tokens are stored as columns, a list for each field, so that each field's name is stored
once. The distinct wheel settings of the tokens are in `wheels`; tokens refer to them by index.
"""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.domain.wheel_settings import WheelSettings

# Increase it with every change that an older server cannot read. Keep reading the previous schema,
# so that sessions survive an upgrade.
SCHEMA = 3
MAX_DECODED_DOCUMENTS = 256

CHOSEN_FIELDS = tuple(field.name for field in fields(ChosenToken))

# Schema 2 stored settings and chosen tokens as rows, in this order.
SETTINGS_IN_SCHEMA_2 = ("threshold", "temperature", "top_k", "top_p", "min_p")
CHOSEN_IN_SCHEMA_2 = (
    "token_id",
    "prob",
    "log_prob",
    "rank",
    "entropy_bits",
    "is_above",
    "settings",
    "selected_at",
    "u",
    "segment_index",
)

Columns = dict[str, list[Any]]


class OtherSchemaError(ValueError):
    """The document has a schema that this version of Token Wheel does not read."""


def session_to_json(session: WheelSession) -> str:
    index_by_settings: dict[WheelSettings, int] = {}
    history = columns_of(session.history, index_by_settings)
    undone = columns_of(session.undone, index_by_settings)
    return json.dumps(
        {
            "schema": SCHEMA,
            "session_id": session.session_id,
            "model_id": session.model_id,
            "created_at": session.created_at.isoformat(),
            "last_accessed": session.last_accessed.isoformat(),
            "indexed_at": session.indexed_at and session.indexed_at.isoformat(),
            "seed": session.seed,
            "classroom_id": session.classroom_id,
            "prompt_token_ids": session.prompt_token_ids,
            "settings": session.settings.as_dict(),
            "wheels": [settings.as_dict() for settings in index_by_settings],
            "history": history,
            "undone": undone,
            "num_draws": session.num_draws,
            "rev": session.rev,
            "version": session.version,
        }
    )


@lru_cache(maxsize=MAX_DECODED_DOCUMENTS)
def session_from_json(document: str) -> WheelSession:
    """Raises `OtherSchemaError`. Recent documents are cached decoded, since requests often follow
    each other on the same session."""
    stored = json.loads(document)
    schema = stored.pop("schema")
    if schema == 2:
        stored = upgraded_from_schema_2(stored)
    elif schema != SCHEMA:
        raise OtherSchemaError
    wheels = [WheelSettings(**settings) for settings in stored.pop("wheels")]
    return WheelSession(
        **stored
        | {
            "created_at": datetime.fromisoformat(stored["created_at"]),
            "last_accessed": datetime.fromisoformat(stored["last_accessed"]),
            "indexed_at": stored["indexed_at"] and datetime.fromisoformat(stored["indexed_at"]),
            "prompt_token_ids": tuple(stored["prompt_token_ids"]),
            "settings": WheelSettings(**stored["settings"]),
            "history": chosen_from_columns(stored["history"], wheels),
            "undone": chosen_from_columns(stored["undone"], wheels),
        }
    )


def columns_of(
    chosen: Sequence[ChosenToken], index_by_settings: dict[WheelSettings, int]
) -> Columns:
    """A list of values for each field of the chosen tokens, by name. `index_by_settings` is the
    index of each wheel settings in the document's `wheels`; new ones are added."""
    columns: Columns = {name: [getattr(token, name) for token in chosen] for name in CHOSEN_FIELDS}
    columns["settings"] = [
        index_by_settings.setdefault(settings, len(index_by_settings))
        for settings in columns["settings"]
    ]
    columns["selected_at"] = [moment.isoformat() for moment in columns["selected_at"]]
    return columns


def chosen_from_columns(
    columns: Columns, wheels: Sequence[WheelSettings]
) -> tuple[ChosenToken, ...]:
    missing: Columns = {"raw_prob": [None] * len(columns["token_id"])}  # added within schema 3
    columns = missing | columns
    decoded = columns | {
        "settings": [wheels[index] for index in columns["settings"]],
        "selected_at": [datetime.fromisoformat(moment) for moment in columns["selected_at"]],
    }
    in_field_order = [decoded[name] for name in CHOSEN_FIELDS]
    return tuple(ChosenToken(*values) for values in zip(*in_field_order, strict=True))


def upgraded_from_schema_2(stored: dict[str, Any]) -> dict[str, Any]:
    """The document converted to schema 3. `undone` was added within schema 2."""
    return stored | {
        "settings": dict(zip(SETTINGS_IN_SCHEMA_2, stored["settings"], strict=True)),
        "wheels": [dict(zip(SETTINGS_IN_SCHEMA_2, row, strict=True)) for row in stored["wheels"]],
        "history": columns_from_schema_2(stored["history"]),
        "undone": columns_from_schema_2(stored.get("undone", [])),
    }


def columns_from_schema_2(rows: Sequence[Sequence[Any]]) -> Columns:
    return {name: [row[index] for row in rows] for index, name in enumerate(CHOSEN_IN_SCHEMA_2)}
