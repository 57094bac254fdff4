"""Exports of a session as rows, one for each chosen token, and as a JSON document.

The words and numbers are a format, described in docs/exports.md, and the same in every language.
`tables` writes the rows as CSV.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from wheel.domain.token import Token, surprisal_bits
from wheel.domain.wheel_session import ChosenToken
from wheel.domain.wheel_settings import SETTINGS_IN_DISPLAY_ORDER
from wheel.services import BranchList, HistoryItem, SessionState

FORMAT, VERSION = "token-wheel-session", 1

Value = str | int | float | None
Row = dict[str, Value]
Document = dict[str, Any]


SETTING_COLUMNS = tuple(spec.name for spec in SETTINGS_IN_DISPLAY_ORDER)
COLUMNS = (
    "step",
    "token_id",
    "text",
    "display_text",
    "bytes",
    "probability",
    "log_probability",
    "surprisal_bits",
    "rank",
    "entropy_bits",
    "how",
    "u",
    "angle_degrees",
    "segment_index",
    *SETTING_COLUMNS,
    "selected_at",
)


def exported_rows(state: SessionState) -> Iterator[Row]:
    return rows_of(state.history_items)


def rows_of(items: Iterable[HistoryItem]) -> Iterator[Row]:
    for number, item in enumerate(items, start=1):
        yield exported_row(number, item)


def exported_row(number: int, item: HistoryItem) -> Row:
    """One chosen token, by column; `step` is 1-based. None stands for a value that does not exist:
    the logarithm of a probability of zero, the draw of a token that was picked."""
    chosen = item.chosen
    log_prob, u, settings = chosen.log_prob, chosen.u, chosen.settings.as_dict()
    row = {
        "step": number,
        **token_names(item.token),
        "probability": chosen.prob,
        "log_probability": log_prob,
        "surprisal_bits": None if log_prob is None else surprisal_bits(log_prob),
        "rank": chosen.rank,
        "entropy_bits": chosen.entropy_bits,
        "how": how_chosen(chosen),
        "u": u,
        "angle_degrees": None if u is None else u * 360,
        "segment_index": chosen.segment_index,
        **settings,
        "selected_at": timestamp(chosen.selected_at),
    }
    return {column: row[column] for column in COLUMNS}


def token_names(token: Token) -> Row:
    """Id, texts and bytes. The bytes are pairs of hexadecimal digits with spaces between them: a
    spreadsheet would read "3e5" as a number."""
    return {
        "token_id": token.token_id,
        "text": token.token_text,
        "display_text": token.display_text,
        "bytes": token.token_bytes.hex(" "),
    }


def how_chosen(chosen: ChosenToken) -> str:
    if not chosen.is_drawn:
        return "picked"
    return "drawn from Other" if chosen.is_drawn_from_other else "drawn"


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def session_json(state: SessionState) -> str:
    """The session and the branches that it has left as one document; strict JSON, in UTF-8."""
    return as_json(session_document(state) | {"branches": left_branches(state)})


def left_branches(state: SessionState) -> list[Document]:
    """Those that the text is not on. A teacher's export of many sessions has none: a student has
    gone back from them."""
    return [
        {"branch": view.number, "text": view.text, "steps": list(rows_of(view.items))}
        for view in BranchList.of(state).branches
        if not view.is_current
    ]


def as_json(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def session_document(state: SessionState) -> Document:
    session = state.session
    return {
        "format": FORMAT,
        "version": VERSION,
        "session_id": session.session_id,
        "model_name": session.model_id,
        "seed": session.seed,
        "created_at": timestamp(session.created_at),
        "prompt": state.initial_prompt,
        "prompt_tokens": [token_names(state.token(i)) for i in session.prompt_token_ids],
        "text": state.current_text,
        "settings": session.settings.as_dict(),
        "steps": list(exported_rows(state)),
    }
