"""A state machine of sessions: random requests over HTTP, compared with plain Python objects.

After every step, the session that was used is as its plain twin. `make fuzz` tries more.
"""

import logging
import os
from collections import ChainMap, Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import permutations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.api.plain_session import (
    DEFAULTS,
    PAGE_ACTIONS,
    READING,
    Answer,
    Fields,
    PlainClassroom,
    PlainSession,
    Request,
)
from tests.api.session_world import SessionWorld, session_world
from tests.sessions.backends import run_at_once

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
NUM_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
NUM_STEPS = 40
MAX_SESSIONS = 3
LIFETIME = timedelta(minutes=60)
LATEST_END = timedelta(minutes=62)  # an expiry is extended once a minute

logger = logging.getLogger(__name__)
num_answers: Counter[str] = Counter()

NEARLY_FULL = "q" * 62  # a token each: two more fit into the context
lucks = st.sampled_from(["own", "shared"])
locks = st.sampled_from([[], ["temperature"], ["top_k", "prompt"]])
class_prompts = st.sampled_from(["A bird", "A bird", ""])
class_states = st.sampled_from(["frozen", "closed", "open", "open"])
first_prompts = st.sampled_from([None, "Once upon", NEARLY_FULL])
prompts = st.sampled_from(
    ["The cat sat", "caf\xe9 \U0001f3a1", " ", NEARLY_FULL, NEARLY_FULL, "long " * 40]
)
overrides = st.fixed_dictionaries(
    {},
    optional={
        "threshold": st.sampled_from([0.05, 0.3, 1e-9]),
        "temperature": st.sampled_from([0.5, 2.0]),
        "top_k": st.sampled_from([0, 3, 500]),
        "top_p": st.sampled_from([0.5, 0.9]),
        "min_p": st.sampled_from([0.1]),
    },
)
some_overrides: st.SearchStrategy[Fields] = st.one_of(
    st.just({}), st.just({}), overrides, st.just({"threshold": 1.5})
)
draws = st.sampled_from([{}, {}, {}, {"u": 0.0}, {"u": 0.25}, {"u": 0.97}, {"u": 1.0}])
picks = st.sampled_from(
    [
        {"token_id": 5},
        {"token_id": 0},
        {"token_id": 10_000},
        {"token_text": " the"},
        {"token_text": "not one token"},
        {"category": "other"},
        {"category": "other"},
    ]
)
# Given as a difference to the present one.
revisions = st.sampled_from([None, None, None, None, None, 0, 0, -1])
keys = st.sampled_from([None, None, "a", "b", "c", "d"])
parts = st.sampled_from(["all", "all", "last", "none"])
racing = st.sampled_from(["spin", "spin", "append-token", "append-token", "undo", "delete"])


def merged(*dictionaries):
    return st.builds(lambda *parts: dict(ChainMap(*parts)), *dictionaries)


spins = st.builds(Request, st.just("spin"), merged(draws, some_overrides), keys, parts)
appends = st.builds(Request, st.just("append-token"), merged(picks, some_overrides), keys, parts)
undos = st.builds(Request, st.just("undo"), history=parts)
rewinds = st.builds(lambda num_kept: Request("rewind", {"num_kept": num_kept}), st.integers(0, 6))
wheels = st.builds(lambda query: Request("next-token-probs", query), overrides)
new_prompts = st.builds(lambda prompt: Request("set-prompt", {"prompt": prompt}), prompts)
redos, deletions = st.just(Request("redo")), st.just(Request("delete"))
rare = [rewinds, wheels, new_prompts, deletions]
requests: st.SearchStrategy[Request] = st.sampled_from(
    [*[spins] * 5, *[appends] * 5, *[undos] * 3, *[redos] * 2, *rare]
).flatmap(lambda kind: kind)


@dataclass
class Twins:
    """A session of the server and its plain twin. `used_at`: its last use, by the clock."""

    session_id: str
    plain: PlainSession
    used_at: datetime


def differences(answer: object, expected: object, path: str = "") -> list[str]:
    """The places at which the answer lacks a value that is expected."""
    match expected:
        case dict() if isinstance(answer, dict):
            return [
                difference
                for name, value in expected.items()
                for difference in differences(answer.get(name), value, f"{path}.{name}")
            ]
        case list() if isinstance(answer, list) and len(answer) == len(expected):
            return [
                difference
                for index, pair in enumerate(zip(answer, expected, strict=True))
                for difference in differences(*pair, f"{path}[{index}]")
            ]
        case float():
            is_same = answer == pytest.approx(expected, rel=1e-9, abs=1e-12)
            return [] if is_same else [f"{path}: {answer}, not {expected}"]
    return [] if answer == expected else [f"{path}: {answer}, not {expected}"]


def observed_u(answer: Answer) -> float | None:
    receipt = answer[1].get("spin") if answer[0] == 200 else None
    return receipt["u"] if receipt else None


