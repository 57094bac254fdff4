"""A simulation that was made from the wheel of a text, as the numbers that repeat it."""

from dataclasses import dataclass

from wheel.domain.wheel_settings import WheelSettings


@dataclass(frozen=True, slots=True)
class SimulationRecord:
    """position: the number of chosen tokens before the wheel."""

    position: int
    num_spins: int
    seed: int
    settings: WheelSettings
