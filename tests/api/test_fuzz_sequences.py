"""Sequences of requests generated from the published schema, against a live server.

Schemathesis's stateful phase: OpenAPI links say which request may follow on another, with the id of
its session. `make fuzz` tries more.
"""

import logging
import os
from collections import Counter
from copy import deepcopy

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.test_fuzz import ALWAYS, use_live_session

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
NUM_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
NUM_STEPS = 25
SESSION = "/api/sessions/{session_id}"
PATHS = ("/api/sessions", "/api/classrooms")
OPERATIONS_OF_CLASSES = {"api_classrooms_retrieve", "api_classrooms_sessions_create"}
SAME_SESSION = {"path.session_id": "$response.body#/session_id"}

logger = logging.getLogger(__name__)
num_answers: Counter[str] = Counter()


def linked(document):
    """The schema with links: from the start of a session, also in a class, and from each success of
    a session's operation to every operation of the same session, from a deletion to the start of
    another one, and from joining a class to looking it up."""
    document = deepcopy(document)
    successes = {}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith(PATHS):
                responses = operation["responses"]
                successes[operation["operationId"]] = responses.get("201") or responses["200"]
    for response in successes.values():
        response["links"] = {
            name: {"operationId": name, "parameters": SAME_SESSION}
            for name in successes
            if name not in {"api_sessions_create", *OPERATIONS_OF_CLASSES}
        }
    del successes["api_classrooms_retrieve"]["links"]  # it answers no session
    successes["api_classrooms_sessions_create"]["links"]["look up"] = {
        "operationId": "api_classrooms_retrieve",
        "parameters": {"path.code": "$response.body#/classroom/code"},
    }
    successes["api_sessions_destroy"]["links"]["start"] = {"operationId": "api_sessions_create"}
    links = successes["api_sessions_set_prompt_create"]["links"]
    append = links["api_sessions_append_token_create"]
    append["requestBody"] = {"token_id": "$response.body#/token_ids/0"}  # most numbers are no ids
    return document


schema = schemathesis.openapi.from_dict(
    linked(SchemaGenerator().get_schema(request=None, public=True))
)


class Sequences(schema.as_state_machine()):  # type: ignore[misc]  # a class made at run time
    base_url: str

    def setup(self):
        """`revs`: by session; None if it has been deleted."""
        self.revs: dict[str, int | None] = {}

    def get_call_kwargs(self, case):
        return {"base_url": self.base_url}

    def before_call(self, case):
        """Begin with a live session, and take it from the links later. A revision is that of the
        session: a generated one would nearly always be stale."""
        session_id = session_of(case)
        if session_id not in self.revs:
            use_live_session(case)
            return
        if type(case.path_parameters.get("branch")) is int:
            case.path_parameters["branch"] = 1  # most numbers are no branches
        if isinstance(case.body, dict) and type(case.body.get("token_id")) is int:
            case.body.pop("token_text", None)  # most texts are not the token's
        for part in (case.body, case.query):
            if isinstance(part, dict) and type(part.get("rev")) is int:
                part["rev"] = self.revs[session_id] or 0

    def after_call(self, response, case):
        """A session is found until it is deleted, and never after that."""
        num_answers[f"{case.operation.label} {response.status_code}"] += 1
        session_id, fields = session_of(case), response.json()
        if session_id in self.revs:
            is_deleted = self.revs[session_id] is None
            num_answers["after a deletion"] += is_deleted
            is_missing = fields.get("code") == "session_not_found"
            assert response.status_code in (400, 404) if is_deleted else not is_missing
        if response.status_code == 200 and case.operation.label == f"DELETE {SESSION}":
            self.revs[session_id] = None
        elif "rev" in fields:
            self.revs[fields["session_id"]] = fields["rev"]

    def validate_response(self, response, case, additional_checks=None, **kwargs):
        case.validate_response(response, checks=ALWAYS, transport_kwargs=kwargs)


def operations_of_sessions():
    return {
        f"{method.upper()} {path}"
        for path, operations in schema.raw_schema["paths"].items()
        for method in operations
        if path.startswith(PATHS)
    }


def session_of(case):
    return (case.path_parameters or {}).get("session_id")


def test_every_response_of_a_sequence_is_one_that_the_schema_declares(live_server, wheel_runtime):
    num_answers.clear()
    run_state_machine_as_test(
        type("Machine", (Sequences,), {"base_url": live_server.url}),
        settings=settings(
            max_examples=NUM_EXAMPLES,
            stateful_step_count=NUM_STEPS,
            phases=[Phase.generate],
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    logger.warning("%d calls: %s", num_answers.total(), dict(sorted(num_answers.items())))
    assert not operations_of_sessions() - {
        label.rpartition(" ")[0] for label in num_answers if label.endswith((" 200", " 201"))
    }
    assert num_answers["after a deletion"] > 0
