"""The JSON document that the session store keeps of a wheel session.

All values are stored by name, so that reordering the fields of a class cannot swap values. The
chosen tokens are stored as columns, a list for each field, so that each field's name is stored
once. The distinct wheel settings of the tokens are in `wheels`; tokens refer to them by index. The
tokens that the recent changes removed are together in one set of columns, in the order of the
changes; fields of a change that have their default are left out. A story that never parted has no
field `branches`. Integers have at most 64 bits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

import orjson

from wheel.domain.chosen_token import ChosenToken
from wheel.domain.counted_text import CountedText
from wheel.domain.guess import Guess
from wheel.domain.simulation_record import SimulationRecord
from wheel.domain.wheel_session import KeyedRequest, OtherShare, TextChange, WheelSession
from wheel.domain.wheel_settings import WheelSettings
from wheel.sessions.columns import Columns, chosen_from_columns, columns_of
from wheel.sessions.stored_branches import branches_from_json, branches_to_json

# Increase it with every change that an older server cannot read. Keep reading the previous schema,
# so that sessions survive an upgrade.
SCHEMA = 6

MOMENTS = ("created_at", "last_accessed", "indexed_at", "kept_until", "last_round_at")

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


class OtherSchemaError(ValueError):
    """The document has a schema that this version of Token Wheel does not read."""


def session_to_json(session: WheelSession) -> str:
    index_by_settings: dict[WheelSettings, int] = {}
    history = columns_of(session.history, index_by_settings)
    undone = columns_of(session.undone, index_by_settings)
    branches = branches_to_json(session, index_by_settings)
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
            **({"branches": branches} if branches else {}),
            "recent_changes": changes,
            "num_draws": session.num_draws,
            "last_round": session.last_round,
            "last_round_at": session.last_round_at,
            "counted_text": session.counted_text,
            **({"guesses": session.guesses} if session.guesses else {}),
            **({"simulation": session.simulation} if session.simulation else {}),
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
    counted_text = stored.pop("counted_text", None)  # added with schema 6
    guesses = stored.pop("guesses", ())  # likewise
    simulation = stored.pop("simulation", None)  # likewise
    wheels = [WheelSettings(**settings) for settings in stored.pop("wheels")]
    history = chosen_from_columns(stored["history"], wheels)
    undone = chosen_from_columns(stored["undone"], wheels)
    return WheelSession(
        **stored
        | {
            **{name: moment_from_json(stored[name]) for name in MOMENTS},
            "prompt_token_ids": tuple(stored["prompt_token_ids"]),
            "settings": WheelSettings(**stored["settings"]),
            "history": history,
            "undone": undone,
            "branches": branches_from_json(stored.get("branches"), history, undone, wheels),
            "recent_changes": changes_from_json(stored["recent_changes"], wheels),
            "counted_text": counted_text and CountedText(**counted_text),
            "guesses": tuple(Guess(**guess) for guess in guesses),
            "simulation": simulation and simulation_from_json(simulation),
        }
    )


def simulation_from_json(stored: dict[str, Any]) -> SimulationRecord:
    return SimulationRecord(**stored | {"settings": WheelSettings(**stored["settings"])})


def moment_from_json(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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
