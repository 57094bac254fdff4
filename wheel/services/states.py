"""Values that the services return: a session's state, its wheel, and a change by one token."""

from dataclasses import dataclass
from functools import cached_property

from wheel import runtime
from wheel.domain.distribution import Distribution
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin, draw_u
from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken, OtherShare, WheelSession
from wheel.domain.wheel_settings import WheelSettings
from wheel.engine.counting_engine import CountingEngine
from wheel.engine.request import Engine
from wheel.errors import ModelUnavailableError, UnknownModelError
from wheel.language_models.tokenizer import Tokenizer
from wheel.models import Member
from wheel.sentences import Sentence
from wheel.services.membership import find_member
from wheel.sessions.store import StoredSession


@dataclass(frozen=True)
class HistoryItem:
    """A chosen token: its vocabulary entry, and the record of its choice."""

    token: Token
    chosen: ChosenToken


@dataclass(frozen=True)
class SessionState:
    """A session that was read or written, with the tokenizer of its model.

    A service that is given a state can write without reading the session again.
    """

    stored: StoredSession
    tokenizer: Tokenizer
    context_length: int

    @property
    def session(self) -> WheelSession:
        return self.stored.session

    @cached_property
    def member(self) -> Member | None:
        """The session as a member of its class; None for a session without one."""
        return find_member(self.session)

    @cached_property
    def initial_prompt(self) -> str:
        return self.tokenizer.decode(self.session.prompt_token_ids)

    @cached_property
    def current_text(self) -> str:
        return self.tokenizer.decode(self.session.token_ids)

    @property
    def has_next_wheel(self) -> bool:
        """False without a prompt, and with a full context window."""
        return self.session.has_prompt and self.session.num_tokens < self.context_length

    @property
    def has_ended(self) -> bool:
        return self.session.has_ended(self.tokenizer.end_of_text_ids)

    @cached_property
    def history_items(self) -> list[HistoryItem]:
        """The chosen tokens, oldest first."""
        return [HistoryItem(self.token(chosen.token_id), chosen) for chosen in self.session.history]

    @property
    def engine(self) -> Engine:
        """That of the process, or one that knows only the counting model of this session."""
        counted_text = self.session.counted_text
        if counted_text is None:
            return runtime.current().engine
        return CountingEngine(
            {counted_text.model_id: counted_text.model()}.__getitem__,
            context_length=self.context_length,
        )

    def token(self, token_id: int) -> Token:
        return self.tokenizer.tokens[token_id]


@dataclass(frozen=True)
class WheelView:
    """The wheel of a session's next token. `raw` is the model's own distribution: the same logits
    at temperature 1 and unfiltered."""

    state: SessionState
    settings: WheelSettings
    wheel: Wheel
    raw: Distribution

    def choose(self, token_id: int, spin: Spin | None = None) -> ChosenToken:
        return ChosenToken.from_wheel(
            self.wheel,
            token_id,
            raw_prob=float(self.raw.probs[token_id]),
            settings=self.settings,
            selected_at=runtime.current().store.now(),
            spin=spin,
        )

    def draw(self, u: float) -> ChosenToken:
        """Raises `InvalidFieldsError` unless 0 <= u < 1."""
        spin = Spin.at(self.wheel, u)
        return self.choose(spin.token_id, spin)

    def other_share(self, chosen: ChosenToken) -> OtherShare | None:
        """Other on this wheel, if the token was drawn from it."""
        if not chosen.is_drawn_from_other:
            return None
        return OtherShare(self.wheel.other_prob, self.wheel.num_other)

    def next_u(self) -> float:
        """A new random number in [0, 1) for this session. In a class that shares its luck, it
        depends on the length of the text alone, so that equal texts draw the same token."""
        session, member = self.state.session, self.state.member
        if member is not None and (seed := member.classroom.shared_seed) is not None:
            return draw_u(seed=seed, draw_idx=len(session.history))
        return draw_u(seed=session.seed, draw_idx=session.num_draws)


@dataclass(frozen=True)
class TokenChange:
    """A session before and after one token was added or removed.

    view   the wheel that an added token was chosen from; None for an undo, a redo and a request
           that was answered before
    other  Other on that wheel, if the token was drawn from it; None for an undo or a redo
    """

    before: SessionState
    after: SessionState
    chosen: ChosenToken
    view: WheelView | None = None
    other: OtherShare | None = None


@dataclass(frozen=True)
class BranchRestored:
    """A session before and after it went back to the branch with this number."""

    before: SessionState
    after: SessionState
    number: int


def describe(stored: StoredSession) -> SessionState:
    """The state of a session. Raises `ModelUnavailableError`, also if the session's model is no
    longer on offer."""
    catalog, model_id = runtime.current().catalog, stored.session.tokenizer_model_id
    try:
        return SessionState(stored, catalog.tokenizer(model_id), catalog.context_length(model_id))
    except UnknownModelError:
        raise no_longer_offered(model_id) from None


def no_longer_offered(model_id: str) -> ModelUnavailableError:
    return ModelUnavailableError(
        Sentence("This server no longer offers %(model)s.", model=model_id)
    )
