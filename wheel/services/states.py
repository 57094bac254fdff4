"""What the services answer with: a session, its wheel, and a step from one state to the next."""

from dataclasses import dataclass
from functools import cached_property

from wheel.clock import utc_now
from wheel.domain.distribution import Distribution
from wheel.domain.sampling import WheelSettings
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin, draw_u
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.language_models.tokenizer import Tokenizer


@dataclass(frozen=True)
class HistoryItem:
    """A chosen token, with what it is and what its wheel said of it."""

    token: Token
    chosen: ChosenToken


@dataclass(frozen=True)
class SessionState:
    """A session together with what makes its ids readable."""

    session: WheelSession
    tokenizer: Tokenizer
    context_length: int

    @cached_property
    def initial_prompt(self) -> str:
        return self.tokenizer.decode(self.session.prompt_token_ids)

    @cached_property
    def current_text(self) -> str:
        return self.tokenizer.decode(self.session.token_ids)

    @property
    def has_ended(self) -> bool:
        return self.session.has_ended(self.tokenizer.end_of_text_ids)

    @cached_property
    def history_items(self) -> list[HistoryItem]:
        """The story so far, in order."""
        return [HistoryItem(self.token(chosen.token_id), chosen) for chosen in self.session.history]

    def token(self, token_id: int) -> Token:
        return self.tokenizer.tokens[token_id]


@dataclass(frozen=True)
class WheelView:
    """The wheel of a session's next token. `raw` is what the model itself believes: the same
    logits at temperature 1 and unfiltered."""

    state: SessionState
    settings: WheelSettings
    wheel: Wheel
    raw: Distribution

    def choose(self, token_id: int, spin: Spin | None = None) -> ChosenToken:
        return ChosenToken.from_wheel(
            self.wheel, token_id, settings=self.settings, selected_at=utc_now(), spin=spin
        )

    def draw(self, u: float) -> ChosenToken:
        spin = Spin.at(self.wheel, u)
        return self.choose(spin.token_id, spin)

    def next_u(self) -> float:
        session = self.state.session
        return draw_u(seed=session.seed, draw_idx=session.num_draws)


@dataclass(frozen=True)
class TokenChange:
    """A session before and after one token was added or removed."""

    before: SessionState
    after: SessionState
    chosen: ChosenToken
    view: WheelView | None = None
