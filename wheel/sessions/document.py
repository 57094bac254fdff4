"""The JSON document that the session store keeps of a wheel session.

All values are stored by name, so that reordering the fields of a class cannot swap values. The
chosen tokens are stored as columns, a list for each field, so that each field's name is stored
once. The distinct wheel settings of the tokens are in `wheels`; tokens refer to them by index. The
tokens that the recent changes removed are together in one set of columns, in the order of the
changes; fields of a change that have their default are left out. Integers have at most 64 bits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import Any

import orjson

from wheel.domain.guess import Guess
from wheel.domain.wheel_session import (
    ChosenToken,
    KeyedRequest,
    OtherShare,
    TextChange,
    WheelSession,
)
from wheel.domain.wheel_settings import WheelSettings

# Increase it with every change that an older server cannot read. Keep reading the previous schema,
# so that sessions survive an upgrade.
SCHEMA = 6

MOMENTS = ("created_at", "last_accessed", "indexed_at", "kept_until", "last_round_at")
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

Columns = dict[str, Sequence[Any]]


class OtherSchemaError(ValueError):
    """The document has a schema that this version of Token Wheel does not read."""


def session_to_json(session: WheelSession) -> str:
    index_by_settings: dict[WheelSettings, int] = {}
    history = columns_of(session.history, index_by_settings)
    undone = columns_of(session.undone, index_by_settings)
    changes = changes_to_json(session.recent_changes, index_by_settings)
    return orjson.dumps(
        {
            "schema": SCHEMA,
            "session_id": session.session_id,
            "model_id": session.model_id,
            "created_at": session.created_at,
            "last_accessed": session.last_accessed,
            "indexed_at": session.indexed_at,
            "seed": session.seed,
            "classroom_id": session.classroom_id,
            "kept_until": session.kept_until,
            "prompt_token_ids": session.prompt_token_ids,
            "settings": session.settings.as_dict(),
            "wheels": [settings.as_dict() for settings in index_by_settings],
            "history": history,
            "undone": undone,
            "recent_changes": changes,
            "num_draws": session.num_draws,
            "last_round": session.last_round,
            "last_round_at": session.last_round_at,
            "guesses": [asdict(guess) for guess in session.guesses],
            "rev": session.rev,
            "version": session.version,
        }
    ).decode()


def session_from_json(document: str) -> WheelSession:
    """Raises `OtherSchemaError`."""
    stored = orjson.loads(document)
    schema = stored.pop("schema")
    if schema not in (2, 3, 4, 5, SCHEMA):
        raise OtherSchemaError
    if schema == 2:
        stored = upgraded_from_schema_2(stored)
    if schema < 4:
        stored["recent_changes"] = None
    if schema < 5:
        stored |= {"kept_until": None, "last_round": 0, "last_round_at": None}
    if schema < 6:
        stored["guesses"] = []
    wheels = [WheelSettings(**settings) for settings in stored.pop("wheels")]
    return WheelSession(
        **stored
        | {
            **{name: moment_from_json(stored[name]) for name in MOMENTS},
            "prompt_token_ids": tuple(stored["prompt_token_ids"]),
            "settings": WheelSettings(**stored["settings"]),
            "history": chosen_from_columns(stored["history"], wheels),
            "undone": chosen_from_columns(stored["undone"], wheels),
            "recent_changes": changes_from_json(stored["recent_changes"], wheels),
            "guesses": tuple(Guess(**guess) for guess in stored["guesses"]),
        }
    )


def moment_from_json(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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


def changes_to_json(
    changes: Sequence[TextChange], index_by_settings: dict[WheelSettings, int]
) -> dict[str, Any] | None:
    """None if there are none, as in most sessions."""
    if not changes:
        return None
    removed = [token for change in changes for token in change.removed]
    return {
        "changes": [change_to_json(change) for change in changes],
        "removed": columns_of(removed, index_by_settings) if removed else None,
    }


def change_to_json(change: TextChange) -> dict[str, Any]:
    row = {
        "num_kept": change.num_kept,
        "num_removed": len(change.removed) or None,
        "replaced_prompt": change.replaced_prompt,
        "request": change.request and asdict(change.request),
    }
    return {name: value for name, value in row.items() if value is not None}


def changes_from_json(
    stored: dict[str, Any] | None, wheels: Sequence[WheelSettings]
) -> tuple[TextChange, ...]:
    if stored is None:
        return ()
    removed = iter(chosen_from_columns(stored["removed"], wheels) if stored["removed"] else ())
    return tuple(change_from_json(row, removed) for row in stored["changes"])


def change_from_json(row: dict[str, Any], removed: Iterator[ChosenToken]) -> TextChange:
    """`removed` are the removed tokens of this change and of those after it."""
    prompt, request = row.get("replaced_prompt"), row.get("request")
    return TextChange(
        num_kept=row["num_kept"],
        removed=tuple(islice(removed, row.get("num_removed", 0))),
        replaced_prompt=None if prompt is None else tuple(prompt),
        request=request and request_from_json(request),
    )


def request_from_json(stored: dict[str, Any]) -> KeyedRequest:
    other = stored["other"]
    return KeyedRequest(**stored | {"other": other and OtherShare(**other)})


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
