"""Costs of the calls that take the server much longer than others, for the limit by address."""

from dataclasses import dataclass

from django.http import HttpRequest

from tokenwheel.middleware.endpoints import endpoint_of


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one core, roughly: of every call, and of each kilobyte of its body."""

    per_call: int
    per_kilobyte: int = 0


# By the name of the endpoint; of POST requests. Measured with SmolLM2 (decision 0015).
COSTS = {
    "tokenize": Cost(1, per_kilobyte=2),
    "session-simulate": Cost(15),
    "score": Cost(50, per_kilobyte=1000),  # a forward pass over the whole text
    "lesson-text-surprising-text": Cost(50, per_kilobyte=1000),  # the same
    "lesson-text-tokens-are-not-words": Cost(1, per_kilobyte=2),
}


def cost_of(request: HttpRequest) -> int:
    """0 for all other requests."""
    cost = COSTS.get(endpoint_of(request).name)
    if cost is None or request.method != "POST":
        return 0
    return cost.per_call + cost.per_kilobyte * body_len(request) // 1000


def body_len(request: HttpRequest) -> int:
    """In bytes, as the request states it; 0 for a length that is no number."""
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() else 0
