"""Refusal of models whose probabilities or tokens would be wrong."""


class RefusedModelError(Exception):
    """The model cannot be used. The message is a phrase without paths: pages show it."""

    @property
    def reason(self) -> str:
        return str(self)
