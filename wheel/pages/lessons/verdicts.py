"""Sentences that answer the prediction of a number, by how far it was off."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

NEARLY = 2.25  # at most this factor off


def verdict(predicted: float, measured: float, choices: Mapping[str, float]) -> str:
    """`choices`: the numbers that could be predicted, all above 0; the closest one is right."""
    closest = min(choices.values(), key=lambda choice: distance(choice, measured))
    if predicted == closest:
        return _("You were right.")
    if distance(predicted, measured) <= NEARLY:
        return _("Not far off.")
    return _("Not this time: few people guess it.")


def distance(one: float, other: float) -> float:
    """The factor between two numbers, at least 1."""
    return max(one, other) / min(one, other) if min(one, other) > 0 else float("inf")
