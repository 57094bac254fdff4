"""Names of models for students."""

from django.utils.translation import gettext as _

from wheel import services
from wheel.domain.wheel_session import WheelSession


def model_name(session: WheelSession) -> str:
    """GPT-2; the id of a model that is no longer on offer."""
    return names_of_models().get(session.model_id, session.model_id)


def names_of_models() -> dict[str, str]:
    """By id: the models of the catalog, and those that a session makes by counting."""
    names = {status.spec.model_id: status.spec.name for status in services.list_models()}
    return names | {
        "counting-2": _("Counting model (pairs of tokens)"),
        "counting-3": _("Counting model (triples of tokens)"),
    }
