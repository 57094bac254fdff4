"""The JSON documents that sessions are stored as."""

import json

import pytest

from tests.sessions.sessions import full_session, new_session
from wheel.sessions.document import (
    SCHEMA,
    OtherSchemaError,
    session_from_json,
    session_to_json,
)


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


@pytest.mark.parametrize("schema", [1, SCHEMA + 1])
def test_a_document_of_another_schema_is_refused(schema):
    document = json.loads(session_to_json(full_session()))
    with pytest.raises(OtherSchemaError):
        session_from_json(json.dumps(document | {"schema": schema}))
