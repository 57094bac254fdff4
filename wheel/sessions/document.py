"""A wheel session as the JSON document that the store keeps.

One row a step of the history, and the settings of its wheel by their place in a list: in a long
story all wheels are alike but a few.
"""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.domain.wheel_settings import WheelSettings

# Raise it with every change that older documents cannot be read through; their sessions are over.
SCHEMA = 2
NUM_KEPT_DECODED = 256


class OtherSchemaError(ValueError):
    """The document was written by another version of Token Wheel."""


def session_to_json(session: WheelSession) -> str:
    places: dict[WheelSettings, int] = {}
    history = [row_of_chosen(chosen, places) for chosen in session.history]
    undone = [row_of_chosen(chosen, places) for chosen in session.undone]
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
            "settings": settings_row(session.settings),
            "wheels": [settings_row(settings) for settings in places],
            "history": history,
            "undone": undone,
            "num_draws": session.num_draws,
            "rev": session.rev,
            "version": session.version,
        }
    )


@lru_cache(maxsize=NUM_KEPT_DECODED)
def session_from_json(document: str) -> WheelSession:
    """Raises `OtherSchemaError`. Every click reads its session twice: the second is for free."""
    fields = json.loads(document)
    if fields.pop("schema") != SCHEMA:
        raise OtherSchemaError
    wheels = [WheelSettings(*row) for row in fields.pop("wheels")]
    return WheelSession(
        **fields
        | {
            "created_at": datetime.fromisoformat(fields["created_at"]),
            "last_accessed": datetime.fromisoformat(fields["last_accessed"]),
            "indexed_at": fields["indexed_at"] and datetime.fromisoformat(fields["indexed_at"]),
            "prompt_token_ids": tuple(fields["prompt_token_ids"]),
            "settings": WheelSettings(*fields["settings"]),
            "history": tuple(chosen_from_row(row, wheels) for row in fields["history"]),
            "undone": tuple(chosen_from_row(row, wheels) for row in fields.get("undone", ())),
        }
    )


def row_of_chosen(chosen: ChosenToken, places: dict[WheelSettings, int]) -> tuple[Any, ...]:
    """places: where each wheel's settings stand in the document's list; new ones are added."""
    return (
        chosen.token_id,
        chosen.prob,
        chosen.log_prob,
        chosen.rank,
        chosen.entropy_bits,
        chosen.is_above,
        places.setdefault(chosen.settings, len(places)),
        chosen.selected_at.isoformat(),
        chosen.u,
        chosen.segment_index,
    )


def chosen_from_row(row: list[Any], wheels: list[WheelSettings]) -> ChosenToken:
    token_id, prob, log_prob, rank, entropy_bits, is_above, place, selected_at, u, segment = row
    return ChosenToken(
        token_id=token_id,
        prob=prob,
        log_prob=log_prob,
        rank=rank,
        entropy_bits=entropy_bits,
        is_above=is_above,
        settings=wheels[place],
        selected_at=datetime.fromisoformat(selected_at),
        u=u,
        segment_index=segment,
    )


def settings_row(settings: WheelSettings) -> list[float]:
    return list(settings.as_dict().values())
