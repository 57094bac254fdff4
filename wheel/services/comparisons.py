"""Two wheels compared: of two texts, or of one text in two models."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from wheel.domain.common_vocabulary import CommonVocabulary
from wheel.domain.comparison import Comparison, Probabilities
from wheel.language_models.tokenizer import Tokenizer
from wheel.services.sessions import get_session
from wheel.services.states import WheelView
from wheel.services.wheels import serve_wheel


@dataclass(frozen=True)
class ComparedWheels:
    """The wheels of two sessions. Token ids of `comparison` are entries of `vocabulary`."""

    first: WheelView
    second: WheelView
    vocabulary: CommonVocabulary

    @cached_property
    def comparison(self) -> Comparison:
        first, second = (view.wheel.distribution.probs for view in (self.first, self.second))
        return Comparison(
            Probabilities(self.vocabulary.first_probs(first)),
            Probabilities(self.vocabulary.second_probs(second)),
        )

    @property
    def is_one_model(self) -> bool:
        return self.first.state.session.model_id == self.second.state.session.model_id

    @property
    def is_one_vocabulary(self) -> bool:
        return self.first.state.tokenizer.digest == self.second.state.tokenizer.digest

    @cached_property
    def shares_in_both(self) -> tuple[float, float]:
        """How much of each wheel belongs to tokens that both models have."""
        is_in_both = self.vocabulary.is_in_both
        before, after = self.comparison.before.probs, self.comparison.after.probs
        return float(before @ is_in_both), float(after @ is_in_both)


def compare(*, session_id: str, other_id: str) -> ComparedWheels:
    """The next wheels of two sessions, with the settings of the wheels last served. Nothing is
    stored. Raises what `next_wheel` raises."""
    states = [get_session(session_id=one) for one in (session_id, other_id)]
    first, second = (serve_wheel(state=state, is_stored=False) for state in states)
    return compare_views(first, second)


def compare_views(first: WheelView, second: WheelView) -> ComparedWheels:
    """Two wheels that have been computed."""
    vocabulary = common_vocabulary(first.state.tokenizer, second.state.tokenizer)
    return ComparedWheels(first, second, vocabulary)


@lru_cache(maxsize=4)
def common_vocabulary(first: Tokenizer, second: Tokenizer) -> CommonVocabulary:
    """Made once for two models, since it takes a tenth of a second."""
    if first.digest == second.digest:
        return CommonVocabulary.same(first.tokens)
    return CommonVocabulary.of(first.tokens, second.tokens)
