"""The stories as cards: the end of each text with its newest token marked, and its surprise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken
from wheel.pages.panels.figures import TokenFigures
from wheel.pages.panels.story import surprise_level
from wheel.pages.wall.beginning_text import MAX_TOKENS, text_of_last
from wheel.pages.wall.view_state import Order
from wheel.pages.wall.wall import Wall
from wheel.pages.words.directions import text_direction
from wheel.pages.words.endings import text_ending
from wheel.pages.words.numbers import bits, count
from wheel.pages.words.spoken import spoken
from wheel.services.classrooms import Story
from wheel.services.states import SessionState

MAX_ENDING_LEN = 120
MIN_PROMPT_LEN = 20


@dataclass(frozen=True, slots=True)
class StoryEnd:
    """The end of a text.

    prompt          the end of the prompt; empty if the story is long enough without it
    before          what the story has before its newest token
    newest          None if only the prompt is there
    surprise_level  of the newest token
    """

    prompt: str
    before: str
    newest: Token | None
    surprise_level: int
    direction: str

    @classmethod
    def of(cls, state: SessionState, max_len: int = MAX_ENDING_LEN) -> Self:
        session = state.session
        token_ids = [chosen.token_id for chosen in session.history[:-1]]
        before = ending_of(state, token_ids, max_len)
        num_left = max_len - len(before)
        prompt = ""
        if num_left >= MIN_PROMPT_LEN and len(token_ids) <= MAX_TOKENS:
            prompt = ending_of(state, session.prompt_token_ids, num_left).strip()
        if not session.history:
            return cls(prompt, "", None, 0, text_direction(prompt))
        newest = state.token(session.history[-1].token_id)
        direction = text_direction(prompt + before + newest.token_text)
        level = surprise_level(TokenFigures.of_choice(session.history[-1]))
        return cls(prompt, before, newest, level, direction)

    @property
    def newest_text(self) -> str:
        """The newest token for screen readers: as it continues the text, or, if it is no text, its
        name."""
        if self.newest is None:
            return ""
        is_text = not (self.newest.is_piece or self.newest.is_special)
        return self.newest.token_text if is_text else spoken(self.newest)


@dataclass(frozen=True, slots=True)
class Card:
    """A member's story on the wall.

    end             None if the text is hidden, or if there is none yet
    follow_address  the query that follows it in the tree; empty for a hidden story
    """

    story: Story
    end: StoryEnd | None
    name: str
    surprisal_bits: float
    follow_address: str
    is_followed: bool

    @classmethod
    def of(cls, story: Story, name: str, wall: Wall) -> Self:
        session, member = story.state.session, story.member
        is_shown = session.has_prompt and not member.is_hidden
        return cls(
            story,
            StoryEnd.of(story.state) if is_shown else None,
            name,
            total_surprisal_bits(session.history),
            "" if member.is_hidden else wall.address(follow=member.pk),
            member.pk == wall.view.follow,
        )

    @property
    def member_id(self) -> str:
        """As in the page: a number would be localised."""
        return str(self.story.member.pk)

    @property
    def is_hidden(self) -> bool:
        return self.story.member.is_hidden

    @property
    def is_virtual(self) -> bool:
        return self.story.member.is_virtual

    @property
    def num_tokens(self) -> int:
        return len(self.story.state.session.history)

    @property
    def changed_at(self) -> datetime:
        session = self.story.state.session
        return session.history[-1].selected_at if session.history else session.created_at

    @property
    def figures(self) -> str:
        """12 tokens · 31.0 bits · 2.6 bits per token; empty before the first token, and for a
        hidden story."""
        if not self.num_tokens or self.is_hidden:
            return ""
        tokens = ngettext("%(number)s token", "%(number)s tokens", self.num_tokens)
        return " · ".join(
            [
                tokens % {"number": count(self.num_tokens)},
                bits(self.surprisal_bits),
                _("%(bits)s per token") % {"bits": bits(self.surprisal_bits / self.num_tokens)},
            ]
        )


def build_cards(wall: Wall) -> list[Card]:
    """Those with the newest change first, or those with the most surprise."""
    cards = [
        Card.of(
            story,
            story_name(story.member.pseudonym, number, is_hidden=wall.classroom.hides_names),
            wall,
        )
        for number, story in enumerate(wall.stories, start=1)
    ]
    if wall.view.order == Order.SURPRISE:
        return sorted(cards, key=lambda card: -card.surprisal_bits)
    return sorted(cards, key=lambda card: card.changed_at, reverse=True)


def story_name(pseudonym: str, number: int, *, is_hidden: bool) -> str:
    """The pseudonym, or a number if names are hidden."""
    return _("Story %(number)s") % {"number": number} if is_hidden else pseudonym


def total_surprisal_bits(history: Iterable[ChosenToken]) -> float:
    """The surprisal of all chosen tokens, on their wheels; of one that the knobs had removed, in
    the model itself, and nothing if an older server has not recorded it."""
    nats = 0.0
    for chosen in history:
        if chosen.log_prob is not None:
            nats -= chosen.log_prob
        elif chosen.raw_prob:
            nats -= log(chosen.raw_prob)
    return max(0.0, nats / log(2))


def ending_of(state: SessionState, token_ids: Sequence[int], max_len: int) -> str:
    """The end of the text of these tokens, on one line and with the space before it, if there is
    one."""
    text = text_of_last(state.tokenizer.tokens, token_ids)
    space = " " if text[:1].isspace() else ""
    ending = text_ending(" ".join(text.split()), max_len)
    return ending if ending.startswith("…") else space + ending
