"""Response bodies of the API as plain dictionaries.

One response can hold a whole vocabulary, so output serializers would be too slow (decision 0005).
`schemas.py` publishes the same shapes.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np

from wheel.domain.token import Token, surprisal_bits
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.language_models.catalog import ModelStatus
from wheel.models import LOCKABLE_NAMES, Classroom, Member
from wheel.services import (
    BranchList,
    BranchRestored,
    BranchView,
    SessionState,
    TokenChange,
    WheelView,
)
from wheel.services.classrooms import ClassroomSummary, NewMember

Answer = dict[str, Any]


class HistoryPart(StrEnum):
    """How much of the history an answer repeats."""

    ALL = "all"
    LAST = "last"
    NONE = "none"


def created_answer(session: WheelSession) -> Answer:
    return {
        "session_id": session.session_id,
        "model_name": session.model_id,
        "created_at": timestamp(session.created_at),
        "rev": session.rev,
        "seed": session.seed,
    }


def session_answer(state: SessionState, part: HistoryPart) -> Answer:
    session = state.session
    return created_answer(session) | {
        "initial_prompt": state.initial_prompt,
        "current_text": state.current_text,
        "token_history": history_answer(state, part),
        "generation_count": len(session.history),
        "last_accessed": timestamp(session.last_accessed),
        "ended": state.has_ended,
        "prompt_token_ids": list(session.prompt_token_ids),
        "token_ids": list(session.token_ids),
        "context_length": state.context_length,
        "settings": session.settings.as_dict(),
        **member_answer(state.member),
    }


def member_answer(member: Member | None) -> Answer:
    """The fields that the session of a member has in addition; none for other sessions."""
    if member is None:
        return {}
    return {"pseudonym": member.pseudonym, "classroom": own_classroom_answer(member.classroom)}


def own_classroom_answer(classroom: Classroom) -> Answer:
    return {"code": classroom.code, "title": classroom.title, "state": str(classroom.state)}


def joined_answer(new: NewMember) -> Answer:
    return created_answer(new.session) | member_answer(new.member)


def classroom_answer(summary: ClassroomSummary) -> Answer:
    classroom = summary.classroom
    return {
        "title": classroom.title,
        "model_name": summary.model_id,
        "prompt": classroom.prompt,
        "other_prompt": classroom.other_prompt,
        "lesson": classroom.lesson,
        "settings": classroom.wheel_settings.as_dict(),
        "locked": [name for name in LOCKABLE_NAMES if name in classroom.locked],
        "luck": str(classroom.luck),
        "state": str(classroom.state),
        "num_members": summary.num_members,
    }


def prompt_answer(state: SessionState) -> Answer:
    return {
        "session_id": state.session.session_id,
        "current_text": state.current_text,
        "token_count": state.session.num_tokens,
        "message": "Prompt set successfully",
        "rev": state.session.rev,
        "token_ids": list(state.session.token_ids),
    }


def wheel_answer(view: WheelView, other_top_k: int) -> Answer:
    wheel, session = view.wheel, view.state.session
    shown = ranked_tokens(view, 0, wheel.num_above + min(other_top_k, wheel.num_other))
    return {
        "session_id": session.session_id,
        "current_text": view.state.current_text,
        **view.settings.as_dict(),
        "above_threshold_tokens": shown[: wheel.num_above],
        "other_category": {
            "total_probability": wheel.other_prob,
            "token_count": wheel.num_other,
            "sample_tokens": shown[wheel.num_above :],
        },
        "total_above_threshold_probability": wheel.above_prob,
        "vocabulary_size": wheel.distribution.vocabulary_size,
        "entropy_bits": wheel.distribution.entropy_bits,
        "raw_entropy_bits": view.raw.entropy_bits,
        "rev": session.rev,
        "ended": view.state.has_ended,
    }


def ranked_tokens(view: WheelView, start: int, stop: int) -> list[Answer]:
    """The wheel's tokens at the ranks [start, stop), counted from 0."""
    distribution = view.wheel.distribution
    token_ids = distribution.first_token_ids(stop)[start:]
    columns = zip(
        token_ids.tolist(),
        distribution.probs[token_ids].tolist(),
        distribution.log_probs[token_ids].tolist(),
        view.raw.probs[token_ids].tolist(),
        strict=True,
    )
    return [
        token_answer(view.state.token(token_id))
        | probability_answer(prob, log_prob if log_prob > -np.inf else None)
        | {"raw_probability": raw_prob, "rank": rank}
        for rank, (token_id, prob, log_prob, raw_prob) in enumerate(columns, start=start + 1)
    ]


