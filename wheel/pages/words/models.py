"""Names of models for students."""

from django.utils.translation import gettext as _

from wheel import services


def model_name(model_id: str) -> str:
    """GPT-2; the id of a model that is no longer on offer."""
    return names_of_models().get(model_id, model_id)


def names_of_models() -> dict[str, str]:
    """By id: the models of the catalog, and those that a session makes by counting."""
    names = {status.spec.model_id: status.spec.name for status in services.list_models()}
    return names | {
        "counting-2": _("Counting model (pairs of tokens)"),
        "counting-3": _("Counting model (triples of tokens)"),
    }
