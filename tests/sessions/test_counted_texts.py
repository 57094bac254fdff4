"""The text of a counting model in a session's document."""

import json
from dataclasses import asdict, replace

from tests.sessions.sessions import COUNTED_TEXT, new_session
from wheel.domain.counted_text import CountedText
from wheel.sessions.document import session_from_json, session_to_json


def test_a_text_is_stored_by_name_with_the_session():
    stored = json.loads(session_to_json(new_session(counted_text=COUNTED_TEXT)))
    assert stored["counted_text"] == asdict(COUNTED_TEXT)


def test_a_restarted_server_reads_the_same_model():
    session = new_session(counted_text=COUNTED_TEXT)
    read = session_from_json(session_to_json(session))
    assert read == session
    assert read.counted_text is not None
    one, other = (
        text.model().next_logits((464, 3797)) for text in (COUNTED_TEXT, read.counted_text)
    )
    assert one.tobytes() == other.tobytes()


def test_a_document_of_schema_5_is_a_session_without_a_counting_model():
    session = new_session()
    document = json.loads(session_to_json(session)) | {"schema": 5}
    del document["counted_text"]
    assert session_from_json(json.dumps(document)) == session


def test_the_text_stays_when_the_session_changes():
    session = new_session(counted_text=COUNTED_TEXT).with_prompt((1, 2))
    assert session_from_json(session_to_json(session)).counted_text == COUNTED_TEXT


def test_a_text_of_five_thousand_tokens_adds_less_than_20_kb():
    """Tokens of a text repeat as its words do."""
    token_ids = [(position * position) % 1500 for position in range(5000)]
    counted = CountedText.from_token_ids(
        token_ids, order=3, tokenizer_model_id="gpt2", vocabulary_size=50_257
    )
    without = new_session()
    stored = session_to_json(replace(without, counted_text=counted))
    assert len(stored) - len(session_to_json(without)) < 20_000