def token_answer(token: Token) -> Answer:
    return {
        "token_id": token.token_id,
        "token_text": token.token_text,
        "display_text": token.display_text,
        "bytes": token.token_bytes.hex(),
        "is_special": token.is_special,
    }


def probability_answer(prob: float, log_prob: float | None) -> Answer:
    """`log_prob` is None for a token that a filter removed: JSON has no infinity."""
    return {
        "probability": prob,
        "log_probability": log_prob,
        "surprisal_bits": None if log_prob is None else surprisal_bits(log_prob),
    }


def chosen_answer(state: SessionState, chosen: ChosenToken) -> Answer:
    return (
        token_answer(state.token(chosen.token_id))
        | probability_answer(chosen.prob, chosen.log_prob)
        | {
            "category": "above_threshold" if chosen.is_above else "other",
            "sampled_from_other": True if chosen.is_drawn_from_other else None,
            "raw_probability": chosen.raw_prob,
            "rank": chosen.rank,
            "entropy_bits": chosen.entropy_bits,
        }
    )


def history_answer(state: SessionState, part: HistoryPart) -> list[Answer]:
    return [step_answer(state, chosen) for chosen in part_of(state.session.history, part)]


def step_answer(state: SessionState, chosen: ChosenToken) -> Answer:
    return chosen_answer(state, chosen) | {
        "selected_at": timestamp(chosen.selected_at),
        "spin": receipt_answer(chosen),
    }


def part_of(history: Sequence[ChosenToken], part: HistoryPart) -> Sequence[ChosenToken]:
    match part:
        case HistoryPart.ALL:
            return history
        case HistoryPart.LAST:
            return history[-1:]
        case HistoryPart.NONE:
            return ()


def receipt_answer(chosen: ChosenToken) -> Answer | None:
    """The values from which a draw can be repeated; None for a token picked by hand."""
    if chosen.u is None:
        return None
    return {
        "u": chosen.u,
        "angle_degrees": chosen.u * 360,
        "segment_index": chosen.segment_index,
        "settings": chosen.settings.as_dict(),
    }


def appended_answer(change: TokenChange, part: HistoryPart) -> Answer:
    return {
        **change_answer(change, part),
        "appended_token": chosen_answer(change.after, change.chosen),
        "other_category_info": other_info_answer(change),
        "spin": receipt_answer(change.chosen),
    }


def undone_answer(change: TokenChange, part: HistoryPart) -> Answer:
    return {
        **change_answer(change, part),
        "removed_token": chosen_answer(change.before, change.chosen),
        "message": "Last token removed successfully",
    }


def restored_answer(change: BranchRestored, part: HistoryPart) -> Answer:
    return {
        **change_answer(change, part),
        "branch": change.number,
        "message": "Branch restored successfully",
    }


def branches_answer(branches: BranchList) -> Answer:
    state = branches.state
    return {
        "session_id": state.session.session_id,
        "rev": state.session.rev,
        "current_text": state.current_text,
        "branches": [branch_answer(view) for view in branches.branches],
    }


def branch_answer(view: BranchView) -> Answer:
    own = view.branch.steps[view.num_shared :]
    return {
        "branch": view.number,
        "is_current": view.is_current,
        "num_shared": view.num_shared,
        "tokens": [step_answer(view.state, chosen) for chosen in own],
        "text": view.text,
    }


def change_answer(change: TokenChange | BranchRestored, part: HistoryPart) -> Answer:
    return {
        "session_id": change.after.session.session_id,
        "previous_text": change.before.current_text,
        "current_text": change.after.current_text,
        "token_history": history_answer(change.after, part),
        "rev": change.after.session.rev,
        "ended": change.after.has_ended,
    }


def other_info_answer(change: TokenChange) -> Answer | None:
    if change.other is None:
        return None
    return {
        "total_probability": change.other.prob,
        "token_count": change.other.num_tokens,
        "selected_token_rank": change.chosen.rank,
    }


def model_answer(status: ModelStatus) -> Answer:
    return {
        "id": status.spec.model_id,
        "name": status.spec.name,
        "description": status.spec.description,
        "parameters": status.parameters,
        "num_parameters": status.num_parameters,
        "default": status.is_default,
        "available": status.is_available,
        "loaded": status.is_loaded,
        "runner": status.runner_name,
        "context_length": status.context_length,
        "vocabulary_size": status.vocabulary_size,
        "detail": status.detail,
    }


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, ending in Z."""
    return moment.isoformat().replace("+00:00", "Z")
