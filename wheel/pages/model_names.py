"""Names of models for people, such as "SmolLM2 135M"."""

from wheel import services


def model_name(model_id: str) -> str:
    """The id itself for a model that is no longer offered."""
    names = {status.spec.model_id: status.spec.name for status in services.list_models()}
    return names.get(model_id, model_id)