def outcome(request: Request, answer: Answer) -> str:
    status, fields = answer
    return f"{request.name} {fields.get('code', status)}"


class SessionMachine(RuleBasedStateMachine):
    world: SessionWorld
    sessions: Bundle[Twins] = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.all_twins: list[Twins] = []

    @initialize(target=sessions)
    def create_with_a_prompt(self):
        return self.start(None, "The cat sat")

    @precondition(lambda self: len(self.all_twins) < MAX_SESSIONS)
    @rule(target=sessions, seed=st.sampled_from([None, 7, -1]), prompt=first_prompts)
    def create(self, seed, prompt):
        return self.start(seed, prompt)

    @precondition(lambda self: len(self.all_twins) < MAX_SESSIONS)
    @rule(target=sessions, luck=lucks, locked=locks, prompt=class_prompts)
    def join(self, luck, locked, prompt):
        """A member of a new class, with a temperature and a top-k of its own."""
        settings = {"temperature": 0.5, "top_k": 3}
        row = self.world.new_classroom(prompt=prompt, luck=luck, locked=locked, **settings)
        seed = row.seed if luck == "shared" else None
        classroom = PlainClassroom(row.code, row.title, prompt, seed, DEFAULTS | settings, locked)
        twins = Twins("", PlainSession(self.world.model, None, classroom), self.world.clock())
        self.replace_session(twins, None)
        self.all_twins.append(twins)
        return twins

    @rule(twins=sessions, state=class_states, several=st.lists(requests, min_size=1, max_size=3))
    def set_state(self, twins, state, several):
        if twins.plain.classroom is None:
            return
        self.change_state(twins.plain.classroom, state)
        for request in several:
            self.send_at(twins, request, None)

    @rule(twins=sessions, several=st.lists(st.tuples(requests, revisions), min_size=4, max_size=12))
    def request(self, twins, several):
        for request, rev in several:
            self.send_at(twins, request, rev)

    @rule(twins=sessions, num_between=st.sampled_from([0, 0, 5, 18, 19, 20]), part=parts)
    def send_again(self, twins, num_between, part):
        """The first answer again if the key is remembered, else a new change."""
        for earlier in twins.plain.remembered[-1:]:
            for _ in range(num_between):
                self.send(twins, Request("spin", history="none"))
            first = earlier.request
            self.send(twins, Request(first.name, first.asked_for, first.key, part))

    @rule(twins=sessions, num_removed=st.integers(1, 5), num_redone=st.integers(0, 6))
    def rewind_and_redo(self, twins, num_removed, num_redone):
        num_kept = len(twins.plain.history) - num_removed
        self.send_at(twins, Request("rewind", {"num_kept": max(num_kept, 0)}), 0)
        for _ in range(num_redone):
            self.send_at(twins, Request("redo"), 0)
        self.part_and_go_back(twins, num_removed, num_redone)

    def part_and_go_back(self, twins, num_removed, number):
        """Leave a branch, and go back to some. A rule of its own would change the examples of
        all others."""
        num_kept = len(twins.plain.history) - num_removed
        self.send_at(twins, Request("rewind", {"num_kept": max(num_kept, 0)}), 0)
        self.send(twins, Request("spin", history="none"))
        self.send(twins, Request("branches"))
        for branch, rev in [(number, None), (1, 0), (2, number % 2 - 1), (num_removed, 0)]:
            self.send_at(twins, Request("restore", {"branch": branch}, history="last"), rev)
            self.send(twins, Request("branches"))

    @rule(minutes=st.sampled_from([1, 1, 25, 25, 55, 180]))
    def wait(self, minutes):
        later = self.world.clock() + timedelta(minutes=minutes)
        idle = [later - twins.used_at for twins in self.all_twins if not twins.plain.classroom]
        if not any(LIFETIME <= span <= LATEST_END for span in idle):
            self.world.clock.advance(minutes=minutes)

    @rule()
    def restart(self):
        self.world.restart()

    @rule(
        twins=sessions,
        names=st.tuples(*[racing] * 2),
        rev=st.sampled_from([None, 0]),
        race_keys=st.sampled_from([(None, None), ("d", "d"), ("d", "e")]),
    )
    def race(self, twins, names, rev, race_keys):
        """Two requests at the same moment are answered as one after the other, in either order."""
        bodies = {"append-token": {"token_id": 7}}
        requests = [
            at_revision(Request(name, bodies.get(name, {}), key), twins, rev)
            for name, key in zip(names, race_keys, strict=True)
        ]
        self.expire(twins)
        was_gone = twins.plain.is_gone
        jobs = [partial(self.world.send, twins.session_id, request) for request in requests]
        answered = list(zip(requests, run_at_once(jobs), strict=True))
        outcomes = [self.in_turn(twins.plain.copy(), order) for order in permutations(answered)]
        fitting = [plain for plain, problems in outcomes if not problems]
        assert fitting, [problems for _, problems in outcomes]
        twins.plain = fitting[0]
        num_answers.update("race " + outcome(*each) for each in answered)
        self.end_step(twins, was_gone)

    def teardown(self):
        for twins in self.all_twins:
            self.compare(twins)

    def start(self, seed, prompt):
        twins = Twins("", PlainSession(self.world.model, seed), self.world.clock())
        self.replace_session(twins, prompt)
        self.all_twins.append(twins)
        return twins

    def change_state(self, classroom, state):
        self.world.set_state(classroom.code, state)
        classroom.state = state

    def replace_session(self, twins, prompt):
        if twins.plain.classroom is not None:
            self.join_again(twins)
            return
        seed = twins.plain.seed
        twins.session_id = self.world.create({} if seed is None else {"seed": seed})
        twins.plain = PlainSession(self.world.model, seed)
        if prompt is not None:
            self.send(twins, Request("set-prompt", {"prompt": prompt}))

    def join_again(self, twins):
        classroom = twins.plain.classroom
        self.change_state(classroom, "open")
        twins.session_id = self.world.join(classroom.code)
        twins.plain = PlainSession(self.world.model, None, classroom)
        twins.used_at = self.world.clock()

    def send_at(self, twins, request, rev):
        self.send(twins, at_revision(request, twins, rev))

    def send(self, twins, request):
        """After a spin with fields, its wheel is simulated too, with the same settings."""
        self.send_once(twins, request)
        if request.name == "spin" and request.body:
            self.send_once(twins, simulation_like(request))

    def send_once(self, twins, request):
        self.expire(twins)
        was_gone, rev = twins.plain.is_gone, twins.plain.rev
        answer = self.world.send(twins.session_id, request)
        twins.plain, problems = self.in_turn(twins.plain, [(request, answer)])
        assert not problems, (request, problems)
        num_answers[outcome(request, answer)] += 1
        num_answers["answered again"] += "appended_token" in answer[1] and twins.plain.rev == rev
        self.end_step(twins, was_gone)

    def end_step(self, twins, was_gone):
        """Compare; a session that was gone before the step is replaced by a new one."""
        self.compare(twins)
        if was_gone:
            self.replace_session(twins, "Once upon")

    def in_turn(self, plain, answered):
        """The plain session after these requests, and where the server's answers are others."""
        problems = []
        for request, answer in answered:
            status, fields = plain.handle(request, observed_u(answer))
            problems += differences(answer[0], status, "status") or differences(answer[1], fields)
        return plain, problems

    def compare(self, twins):
        self.expire(twins)
        status, fields = self.world.read(twins.session_id)
        if twins.plain.is_gone:
            assert (status, fields["code"]) == (404, "session_not_found")
        else:
            assert status == 200
            assert differences(fields, twins.plain.state()) == []

    def expire(self, twins):
        """Before each use of the session. A member's session lasts as long as its class."""
        is_member = twins.plain.classroom is not None
        if not is_member and self.world.clock() - twins.used_at > LATEST_END:
            twins.plain.is_gone = True
        twins.used_at = self.world.clock()


