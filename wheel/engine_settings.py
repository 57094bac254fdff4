"""Settings from which an engine is built: plain values, which another process can be given."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

EngineKind = Literal["batching", "naive"]


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """model_ids            of the registry, or of the file of models
    models_dir           folder of the hub's cache and of converted models
    models_file          the operator's own models
    kind                 the values of `WHEEL_ENGINE`
    runner               the values of `WHEEL_RUNNER`
    default_model_id     None: the first model that is available
    max_context_length   of all models, in tokens; None: their own
    load_timeout_s       how long a request waits for a model to be loaded
    timeout_s            how long a request may wait to be admitted to a batch
    max_waiting          requests that may wait; one more is refused
    look_ahead_children  of each wheel on show, computed ahead; None: no look-ahead at all
    """

    model_ids: tuple[str, ...]
    models_dir: Path
    models_file: Path | None = None
    kind: EngineKind = "batching"
    runner: str = "auto"
    default_model_id: str | None = None
    max_context_length: int | None = None
    load_timeout_s: float = 30.0
    timeout_s: float = 30.0
    max_waiting: int = 256
    logits_cache_mb: int = 256
    prefix_cache_mb: int = 1024
    look_ahead_children: int | None = 3

    @classmethod
    def of(cls, settings: Any) -> "EngineSettings":
        """Those of `tokenwheel.settings`."""
        return cls(
            model_ids=tuple(settings.WHEEL_MODELS),
            models_dir=Path(settings.TRANSFORMERS_CACHE),
            models_file=settings.WHEEL_MODELS_FILE,
            kind=settings.WHEEL_ENGINE,
            runner=settings.WHEEL_RUNNER,
            default_model_id=settings.WHEEL_DEFAULT_MODEL,
            max_context_length=settings.WHEEL_MAX_CONTEXT_LENGTH,
            load_timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
            timeout_s=settings.WHEEL_REQUEST_TIMEOUT_S,
            max_waiting=settings.WHEEL_MAX_WAITING,
            logits_cache_mb=settings.WHEEL_LOGITS_CACHE_MB,
            prefix_cache_mb=settings.WHEEL_PREFIX_CACHE_MB,
            look_ahead_children=(
                settings.WHEEL_LOOK_AHEAD_CHILDREN if settings.WHEEL_LOOK_AHEAD else None
            ),
        )

    def encode(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def decode(cls, text: str) -> "EngineSettings":
        content = json.loads(text)
        content["model_ids"] = tuple(content["model_ids"])
        content["models_dir"] = Path(content["models_dir"])
        if content["models_file"]:
            content["models_file"] = Path(content["models_file"])
        return cls(**content)
