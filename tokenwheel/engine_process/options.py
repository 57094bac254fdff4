"""Command-line options of the engine process, as one argument in JSON."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from wheel.engine_settings import EngineSettings
from wheel.remote_engine import MAX_SIDE_CONNECTIONS

LIFELINE_FD, LISTENER_FD = 0, 3  # file descriptors of the engine process


@dataclass(frozen=True, slots=True)
class Options:
    """num_threads  requests that may be under way at once
    log_format, log_level  as of the web processes
    """

    engine: EngineSettings
    num_threads: int
    log_format: str
    log_level: int

    @classmethod
    def of(cls, settings: Any) -> "Options":
        """By `tokenwheel.settings`. There is a thread for each connection of a web process, so no
        request waits behind those that compute."""
        num_connections = settings.WHEEL_ENGINE_CONNECTIONS + 2 * MAX_SIDE_CONNECTIONS
        return cls(
            engine=EngineSettings.of(settings),
            num_threads=settings.WEB_PROCESSES * num_connections,
            log_format=settings.LOG_FORMAT,
            log_level=settings.LOGGING["root"]["level"],
        )

    def encode(self) -> str:
        """As JSON. It has no secrets, since every user of the machine can see command lines."""
        return json.dumps(asdict(self) | {"engine": self.engine.encode()})

    @classmethod
    def decode(cls, text: str) -> "Options":
        content = json.loads(text)
        return cls(**content | {"engine": EngineSettings.decode(content["engine"])})
