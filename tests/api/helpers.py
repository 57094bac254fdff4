"""Endpoints, field names of the contract, and assertions that the tests of the API share."""

import re
from dataclasses import dataclass

MISSING_ID = "3b241101-e2bb-4255-8caf-4136c566a962"
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@dataclass(frozen=True)
class Endpoint:
    """One call that succeeds on a session with a prompt and one chosen token."""

    method: str
    tail: str
    body: str = ""

    def __str__(self):
        return f"{self.method} {self.tail or '/'}"

    def call(self, api, session_url):
        return api.generic(
            self.method, session_url + self.tail, self.body, content_type="application/json"
        )


GET_SESSION = Endpoint("GET", "")
SET_PROMPT = Endpoint("POST", "/set-prompt", '{"prompt": "The cat"}')
NEXT_TOKEN_PROBS = Endpoint("GET", "/next-token-probs")
APPEND_TOKEN = Endpoint("POST", "/append-token", '{"token_id": 5}')
UNDO = Endpoint("POST", "/undo")
DELETE_SESSION = Endpoint("DELETE", "")
SPIN = Endpoint("POST", "/spin", '{"u": 0.5}')
SIMULATE = Endpoint("POST", "/simulate", '{"num_spins": 5}')
BRANCHES = Endpoint("GET", "/branches")
RESTORE = Endpoint("POST", "/branches/1/restore")

SESSION_ENDPOINTS = [
    GET_SESSION,
    SET_PROMPT,
    NEXT_TOKEN_PROBS,
    APPEND_TOKEN,
    UNDO,
    DELETE_SESSION,
    SPIN,
    SIMULATE,
    BRANCHES,
    RESTORE,
]
POST_ENDPOINTS = [SET_PROMPT, APPEND_TOKEN, UNDO, SPIN, SIMULATE, RESTORE]
TEXT_PATHS = ["/api/tokenize", "/api/score"]

TOKEN_FIELDS = {
    "token_id",
    "token_text",
    "display_text",
    "bytes",
    "is_special",
    "probability",
    "raw_probability",
    "log_probability",
    "surprisal_bits",
    "rank",
}
WHEEL_TOKEN_FIELDS = TOKEN_FIELDS
CHOSEN_FIELDS = TOKEN_FIELDS | {"category", "sampled_from_other"}
HISTORY_FIELDS = CHOSEN_FIELDS | {"selected_at"}
APPENDED_FIELDS = {
    "session_id",
    "previous_text",
    "appended_token",
    "current_text",
    "token_history",
    "other_category_info",
    "rev",
    "ended",
}
OTHER_INFO_FIELDS = {"total_probability", "token_count", "selected_token_rank"}
SPIN_FIELDS = {"u", "angle_degrees", "segment_index", "settings"}


def assert_error(answer, status, code):
    """Check the shape that all errors have; return the body."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body["code"] == code
    assert isinstance(body["detail"], str)
    assert body["detail"].strip()
    assert "Traceback" not in body["detail"]
    if status == 503:
        assert int(answer["Retry-After"]) >= 1
    return body


def assert_field_error(answer, *fields):
    """`invalid`, with sentences for exactly these fields."""
    body = assert_error(answer, 400, "invalid")
    assert set(body["errors"]) == set(fields)
    for sentences in body["errors"].values():
        assert sentences
        assert all(isinstance(sentence, str) and sentence for sentence in sentences)
    return body


def is_timestamp(text):
    return TIMESTAMP.fullmatch(text) is not None


def state(api, session_url):
    """The session without the field that a read changes."""
    answer = api.get(session_url)
    assert answer.status_code == 200, answer.content
    return answer.json() | {"last_accessed": None}


def token_ids(api, session_url):
    return api.get(session_url).json()["token_ids"]


def wheel(api, session_url, **query):
    answer = api.get(f"{session_url}/next-token-probs", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def ranked_tokens(api, session_url, **query):
    """The whole vocabulary in the order of the wheel. Sets the session's threshold to 0."""
    return wheel(api, session_url, **query | {"threshold": 0})["above_threshold_tokens"]


def spin(api, session_url, **body):
    answer = api.post_json(f"{session_url}/spin", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def append(api, session_url, **body):
    answer = api.post_json(f"{session_url}/append-token", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def new_session(api, prompt="The cat sat on the", **body):
    return f"/api/sessions/{api.start(prompt, **body)}"
