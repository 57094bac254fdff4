"""The JSON documents that sessions are stored as."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.sessions.sessions import (
    DRAWN,
    DRAWN_FROM_OTHER,
    FILTERED,
    UNDONE,
    full_session,
    new_session,
)
from wheel.domain.story_branches import MAX_LEFT_BRANCHES, NO_BRANCHES
from wheel.domain.wheel_session import MAX_RECENT_CHANGES
from wheel.sessions.document import (
    SCHEMA,
    OtherSchemaError,
    session_from_json,
    session_to_json,
)
from wheel.sessions.store import session_key

SCHEMA_2 = """
{
    "schema": 2,
    "session_id": "7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57",
    "model_id": "gpt2",
    "created_at": "2025-01-01T11:59:00+00:00",
    "last_accessed": "2025-01-01T12:01:00+00:00",
    "indexed_at": "2025-01-01T12:00:30+00:00",
    "seed": 9223372036854775807,
    "classroom_id": 3,
    "prompt_token_ids": [464, 3797, 0],
    "settings": [0.25, 1e-05, 3, 0.5, 1.0],
    "wheels": [[0.05, 0.7, 40, 0.9, 0.02], [0.01, 1.0, 9, 1.0, 0.0]],
    "history": [
        [262, 0.30000000000000004, -1.2039728043259361, 1, 7.25, true, 0,
         "2025-01-01T12:00:00.123456+00:00", 0.30000000000000004, 0],
        [50256, 0.0, null, 50257, 7.25, false, 0,
         "2025-01-01T12:00:00.123456+00:00", null, null]
    ],
    "undone": [
        [7, 0.30000000000000004, -1.2039728043259361, 1, 7.25, true, 1,
         "2025-01-01T12:00:00.123456+00:00", 0.30000000000000004, 0]
    ],
    "num_draws": 5,
    "rev": 9,
    "version": 11
}
"""


SCHEMA_5 = """
{
    "schema": 5,
    "session_id": "7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57",
    "model_id": "gpt2",
    "created_at": "2025-01-01T11:59:00+00:00",
    "last_accessed": "2025-01-01T12:01:00+00:00",
    "indexed_at": "2025-01-01T12:00:30+00:00",
    "seed": 9223372036854775807,
    "classroom_id": 3,
    "kept_until": "2100-01-01T00:00:00+00:00",
    "prompt_token_ids": [464, 3797, 0],
    "settings": {"threshold": 0.25, "temperature": 1e-05, "top_k": 3, "top_p": 0.5, "min_p": 1.0},
    "wheels": [
        {"threshold": 0.05, "temperature": 0.7, "top_k": 40, "top_p": 0.9, "min_p": 0.02},
        {"threshold": 0.01, "temperature": 1.0, "top_k": 9, "top_p": 1.0, "min_p": 0.0}
    ],
    "history": {
        "token_id": [262, 50256],
        "prob": [0.30000000000000004, 0.0],
        "log_prob": [-1.2039728043259361, null],
        "rank": [1, 50257],
        "entropy_bits": [7.25, 7.25],
        "is_above": [true, false],
        "settings": [0, 0],
        "selected_at": ["2025-01-01T12:00:00.123456+00:00", "2025-01-01T12:00:00.123456+00:00"],
        "u": [0.30000000000000004, null],
        "segment_index": [0, null],
        "raw_prob": [0.2, 0.125],
        "is_sample": [true, false]
    },
    "undone": {
        "token_id": [7],
        "prob": [0.30000000000000004],
        "log_prob": [-1.2039728043259361],
        "rank": [1],
        "entropy_bits": [7.25],
        "is_above": [true],
        "settings": [1],
        "selected_at": ["2025-01-01T12:00:00.123456+00:00"],
        "u": [0.30000000000000004],
        "segment_index": [0],
        "raw_prob": [0.2],
        "is_sample": [true]
    },
    "recent_changes": null,
    "num_draws": 5,
    "last_round": 4,
    "last_round_at": "2025-01-01T12:00:20+00:00",
    "rev": 9,
    "version": 11
}
"""

ADDED_WITH_SCHEMA_5: dict[str, Any] = {"kept_until": None, "last_round": 0, "last_round_at": None}
ADDED_WITH_SCHEMA_6: dict[str, Any] = {
    "branches": NO_BRANCHES,
    "counted_text": None,
    "guesses": (),
    "simulation": None,
}
ADDED_SINCE_SCHEMA_4 = ADDED_WITH_SCHEMA_5 | ADDED_WITH_SCHEMA_6


def session_of_schema_2():
    """The session that was stored as `SCHEMA_2`, without the fields that were added since."""
    full = full_session()
    return replace(
        full,
        history=tuple(replace(token, raw_prob=None, is_sample=True) for token in full.history),
        undone=tuple(replace(token, raw_prob=None, is_sample=True) for token in full.undone),
        session_id="7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57",
        created_at=datetime(2025, 1, 1, 11, 59, tzinfo=UTC),
        last_accessed=datetime(2025, 1, 1, 12, 1, tzinfo=UTC),
        recent_changes=(),
        **ADDED_SINCE_SCHEMA_4,
    )


def session_of_schema_5():
    """The session that was stored as `SCHEMA_5`."""
    return replace(
        full_session(),
        session_id="7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57",
        created_at=datetime(2025, 1, 1, 11, 59, tzinfo=UTC),
        last_accessed=datetime(2025, 1, 1, 12, 1, tzinfo=UTC),
        recent_changes=(),
        **ADDED_WITH_SCHEMA_6,
    )


def document_of_schema_4(session):
    """Schema 5 added fields of classes, and schema 6 branches and counted texts."""
    document = json.loads(session_to_json(session)) | {"schema": 4}
    for name in ADDED_SINCE_SCHEMA_4:
        document.pop(name, None)
    return document


@pytest.mark.parametrize("make_session", [new_session, full_session], ids=["new", "full"])
def test_a_document_is_decoded_to_the_session_it_was_made_from(make_session):
    session = make_session()
    assert session_from_json(session_to_json(session)) == session


def test_a_document_is_json_with_the_number_of_its_schema():
    assert json.loads(session_to_json(full_session()))["schema"] == SCHEMA


def test_a_document_without_a_class_is_a_session_of_no_class():
    session = new_session()
    document = json.loads(session_to_json(session))
    del document["classroom_id"]
    assert session_from_json(json.dumps(document)) == session


def test_a_document_without_raw_probabilities_has_tokens_whose_own_is_unknown():
    document = json.loads(session_to_json(full_session()))
    for chosen in ("history", "undone"):
        del document[chosen]["raw_prob"]
    read = session_from_json(json.dumps(document))
    assert {token.raw_prob for token in read.history + read.undone} == {None}
    full = full_session()
    assert [replace(token, raw_prob=None) for token in full.history] == list(read.history)


def test_a_document_of_schema_4_is_a_session_that_is_not_kept():
    full = full_session()
    read = session_from_json(json.dumps(document_of_schema_4(full)))
    assert read == replace(full, **ADDED_SINCE_SCHEMA_4)


def test_a_document_of_schema_4_has_only_draws_that_are_samples():
    document = document_of_schema_4(full_session())
    for chosen in ("history", "undone"):
        del document[chosen]["is_sample"]
    read = session_from_json(json.dumps(document))
    assert {token.is_sample for token in read.history + read.undone} == {True}


def test_the_example_session_has_no_field_at_its_default():
    default, full = new_session(), full_session()
    for field in fields(full):
        if field.name not in ("model_id", "created_at", "last_accessed"):
            assert getattr(full, field.name) != getattr(default, field.name), field.name


def test_every_value_of_a_document_is_stored_by_name():
    stored = json.loads(session_to_json(full_session()))
    names = {field.name for field in fields(full_session())}
    assert set(stored) == {"schema", "wheels"} | names
    assert stored["settings"] == {
        "threshold": 0.25,
        "temperature": 1e-5,
        "top_k": 3,
        "top_p": 0.5,
        "min_p": 1.0,
    }
    assert stored["wheels"] == [DRAWN.settings.as_dict(), {**stored["wheels"][1], "top_k": 9}]
    assert stored["history"] == {
        "token_id": [262, 50256],
        "prob": [DRAWN.prob, 0.0],
        "log_prob": [DRAWN.log_prob, None],
        "rank": [1, 50257],
        "entropy_bits": [7.25, 7.25],
        "is_above": [True, False],
        "settings": [0, 0],
        "selected_at": [DRAWN.selected_at.isoformat()] * 2,
        "u": [DRAWN.u, None],
        "segment_index": [0, None],
        "raw_prob": [0.2, 0.125],
        "is_sample": [True, False],
    }
    assert (stored["undone"]["token_id"], stored["undone"]["settings"]) == ([7], [1])
    assert stored["recent_changes"]["changes"] == [
        {
            "num_kept": 0,
            "request": {
                "key": "key-1",
                "digest": "0123456789abcdef",
                "other": {"prob": DRAWN.prob, "num_tokens": 50_250},
            },
        },
        {"num_kept": 0, "num_removed": 2, "replaced_prompt": []},
        {"num_kept": 0, "replaced_prompt": [464, 3797]},
        {"num_kept": 1, "num_removed": 1},
        {"num_kept": 1, "request": {"key": "key-2", "digest": "fedcba9876543210", "other": None}},
    ]
    assert stored["guesses"][0] == {
        "position": 0,
        "token_id": 262,
        "log_prob": -1.2039728043259361,
        "rank": 1,
    }
    assert stored["simulation"] == {
        "position": 1,
        "num_spins": 1000,
        "seed": 2**53 - 1,
        "settings": DRAWN.settings.as_dict(),
    }
    assert stored["recent_changes"]["removed"]["token_id"] == [262, 50256, 50256]


@pytest.mark.parametrize("name", ["branches", "guesses", "simulation"])
def test_a_document_without_a_field_that_was_added_with_schema_6_is_read(name):
    session = full_session()
    document = json.loads(session_to_json(session))
    del document[name]
    read = session_from_json(json.dumps(document))
    assert read == replace(session, **{name: ADDED_WITH_SCHEMA_6[name]})


def test_the_order_of_names_in_a_document_does_not_matter():
    session = full_session()
    document = json.dumps(json.loads(session_to_json(session)), sort_keys=True)
    assert session_from_json(document) == session


def test_a_document_of_a_hundred_tokens_stays_small():
    history = tuple(replace(DRAWN, token_id=token_id) for token_id in range(100))
    assert len(session_to_json(new_session(history=history))) < 16_000


def test_equal_settings_are_stored_once():
    history = (DRAWN, FILTERED, replace(DRAWN, token_id=5))
    stored = json.loads(session_to_json(new_session(history=history)))
    assert len(stored["wheels"]) == 1


def test_a_session_without_idempotency_keys_stores_no_changes():
    session = new_session().with_prompt((1, 2)).with_token(DRAWN).without_last_token()
    assert json.loads(session_to_json(session))["recent_changes"] is None


def test_of_a_branch_only_the_steps_are_stored_that_no_way_before_it_has():
    stored = json.loads(session_to_json(full_session()))["branches"]
    counts = {name: stored[name] for name in ("current_number", "last_number", "forgotten_len")}
    assert counts == {"current_number": 4, "last_number": 5, "forgotten_len": 2}
    assert [tuple(row.values()) for row in stored["left"]] == [
        (1, 0, 1, 2),  # number, source_idx, num_shared, num_own
        (3, 1, 2, 1),
        (2, 0, 2, 1),
    ]
    assert stored["steps"]["token_id"] == [8, 9, 4, 5]


def test_a_story_that_never_parted_stores_no_branches():
    story = new_session().with_prompt((1,)).with_token(DRAWN).without_last_token()
    assert "branches" not in json.loads(session_to_json(story))


def test_thirty_branches_of_a_long_story_stay_small():
    """The shared beginning is stored once: each branch costs its own steps."""
    story = new_session(history=tuple(replace(DRAWN, token_id=i) for i in range(900)))
    alone = len(session_to_json(story))
    for number in range(MAX_LEFT_BRANCHES):
        story = story.rewound_to(880).with_token(replace(DRAWN, token_id=number))
    assert len(story.branches.left) == MAX_LEFT_BRANCHES
    assert len(session_to_json(story)) - alone < 12_000


def test_twenty_changes_with_keys_stay_small():
    session = new_session(prompt_token_ids=(1,))
    for number in range(MAX_RECENT_CHANGES):
        session = session.with_token(DRAWN, replace(DRAWN_FROM_OTHER, key=f"{number:064}"))
    without = replace(session, recent_changes=())
    assert len(session_to_json(session)) - len(session_to_json(without)) < 5_000


def test_a_document_of_schema_3_is_read():
    session = replace(full_session(), recent_changes=(), **ADDED_SINCE_SCHEMA_4)
    document = json.loads(session_to_json(session))
    for name in ("recent_changes", *ADDED_SINCE_SCHEMA_4):
        document.pop(name, None)
    assert session_from_json(json.dumps(document | {"schema": 3})) == session


def test_a_document_of_schema_5_is_read_and_has_no_branches():
    assert session_from_json(SCHEMA_5) == session_of_schema_5()


def test_a_document_of_schema_2_is_read():
    assert session_from_json(SCHEMA_2) == session_of_schema_2()


def test_a_document_of_schema_2_without_undone_tokens_is_read():
    document = json.loads(SCHEMA_2)
    del document["undone"]
    assert session_from_json(json.dumps(document)) == replace(session_of_schema_2(), undone=())


def test_a_story_of_schema_5_that_parts_later_has_a_branch():
    story = session_from_json(SCHEMA_5).with_token(replace(DRAWN, token_id=3))
    read = session_from_json(session_to_json(story))
    assert read == story
    assert read.branches.left[0].steps[-1] == UNDONE


def test_a_session_of_schema_2_is_stored_as_the_present_schema_when_it_changes(
    clocked_store, backend, clock
):
    session = session_of_schema_2()
    clock.time = session.last_accessed
    key = session_key(session.session_id)
    backend.set(key, SCHEMA_2, 3600)
    stored = clocked_store.load(session.session_id)
    assert stored.session == session
    written = clocked_store.replace(stored, replace(session, rev=10))
    assert written.session == replace(session, rev=10, version=12)
    assert json.loads(backend.get(key))["schema"] == SCHEMA
    assert clocked_store.read(session.session_id) == written


@pytest.mark.parametrize("schema", [1, SCHEMA + 1])
def test_a_document_of_another_schema_is_refused(schema):
    document = json.loads(session_to_json(full_session()))
    with pytest.raises(OtherSchemaError):
        session_from_json(json.dumps(document | {"schema": schema}))
