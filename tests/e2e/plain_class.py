"""The numbers of a wall, computed from the answers of the REST API alone: draws are counted one by
one, bands come from the roots of Wilson's quadratic equation, the tree is a trie of dictionaries.

Only the words for a number are the project's.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wheel.pages.words.numbers import bits, count, percent

Z = 1.959963984540054  # 97.5 % of the normal distribution lie below
DIGITS = 12  # beyond these, two ways to compute one number differ
AXIS_ENDS = (10, 20, 30, 40, 50, 60, 80, 100)  # percent
MARK_WIDTH = 1.2  # in hundredths of the axis
MAX_NAMED_IN_OTHER = 8

Session = Mapping[str, Any]
Step = Mapping[str, Any]


def band(num_hits: int, num_draws: int) -> tuple[float, float]:
    """The two p at which the share of hits is Z standard deviations from p: the roots of
    (share - p)² = Z² p (1 - p) / n."""
    a = num_draws + Z**2
    b = 2 * num_hits + Z**2
    c = num_hits**2 / num_draws
    root = math.sqrt(b**2 - 4 * a * c)
    return round((b - root) / (2 * a), DIGITS), round((b + root) / (2 * a), DIGITS)


def is_draw(step: Step) -> bool:
    return step["spin"] is not None


@dataclass(frozen=True)
class PlainRow:
    """A row of the pooled wheel's table, as it is read. name: empty for Other."""

    name: str
    expected: str
    spins: str
    share: str
    interval: str

    @classmethod
    def of(cls, name: str, prob: float, num_hits: int, num_draws: int) -> "PlainRow":
        if not num_draws:
            return cls(name, percent(prob), "0", "–", "")
        low, high = band(num_hits, num_draws)
        return cls(
            name,
            percent(prob),
            str(num_hits),
            percent(num_hits / num_draws),
            f"{percent(low)} to {percent(high)}",
        )


@dataclass(frozen=True)
class PlainPool:
    """What the class has drawn at the prompt.

    wheel  the answer of the API about the wheel there
    steps  the first token of each member who has one
    """

    wheel: Mapping[str, Any]
    steps: Sequence[Step]
    num_waiting: int

    @classmethod
    def of(cls, wheel: Mapping[str, Any], sessions: Sequence[Session]) -> "PlainPool":
        (prompt,) = {tuple(session["prompt_token_ids"]) for session in sessions}
        assert prompt
        steps = [session["token_history"][0] for session in sessions if session["token_history"]]
        return cls(wheel, steps, len(sessions) - len(steps))

    @property
    def drawn(self) -> Counter[int]:
        return Counter(step["token_id"] for step in self.steps if is_draw(step))

    @property
    def num_draws(self) -> int:
        return self.drawn.total()

    @property
    def num_places(self) -> int:
        return self.num_draws + self.num_waiting

    @property
    def num_by_hand(self) -> int:
        return sum(not is_draw(step) for step in self.steps)

    @property
    def by_hand_sentence(self) -> str:
        if self.num_by_hand == 1:
            return "1 token chosen by hand is not counted."
        return f"{self.num_by_hand} tokens chosen by hand are not counted."

    @property
    def segments(self) -> list[tuple[str, float, int]]:
        """Name, probability and number of hits of each; Other is the last and has no name."""
        single = self.wheel["above_threshold_tokens"]
        hits = [self.drawn[token["token_id"]] for token in single]
        named = [
            (token["display_text"], token["probability"], num_hits)
            for token, num_hits in zip(single, hits, strict=True)
        ]
        other = self.wheel["other_category"]["total_probability"]
        return [*named, ("", other, self.num_draws - sum(hits))]

    @property
    def rows(self) -> list[PlainRow]:
        return [PlainRow.of(*segment, self.num_draws) for segment in self.segments]

    @property
    def axis_end(self) -> int:
        """In percent: everything but Other has a place on the axis."""
        ends = [prob for _, prob, _ in self.segments[:-1]]
        if self.num_draws:
            ends += [band(num_hits, self.num_draws)[1] for _, _, num_hits in self.segments[:-1]]
        return next(end for end in AXIS_ENDS if max(ends) <= end / 100)

    @property
    def bands(self) -> list[list[float]]:
        """Of each single token: both ends of the band, and the middles of the marks of the drawn
        and the expected share, in hundredths of the axis. Empty without draws."""
        if not self.num_draws:
            return []
        scale = 100 / (self.axis_end / 100)
        return [
            [
                *(scale * end for end in band(num_hits, self.num_draws)),
                inside_the_axis(scale * num_hits / self.num_draws),
                inside_the_axis(scale * prob),
            ]
            for _, prob, num_hits in self.segments[:-1]
        ]

    @property
    def arcs(self) -> list[tuple[float, float]]:
        """Start and length of each segment that was drawn, as parts of the ring of all places."""
        arcs, start = [], 0
        for _, _, num_hits in self.segments:
            if num_hits:
                arcs.append((start / self.num_places, num_hits / self.num_places))
            start += num_hits
        return arcs

    @property
    def named_in_other(self) -> list[str]:
        """The tokens that were drawn from Other, the most frequent and most probable ones first."""
        single = {token["token_id"] for token in self.wheel["above_threshold_tokens"]}
        inside = {
            step["token_id"]: step
            for step in self.steps
            if is_draw(step) and step["token_id"] not in single
        }
        order = sorted(inside, key=lambda i: (-self.drawn[i], -inside[i]["probability"], i))
        names = [
            inside[token_id]["display_text"]
            + (f" × {self.drawn[token_id]}" if self.drawn[token_id] > 1 else "")
            for token_id in order
        ]
        num_more = len(names[MAX_NAMED_IN_OTHER:])
        return names[:MAX_NAMED_IN_OTHER] + ([f"…and {num_more} more"] if num_more else [])


