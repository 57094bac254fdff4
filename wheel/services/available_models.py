"""Which models there are, and whether the default one can answer."""

from wheel import runtime
from wheel.engine.library import ModelStatus
from wheel.errors import ModelUnavailableError


def list_models() -> list[ModelStatus]:
    return runtime.current().library.statuses()


def is_default_model_loaded() -> bool:
    return runtime.current().library.is_default_loaded()


def require_ready() -> None:
    """Raises `ModelUnavailableError` unless the default model can answer now, and
    `StoreUnavailableError` unless sessions can be kept."""
    current = runtime.current()
    current.library.default_model_id()
    if not (current.library.is_default_loaded() and current.engine.is_alive()):
        raise ModelUnavailableError("The default model is not loaded yet.")
    current.store.ping()
