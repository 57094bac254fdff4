"""Seeds that a page offers: short enough to be read out to a class, and the same at each request of
an address."""

from hashlib import sha256

NUM_SEEDS = 1_000_000
STEP = 618_033  # without a common factor with `NUM_SEEDS`, so that all seeds come before one again


def first_seed(session_id: str) -> int:
    """Differs from session to session."""
    return int.from_bytes(sha256(session_id.encode()).digest()[:8]) % NUM_SEEDS


def next_seed(seed: int) -> int:
    """The seed of other luck."""
    return (seed + STEP) % NUM_SEEDS
