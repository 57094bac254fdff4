"""A session as a plain Python object: what the API says of it, without numpy, stores or HTTP.

`handle` answers a request as the server must, with a status and the fields that matter.
"""

import math
import random
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.api.plain_wheel import PlainModel, PlainWheel

DEFAULTS = {"threshold": 0.01, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
HISTORY_SHOWN = {"all": slice(None), "last": slice(-1, None), "none": slice(0)}
NUM_REMEMBERED = 20
KEYED = ("spin", "append-token")
CHANGES_OF_TEXT = ("set-prompt", "spin", "append-token", "undo", "redo", "rewind", "restore")
READING = ("next-token-probs", "simulate", "branches")  # which take no revision
MAX_LEFT_BRANCHES = 30
PAGE_ACTIONS = ("redo", "rewind")  # forms of the pages: a redirect, or a page

Fields = dict[str, Any]
Answer = tuple[int, Fields]


@dataclass(frozen=True)
class Request:
    """One call. `body` has the query of a GET and the form of a page, too."""

    name: str
    body: Fields = field(default_factory=dict)
    key: str | None = None
    history: str = "all"

    @property
    def asked_for(self) -> Fields:
        return {name: value for name, value in self.body.items() if name != "rev"}


@dataclass
class Remembered:
    """A request with a key, and what it was answered with the whole history."""

    request: Request
    rev: int
    answer: Fields

    def answer_again(self, request: Request) -> Answer:
        if (request.name, request.asked_for) != (self.request.name, self.request.asked_for):
            return error(400, "idempotency_key_reused")
        return 200, self.answer


@dataclass
class PlainClassroom:
    """prompt    of every new member; empty if each writes its own
    seed      of all members' draws; None if each has luck of its own
    settings  of the class; those named in `locked` cannot be changed, nor can the prompt if it is
              named
    """

    code: str
    title: str
    prompt: str
    seed: int | None
    settings: Fields
    locked: list[str]
    state: str = "open"

    @property
    def locked_settings(self) -> Fields:
        return {name: self.settings[name] for name in self.settings if name in self.locked}

    def refusal(self, request: Request) -> Answer | None:
        if request.name in CHANGES_OF_TEXT and self.state != "open":
            return error(409, f"classroom_{self.state}")
        if request.name == "set-prompt" and "prompt" in self.locked:
            return error(400, "setting_locked")
        return None


class PlainSession:
    """classroom  of a member; None for other sessions"""

    def __init__(
        self, model: PlainModel, seed: int | None, classroom: PlainClassroom | None = None
    ) -> None:
        self.model = model
        self.classroom = classroom
        self.seed = classroom.seed if classroom else seed
        self.is_gone = False
        self.prompt: list[int] = []
        self.history: list[Fields] = []
        self.undone: list[Fields] = []
        self.left: list[tuple[int, list[Fields]]] = []  # the branches that were left
        self.branch = self.last_branch = 1
        self.settings = dict(classroom.settings if classroom else DEFAULTS)
        self.num_draws = 0
        self.rev = 0
        self.remembered: list[Remembered] = []
        if classroom and classroom.prompt:
            self._set_prompt({"prompt": classroom.prompt}, None)

    def copy(self) -> "PlainSession":
        shared = (self.model, self.classroom)
        return deepcopy(self, {id(each): each for each in shared})

    @property
    def token_ids(self) -> list[int]:
        return self.prompt + [item["token_id"] for item in self.history]

    @property
    def text(self) -> str:
        return self.model.text(self.token_ids)

    @property
    def num_free(self) -> int:
        """How many more tokens fit into the context."""
        return self.model.context_length - len(self.token_ids)

    @property
    def has_ended(self) -> bool:
        return any(self.model.tokens[item["token_id"]].is_special for item in self.history)

    def state(self) -> Fields:
        """What a GET of the session answers."""
        return {
            "rev": self.rev,
            "seed": self.seed,
            "initial_prompt": self.model.text(self.prompt),
            "current_text": self.text,
            "token_history": list(self.history),
            "generation_count": len(self.history),
            "ended": self.has_ended,
            "prompt_token_ids": list(self.prompt),
            "token_ids": self.token_ids,
            "settings": dict(self.settings),
            "classroom": self._class_fields(),
        }

    def _class_fields(self) -> Fields | None:
        classroom = self.classroom
        if classroom is None:
            return None
        return {"code": classroom.code, "title": classroom.title, "state": classroom.state}

    def handle(self, request: Request, observed_u: float | None) -> Answer:
        """The answer, and the change. `observed_u` is the u of the server's answer: a draw of a
        session without a seed cannot be foretold."""
        status, fields = self._respond(request, observed_u)
        if request.name in PAGE_ACTIONS:
            return status, {}
        if "token_history" in fields:
            shown = HISTORY_SHOWN[request.history]
            fields = fields | {"token_history": fields["token_history"][shown]}
        return status, fields

    def _respond(self, request: Request, observed_u: float | None) -> Answer:
        if request.name == "set-prompt" and not request.body["prompt"].strip():
            return error(400, "empty_prompt")
        if self.is_gone:
            return error(404, "session_not_found")
        if unusable := self._unusable_token(request):
            return error(400, unusable)
        key = request.key if request.name in KEYED else None
        for earlier in self.remembered:
            if earlier.request.key == key and self.rev - earlier.rev < NUM_REMEMBERED:
                return earlier.answer_again(request)
        if request.body.get("rev") not in (None, self.rev):
            return 409, self.state() | {"code": "stale_revision"}
        status, fields = self._refusal(request) or self._carry_out(request, observed_u)
        if key is not None and status == 200:
            self.remembered.append(Remembered(request, self.rev, fields))
        return status, fields

    def _refusal(self, request: Request) -> Answer | None:
        return self.classroom.refusal(request) if self.classroom else None

    def _carry_out(self, request: Request, observed_u: float | None) -> Answer:
        answer: Answer = getattr(self, "_" + request.name.replace("-", "_"))(
            request.body, observed_u
        )
        return answer

    def _unusable_token(self, request: Request) -> str | None:
        """The code of a token that no session could append."""
        body = request.body
        if request.name != "append-token" or "category" in body:
            return None
        if "token_id" in body:
            return None if 0 <= body["token_id"] < len(self.model.tokens) else "invalid_token_id"
        return None if self._ids_of(body["token_text"]) else "not_one_token"

    def _ids_of(self, text: str) -> list[int]:
        return [
            token.token_id
            for token in self.model.tokens
            if token.token_bytes == text.encode() and not token.is_special
        ]

    def _set_prompt(self, body: Fields, _: float | None) -> Answer:
        ids = list(self.model.encode(body["prompt"]))
        if len(ids) >= self.model.context_length:
            return error(400, "prompt_too_long")
        self.prompt, self.history, self.undone, self.num_draws = ids, [], [], 0
        self.left, self.branch, self.last_branch = [], 1, 1
        self.rev += 1
        return 200, {"rev": self.rev, "current_text": self.text, "token_ids": ids}

    def _next_token_probs(self, body: Fields, _: float | None) -> Answer:
        settings = DEFAULTS | body
        if obstacle := self._obstacle(settings, body):
            return obstacle
        settings = settings | self._locked_settings
        wheel = self._wheel(settings)
        self.settings = settings
        num_above = len(wheel.above)
        return 200, settings | {
            "rev": self.rev,
            "current_text": self.text,
            "above_threshold_tokens": [self._figures(wheel, token_id) for token_id in wheel.above],
            "total_above_threshold_probability": wheel.above_prob,
            "other_category": {"token_count": len(self.model.tokens) - num_above},
            "ended": self.has_ended,
        }

    def _spin(self, body: Fields, observed_u: float | None) -> Answer:
        settings = self._overridden(body)
        if obstacle := self._obstacle(settings, body):
            return obstacle
        settings = settings | self._locked_settings
        u = body.get("u", self._next_u(observed_u))
        if not 0 <= u < 1:
            return error(400, "invalid")
        wheel = self._wheel(settings)
        return self._append(wheel, wheel.token_at(u), settings, u)

    def _simulate(self, body: Fields, _: float | None) -> Answer:
        settings = self._overridden(body)
        if obstacle := self._obstacle(settings, body):
            return obstacle
        settings = settings | self._locked_settings
        wheel, generator = self._wheel(settings), random.Random(f"{body['seed']}")
        counts = Counter(wheel.token_at(generator.random()) for _ in range(body["num_spins"]))
        inside = sorted((-counts[i], i) for i in counts.keys() - set(wheel.above))
        return 200, {
            "num_spins": body["num_spins"],
            "seed": body["seed"],
            "settings": settings,
            "segments": [
                {"token_id": i, "expected_probability": wheel.probs[i], "count": counts[i]}
                for i in wheel.above
            ],
            "other": {
                "count": -sum(count for count, _ in inside),
                "tokens": [{"token_id": i, "count": -count} for count, i in inside],
            },
            "rev": self.rev,
        }

    def _append_token(self, body: Fields, observed_u: float | None) -> Answer:
        settings = self._overridden(body)
        if obstacle := self._obstacle(settings, body):
            return obstacle
        settings = settings | self._locked_settings
        wheel = self._wheel(settings)
        if "category" not in body:
            text = body.get("token_text", "")
            token_id = body["token_id"] if "token_id" in body else self._ids_of(text)[0]
            return self._append(wheel, token_id, settings, None)
        if len(wheel.above) == len(wheel.ranking):
            return error(400, "no_other_tokens")
        u = observed_u
        if self.seed is not None:
            u = wheel.above_prob + self._next_u(None) * (1 - wheel.above_prob)
        assert u is not None
        return self._append(wheel, wheel.token_at(u), settings, u)

    def _append(
        self, wheel: PlainWheel, token_id: int, settings: Fields, u: float | None
    ) -> Answer:
        previous_text, is_above = self.text, token_id in wheel.above
        item = self._figures(wheel, token_id) | {
            "category": "above_threshold" if is_above else "other",
            "sampled_from_other": True if u is not None and not is_above else None,
        }
        receipt = None if u is None else {"u": u, "settings": settings}
        old = self.way
        self.history.append(item | {"spin": receipt})
        self.undone = []
        if self._leave(old):
            self.last_branch += 1
            self.branch = self.last_branch
        self.num_draws += u is not None
        self.rev += 1
        return 200, self._changed(previous_text) | {
            "appended_token": item,
            "spin": receipt,
            "other_category_info": self._other_info(wheel, item),
        }

    def _undo(self, body: Fields, _: float | None) -> Answer:
        if not self.history:
            return error(400, "nothing_to_undo")
        previous_text = self.text
        self._remove(1)
        removed = {name: value for name, value in self.undone[-1].items() if name != "spin"}
        return 200, self._changed(previous_text) | {"removed_token": removed}

    def _rewind(self, body: Fields, _: float | None) -> Answer:
        if not 0 <= body["num_kept"] < len(self.history):
            return error(400, "invalid")
        self._remove(len(self.history) - body["num_kept"])
        return 302, {}

    def _redo(self, body: Fields, _: float | None) -> Answer:
        if not self.undone:
            return error(400, "invalid")
        self.history.append(self.undone.pop())
        self.rev += 1
        return 302, {}

    def _branches(self, body: Fields, _: float | None) -> Answer:
        ways = sorted([*self.left, (self.branch, self.way)], key=lambda way: way[0])
        branches = [self._branch_fields(number, way) for number, way in ways]
        return 200, {
            "rev": self.rev,
            "current_text": self.text,
            "branches": branches if self.prompt else [],
        }

    def _branch_fields(self, number: int, way: list[Fields]) -> Fields:
        ids, own = ids_of(way), ids_of(self.history)
        num_shared = 0
        while ids[num_shared : num_shared + 1] == own[num_shared : num_shared + 1] != []:
            num_shared += 1
        return {
            "branch": number,
            "is_current": number == self.branch,
            "num_shared": num_shared,
            "tokens": way[num_shared:],
            "text": self.model.text(self.prompt + ids),
        }

    def _restore(self, body: Fields, _: float | None) -> Answer:
        number, old, previous_text = body["branch"], self.way, self.text
        found = dict(self.left) | {self.branch: old}
        if number not in found:
            return error(404, "branch_not_found")
        if number != self.branch or self.undone:
            self.history, self.undone = list(found[number]), []
            self._leave(old)
            self.branch = number
            self.rev += 1
        return 200, self._changed(previous_text) | {"branch": number}

    def _leave(self, old: list[Fields]) -> bool:
        """Whether the way before the change has become a branch."""
        new = ids_of(self.history)
        self.left = [way for way in self.left if ids_of(way[1]) != new[: len(way[1])]]
        ways = [new, *(ids_of(way) for _, way in self.left)]
        if any(way[: len(old)] == ids_of(old) for way in ways):
            return False
        self.left = [*self.left, (self.branch, old)][-MAX_LEFT_BRANCHES:]
        return True

    @property
    def way(self) -> list[Fields]:
        return self.history + self.undone[::-1]

    def _delete(self, body: Fields, _: float | None) -> Answer:
        self.is_gone = True
        return 200, {}

    def _remove(self, num_tokens: int) -> None:
        for _ in range(num_tokens):
            self.undone.append(self.history.pop())
        self.rev += 1

    def _changed(self, previous_text: str) -> Fields:
        return {
            "rev": self.rev,
            "previous_text": previous_text,
            "current_text": self.text,
            "token_history": list(self.history),
            "ended": self.has_ended,
        }

    def _overridden(self, body: Fields) -> Fields:
        return self.settings | {name: body[name] for name in DEFAULTS if name in body}

    @property
    def _locked_settings(self) -> Fields:
        return self.classroom.locked_settings if self.classroom else {}

    def _obstacle(self, settings: Fields, body: Fields) -> Answer | None:
        if not 0 <= settings["threshold"] <= 1:
            return error(400, "invalid")
        if any(body.get(name, value) != value for name, value in self._locked_settings.items()):
            return error(400, "setting_locked")
        if not self.prompt:
            return error(400, "no_prompt")
        if self.num_free <= 0:
            return error(400, "context_full")
        return error(400, "invalid") if settings["top_k"] > len(self.model.tokens) else None

    def _wheel(self, settings: Fields) -> PlainWheel:
        return PlainWheel(self.model.logits_of(tuple(self.token_ids)), settings)

    def _next_u(self, observed_u: float | None) -> float:
        if self.seed is not None:
            draw_idx = len(self.history) if self.classroom else self.num_draws
            return random.Random(f"{self.seed}:{draw_idx}").random()
        return math.nan if observed_u is None else observed_u

    def _figures(self, wheel: PlainWheel, token_id: int) -> Fields:
        return {
            "token_id": token_id,
            "token_text": self.model.tokens[token_id].token_text,
            "probability": wheel.probs.get(token_id, 0.0),
        }

    def _other_info(self, wheel: PlainWheel, item: Fields) -> Fields | None:
        if item["sampled_from_other"] is None:
            return None
        return {
            "total_probability": math.fsum(wheel.probs.values()) - wheel.above_prob,
            "token_count": len(self.model.tokens) - len(wheel.above),
            "selected_token_rank": wheel.ranking.index(item["token_id"]) + 1,
        }


def ids_of(items: list[Fields]) -> list[int]:
    return [item["token_id"] for item in items]


def error(status: int, code: str) -> Answer:
    return status, {"code": code}
