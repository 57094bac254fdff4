"""Seeds that a page offers: short enough to be read out to a class."""

import secrets

NUM_SEEDS = 1_000_000


def new_seed() -> int:
    return secrets.randbelow(NUM_SEEDS)
