"""Many spins of a session's next wheel at once, or the same ones at other temperatures. Nothing is
appended to the text. The session of a member of a class notes the numbers that repeat its last
simulation, so that the wall can add up those of the whole class.
"""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType

from wheel.domain.replayed_luck import TEMPERATURES, ReplayedLuck
from wheel.domain.simulated_draws import MAX_SEED, MAX_SPINS, SimulatedDraws
from wheel.domain.wheel_settings import TEMPERATURE
from wheel.errors import ConflictError, InvalidFieldsError
from wheel.sentences import Sentence
from wheel.services.changes import change
from wheel.services.membership import permitted_settings
from wheel.services.sessions import get_session
from wheel.services.states import SessionState, WheelView
from wheel.services.wheels import next_logits, serve_wheel, wheel_of


@dataclass(frozen=True)
class Simulation:
    """The wheel and the draws from it."""

    view: WheelView
    draws: SimulatedDraws


@dataclass(frozen=True)
class Replay:
    """The wheel at each of `TEMPERATURES`, and where it stops with the same luck."""

    views: tuple[WheelView, ...]
    luck: ReplayedLuck


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
    simulation = Simulation(view, SimulatedDraws.from_wheel(view.wheel, num_spins, seed))
    if state.member is not None:
        note_simulation(simulation)
    return simulation


def note_simulation(simulation: Simulation) -> None:
    """Note it in the session of a member. Nothing is noted if the text has changed meanwhile, or
    while the class is not open."""
    state, draws = simulation.view.state, simulation.draws
    new = state.session.with_simulation(draws.num_spins, draws.seed, simulation.view.settings)
    if new == state.session:
        return
    with suppress(ConflictError):
        change(
            state.stored,
            state.session.rev,
            lambda now: (replace(now.session, simulation=new.simulation), None),
        )


def replay_luck(*, state: SessionState, num_us: int, seed: int) -> Replay:
    """The first `num_us` random numbers of a seed, each on the next wheel at every one of
    `TEMPERATURES`. The other settings are those of the wheel last served.

    A class that locks the temperature locks it for the wheel of its members, not for this look at
    others. Raises `InvalidFieldsError` for numbers out of range, and as `compute_wheel` does.
    """
    require_in_range("num_us", num_us, 1, MAX_SPINS)
    require_in_range("seed", seed, 0, MAX_SEED)
    settings = permitted_settings(state.member, state.session.settings, ())
    logits = next_logits(state, settings)
    views = tuple(
        wheel_of(state, settings.with_overrides({TEMPERATURE.name: temperature}), logits)
        for temperature in TEMPERATURES
    )
    return Replay(views, ReplayedLuck.from_seed([view.wheel for view in views], num_us, seed))


def require_in_range(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        sentence = Sentence(
            "Must be from %(lowest)s to %(highest)s.", lowest=lowest, highest=highest
        )
        raise InvalidFieldsError({name: [sentence]})
