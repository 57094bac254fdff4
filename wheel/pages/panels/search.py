"""Search for the first token of a typed text, and its place on the wheel."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wheel.domain.token import Token
from wheel.pages.drawing.opening import wheels_towards
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.words.numbers import count
from wheel.services import WheelView


@dataclass(frozen=True)
class FoundToken:
    """The first token of a typed text.

    note          how the text was read
    num_tokens    number of tokens that the text makes
    rank          1-based, over the whole vocabulary
    start, end    its arc in turns; equal if it cannot be drawn
    num_openings  number of times to open Other until it has a segment of its own
    """

    note: str | Promise
    token: Token
    num_tokens: int
    rank: int
    figures: TokenFigures
    start: float
    end: float
    num_openings: int

    @property
    def reading(self) -> str:
        """How the text was read, and whether the token is all of it."""
        if self.num_tokens == 1:
            return str(self.note)
        return _("%(note)s; it makes %(num)s tokens, and this is the first") % {
            "note": self.note,
            "num": count(self.num_tokens),
        }

    @property
    def start_degrees(self) -> float:
        return self.start * 360

    @property
    def width_degrees(self) -> float:
        return (self.end - self.start) * 360

    @property
    def middle_degrees(self) -> float:
        return (self.start + self.end) * 180


def find_tokens(view: WheelView, text: str) -> list[FoundToken]:
    """The first token of the text as it was typed, and of the text with a space before it, which
    most words have in the middle of a text. The likelier one comes first.

    Raises `InvalidFieldsError` for a text that the model's vocabulary cannot spell.
    """
    if not text:
        return []
    found = [find_token(view, text, gettext_lazy("as you typed it"))]
    if not text[0].isspace():
        found.append(find_token(view, f" {text}", gettext_lazy("with a space before it")))
    return sorted(found, key=lambda token: token.rank)


def find_token(view: WheelView, text: str, note: str | Promise) -> FoundToken:
    token_ids = view.state.tokenizer.encode(text)
    token_id = token_ids[0]
    rank_idx = view.wheel.distribution.rank_of(token_id)
    start, end = view.wheel.arc_of(token_id)
    return FoundToken(
        note=note,
        token=view.state.token(token_id),
        num_tokens=len(token_ids),
        rank=rank_idx + 1,
        figures=TokenFigures.on_wheel(view, token_id),
        start=start,
        end=end,
        num_openings=len(wheels_towards(view, rank_idx)),
    )
