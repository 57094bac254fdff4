"""Many spins of a session's next wheel at once. Nothing is appended or stored."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from wheel.domain.simulated_draws import MAX_SEED, MAX_SPINS, SimulatedDraws
from wheel.errors import InvalidFieldsError
from wheel.sentences import Sentence
from wheel.services.sessions import get_session
from wheel.services.states import WheelView
from wheel.services.wheels import serve_wheel


@dataclass(frozen=True)
class Simulation:
    """The wheel and the draws from it."""

    view: WheelView
    draws: SimulatedDraws


def simulate(
    *,
    session_id: str,
    num_spins: int,
    seed: int | None = None,
    overrides: Mapping[str, float] = MappingProxyType({}),
) -> Simulation:
    """`overrides` replace settings of the wheel last served; without `seed`, a new one is made.
    Raises `InvalidFieldsError` for a number of spins or a seed out of range, and what `next_wheel`
    raises."""
    require_in_range("num_spins", num_spins, 1, MAX_SPINS)
    if seed is None:
        seed = secrets.randbelow(MAX_SEED + 1)
    require_in_range("seed", seed, 0, MAX_SEED)
    state = get_session(session_id=session_id)
    settings = state.session.settings.with_overrides(overrides)
    view = serve_wheel(state=state, settings=settings, given=overrides, is_stored=False)
    return Simulation(view, SimulatedDraws.from_wheel(view.wheel, num_spins, seed))


def require_in_range(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        sentence = Sentence(
            "Must be from %(lowest)s to %(highest)s.", lowest=lowest, highest=highest
        )
        raise InvalidFieldsError({name: [sentence]})