@dataclass(frozen=True)
class PlainBranch:
    """A branch of the tree, as it is read.

    tokens       everything visible; empty for the root
    first_alone  the first tokens of the stories that go on alone and are not drawn singly
    """

    tokens: tuple[str, ...]
    caption: str
    num_stories: int
    branches: tuple["PlainBranch", ...]
    first_alone: tuple[str, ...]


def inside_the_axis(middle: float) -> float:
    """The middle of a mark, all of which is on the axis."""
    return min(max(MARK_WIDTH / 2, middle), 100 - MARK_WIDTH / 2)


@dataclass
class PlainTree:
    """A trie: a beginning that some stories have. step: its last token; None for the prompt."""

    step: Step | None = None
    pseudonyms: list[str] = field(default_factory=list)
    next_by_id: dict[int, "PlainTree"] = field(default_factory=dict)

    @classmethod
    def of(cls, sessions: Sequence[Session]) -> "PlainTree":
        root = cls()
        for session in sessions:
            node = root
            node.pseudonyms.append(session["pseudonym"])
            for step in session["token_history"]:
                node = node.next_by_id.setdefault(step["token_id"], cls(step))
                node.pseudonyms.append(session["pseudonym"])
        return root

    @property
    def num_stories(self) -> int:
        return len(self.pseudonyms)

    @property
    def num_going_on(self) -> int:
        return sum(node.num_stories for node in self.next_by_id.values())

    @property
    def num_here(self) -> int:
        return self.num_stories - self.num_going_on

    @property
    def token(self) -> Step:
        assert self.step is not None
        return self.step

    @property
    def following(self) -> list["PlainTree"]:
        """The one with the most stories first, then the most probable one."""
        return sorted(
            self.next_by_id.values(),
            key=lambda node: (
                -node.num_stories,
                -node.token["probability"],
                node.token["token_id"],
            ),
        )

    def branch(self, *, is_unfolded: bool) -> PlainBranch:
        """The whole tree, from the prompt on."""
        words = "1 story" if self.num_stories == 1 else f"{self.num_stories} stories"
        return self._ending_branch([], [words], is_unfolded=is_unfolded)

    def _run(self) -> list["PlainTree"]:
        """The nodes from this one on, up to the first at which not all go on with one token."""
        nodes = [self]
        while len(nodes[-1].next_by_id) == 1 and not nodes[-1].num_here:
            nodes += nodes[-1].next_by_id.values()
        return nodes

    def _beginning_branch(self, num_going_on: int, *, is_unfolded: bool) -> PlainBranch:
        run = self._run()
        caption = [
            *(self.pseudonyms if self.num_stories == 1 else []),
            f"{self.num_stories} of {num_going_on}",
            f"model {percent(self.token['probability'])}",
        ]
        return run[-1]._ending_branch(run, caption, is_unfolded=is_unfolded)

    def _ending_branch(
        self, run: Sequence["PlainTree"], caption: list[str], *, is_unfolded: bool
    ) -> PlainBranch:
        """The branch of this run, which ends here, with all after it."""
        alone = [node for node in self.following if node.num_stories == 1 and not is_unfolded]
        shown = self.following[: len(self.following) - len(alone)]
        if self.num_here and self.next_by_id:
            caption = [*caption, f"{self.num_here} {'is' if self.num_here == 1 else 'are'} here"]
        return PlainBranch(
            tuple(node.token["display_text"] for node in run),
            " · ".join(caption),
            self.num_stories,
            tuple(
                node._beginning_branch(self.num_going_on, is_unfolded=is_unfolded) for node in shown
            ),
            tuple(node.token["display_text"] for node in alone),
        )


@dataclass(frozen=True)
class PlainCard:
    """A card of the wall, as it is read."""

    newest: str
    figures: str

    @classmethod
    def of(cls, session: Session) -> "PlainCard":
        history = session["token_history"]
        if not history:
            return cls("", "")
        surprise = sum(-math.log2(step["probability"]) for step in history)
        tokens = f"{count(len(history))} {'token' if len(history) == 1 else 'tokens'}"
        return cls(
            history[-1]["display_text"],
            f"{tokens} · {bits(surprise)} · {bits(surprise / len(history))} per token",
        )


def text_before_newest(session: Session) -> str:
    """The text without its newest token, with each run of spaces as one. A page has no null
    characters: browsers leave them out."""
    before = b"".join(bytes.fromhex(step["bytes"]) for step in session["token_history"][:-1])
    text = session["initial_prompt"] + before.decode("utf-8", errors="replace")
    return " ".join(text.split()).replace("\0", "")
