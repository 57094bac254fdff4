"""List of models, and the state of the default model for health and readiness probes."""

from wheel import runtime
from wheel.errors import ModelUnavailableError
from wheel.language_models.catalog import ModelStatus
from wheel.language_models.loader import require_descriptors
from wheel.sentences import Sentence


def list_models() -> list[ModelStatus]:
    """All models on offer, in their order, available or not."""
    return runtime.current().catalog.statuses()


def is_default_model_loaded() -> bool:
    """From memory alone: no file access, and no lock that a load may hold."""
    return runtime.current().catalog.is_default_loaded()


def require_ready() -> None:
    """Raises `ModelUnavailableError` unless the default model can answer now, `OSError` unless
    files can be opened, and `StoreUnavailableError` unless sessions can be kept."""
    require_descriptors(1)
    current = runtime.current()
    current.catalog.require_available(current.catalog.default_model_id())
    if not (current.catalog.is_default_loaded() and current.engine.is_alive()):
        raise ModelUnavailableError(Sentence("The default model is not loaded yet."))
    current.store.ping()
