"""The surprisal of a story's draws, beside its mean on the same wheels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from wheel.domain.token import surprisal_bits
from wheel.domain.wheel_session import ChosenToken


@dataclass(frozen=True)
class StorySurprise:
    """Only random samples count: the first spin at a place, on the whole wheel."""

    history: Sequence[ChosenToken]

    @cached_property
    def draws(self) -> list[ChosenToken]:
        return [chosen for chosen in self.history if chosen.is_drawn and chosen.is_sample]

    @property
    def num_left_out(self) -> int:
        return len(self.history) - len(self.draws)

    @property
    def num_favourites(self) -> int:
        """The draws that the likeliest token won."""
        return sum(chosen.rank == 1 for chosen in self.draws)

    @property
    def total_bits(self) -> float:
        """The surprisal of all draws together, each on its wheel."""
        return sum(surprisal_bits(chosen.log_prob or 0.0) for chosen in self.draws)

    @property
    def expected_bits(self) -> float:
        """The mean of the total over all luck, on these wheels: the sum of their entropies."""
        return sum(chosen.entropy_bits for chosen in self.draws)

    @property
    def prob(self) -> float:
        """Of drawing exactly these tokens on these wheels. 0 if it is too small for a float."""
        return float(2.0**-self.total_bits)