def simulation_like(spin):
    settings = {name: value for name, value in spin.body.items() if name in DEFAULTS}
    return Request("simulate", settings | {"num_spins": 30, "seed": len(spin.body)})


def at_revision(request, twins, rev):
    """The request with `rev`, given as a difference to the session's present one. A page's form has
    it always, a call that only reads never."""
    if request.name in PAGE_ACTIONS:
        rev = rev or 0
    if rev is None or request.name in READING:
        return request
    return replace(request, body=request.body | {"rev": twins.plain.rev + rev})


SUCCESSES = {
    *("set-prompt 200", "next-token-probs 200", "append-token 200", "spin 200", "undo 200"),
    *("branches 200", "restore 200", "restore branch_not_found", "simulate 200"),
    *("redo 302", "rewind 302", "delete 200", "race spin 200", "race append-token 200"),
}
CODES = {
    *("session_not_found", "stale_revision", "idempotency_key_reused", "no_prompt"),
    *("classroom_frozen", "classroom_closed", "setting_locked"),
    *("context_full", "nothing_to_undo", "no_other_tokens", "prompt_too_long", "invalid"),
}


def test_sessions_are_as_plain_ones_whatever_is_requested(tmp_path, catalog, django_db_blocker):
    num_answers.clear()
    with session_world(tmp_path, catalog, django_db_blocker) as world:
        machine = type("Machine", (SessionMachine,), {"world": world})
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=NUM_EXAMPLES, stateful_step_count=NUM_STEPS),
        )
    codes = {label.rpartition(" ")[2] for label in num_answers}
    logger.warning("%d answers: %s", num_answers.total(), dict(sorted(num_answers.items())))
    assert set(num_answers) >= SUCCESSES
    assert codes >= CODES
    assert num_answers["answered again"] > 0
