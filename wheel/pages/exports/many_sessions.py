"""Exports of several sessions in one file, as a teacher downloads them: CSV and JSON.

Every row and document is that of the export of one session, with the session in front of it.
docs/exports.md describes them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wheel.models import Member
from wheel.pages.exports.documents import COLUMNS, Document, Row, as_json, session_document
from wheel.pages.exports.documents import exported_rows as rows_of_session
from wheel.pages.exports.tables import table_csv
from wheel.services import SessionState

FORMAT, VERSION = "token-wheel-sessions", 1
SESSION_COLUMNS = ("classroom", "pseudonym", "session_id", "model_name", "prompt")


@dataclass(frozen=True, slots=True)
class ExportedSession:
    """A session, and the member that it is; None for a session without a class."""

    state: SessionState
    member: Member | None

    @property
    def names(self) -> Row:
        return {
            "classroom": self.member.classroom.title if self.member else None,
            "pseudonym": self.member.pseudonym if self.member else None,
        }


def sessions_csv(sessions: Iterable[ExportedSession]) -> str:
    """One row for each chosen token; a session without any has no row."""
    return table_csv((*SESSION_COLUMNS, *COLUMNS), exported_rows(sessions))


def exported_rows(sessions: Iterable[ExportedSession]) -> Iterator[Row]:
    for exported in sessions:
        state = exported.state
        of_session: Row = {
            **exported.names,
            "session_id": state.session.session_id,
            "model_name": state.session.model_id,
            "prompt": state.initial_prompt,
        }
        for row in rows_of_session(state):
            yield of_session | row


def sessions_json(sessions: Iterable[ExportedSession]) -> str:
    documents: list[Document] = [
        exported.names | session_document(exported.state) for exported in sessions
    ]
    return as_json({"format": FORMAT, "version": VERSION, "sessions": documents})
