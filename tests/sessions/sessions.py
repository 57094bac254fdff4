"""Example sessions for tests of the store."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from wheel.clock import utc_now
from wheel.domain.counted_text import CountedText
from wheel.domain.guess import Guess
from wheel.domain.simulation_record import SimulationRecord
from wheel.domain.story_branches import StoryBranch, StoryBranches
from wheel.domain.wheel_session import (
    ChosenToken,
    KeyedRequest,
    OtherShare,
    TextChange,
    WheelSession,
)
from wheel.domain.wheel_settings import WheelSettings

DRAWN = ChosenToken(
    token_id=262,
    prob=0.1 + 0.2,
    log_prob=-1.2039728043259361,
    rank=1,
    entropy_bits=7.25,
    is_above=True,
    settings=WheelSettings(threshold=0.05, temperature=0.7, top_k=40, top_p=0.9, min_p=0.02),
    selected_at=datetime(2025, 1, 1, 12, 0, 0, 123456, tzinfo=UTC),
    u=0.30000000000000004,
    segment_index=0,
    raw_prob=0.2,
)
FILTERED = replace(
    DRAWN,
    token_id=50256,
    prob=0.0,
    log_prob=None,
    rank=50257,
    is_above=False,
    u=None,
    segment_index=None,
    raw_prob=0.125,
    is_sample=False,
)
DRAWN_FROM_OTHER = KeyedRequest("key-1", "0123456789abcdef", OtherShare(0.1 + 0.2, 50_250))
RECENT_CHANGES = (
    TextChange(0, request=DRAWN_FROM_OTHER),
    TextChange(0, removed=(DRAWN, FILTERED), replaced_prompt=()),
    TextChange(0, replaced_prompt=(464, 3797)),
    TextChange(1, removed=(FILTERED,)),
    TextChange(1, request=KeyedRequest("key-2", "fedcba9876543210")),
)
UNDONE = replace(DRAWN, token_id=7, settings=WheelSettings(top_k=9))
BRANCHES = StoryBranches(
    left=(
        StoryBranch(1, (DRAWN, replace(DRAWN, token_id=8), replace(DRAWN, token_id=9))),
        StoryBranch(3, (DRAWN, replace(DRAWN, token_id=8), replace(FILTERED, token_id=4))),
        StoryBranch(2, (DRAWN, FILTERED, replace(DRAWN, token_id=5))),
    ),
    current_number=4,
    last_number=5,
    forgotten_len=2,
)

COUNTED_TEXT = CountedText(3, "gpt2-medium", 50_257, "eJy7wMjAcJWPAQwAEOEBtQ==", "nb")


def new_session(**fields):
    now = fields.pop("now", utc_now())
    return WheelSession(
        session_id=str(uuid.uuid4()), model_id="gpt2", created_at=now, last_accessed=now, **fields
    )


def full_session():
    """Every field away from its default."""
    return new_session(
        indexed_at=datetime(2025, 1, 1, 12, 0, 30, tzinfo=UTC),
        seed=2**63 - 1,
        classroom_id=3,
        kept_until=datetime(2100, 1, 1, tzinfo=UTC),
        prompt_token_ids=(464, 3797, 0),
        history=(DRAWN, FILTERED),
        undone=(UNDONE,),
        branches=BRANCHES,
        settings=WheelSettings(threshold=0.25, temperature=1e-5, top_k=3, top_p=0.5, min_p=1.0),
        num_draws=5,
        last_round=4,
        last_round_at=datetime(2025, 1, 1, 12, 0, 20, tzinfo=UTC),
        rev=9,
        version=11,
        recent_changes=RECENT_CHANGES,
        counted_text=COUNTED_TEXT,
        guesses=(Guess(0, 262, -1.2039728043259361, 1), Guess(1, 7, -745.5, 50257)),
        simulation=SimulationRecord(1, 1000, 2**53 - 1, DRAWN.settings),
    )


def one_draw_more(session):
    return replace(session, num_draws=session.num_draws + 1)
