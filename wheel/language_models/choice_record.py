"""The library that was measured as the faster one for a model, kept beside the model's files.

Later starts on the same machine neither measure again nor import a library that they do not use.
"""

import json
import logging
import platform
import time
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from wheel.engine.processors import num_threads
from wheel.language_models.checksums import CHOICE_NAME
from wheel.language_models.runner_names import OPENVINO, TORCH

logger = logging.getLogger(__name__)

MAX_AGE_S = 7 * 24 * 3600.0  # since other work on the machine may have disturbed the measurement
PROCESSOR_LINES = ("model name", "flags", "Features")  # of /proc/cpuinfo
PROCESSORS = Path("/proc/cpuinfo")


class ChoiceRecord:
    def __init__(
        self, folder: Path, *, machine: str | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """`machine`: what the measurement depends on, as `this_machine` describes it."""
        self._path = folder / CHOICE_NAME
        self._machine = machine or this_machine()
        self._now = now

    def read(self) -> str | None:
        """None if there is no record, or it is damaged, old, or of another machine."""
        try:
            content: dict[str, Any] = json.loads(self._path.read_bytes())
            age_s = self._now() - float(content["measured_at"])
            name, machine = str(content["runner"]), str(content["machine"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        is_valid = machine == self._machine and 0 <= age_s <= MAX_AGE_S
        return name if is_valid and name in (TORCH, OPENVINO) else None

    def write(self, name: str) -> None:
        """In a folder that cannot be written, each start measures again."""
        content = {"runner": name, "machine": self._machine, "measured_at": self._now()}
        unfinished = self._path.with_name(f".{CHOICE_NAME}")
        try:
            unfinished.write_text(json.dumps(content))
            unfinished.replace(self._path)
        except OSError as error:
            reason = error.strerror or error
            logger.warning("the choice of %s could not be recorded: %s", name, reason)

    def forget(self) -> None:
        """Measure again at the next start."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s could not be removed: %s", self._path, error.strerror or error)


def this_machine() -> str:
    """A digest of the processor, the number of threads, and the versions of the libraries."""
    parts = [processor(), str(num_threads()), *(version_of(name) for name in (TORCH, OPENVINO))]
    return sha256("\n".join(parts).encode()).hexdigest()


def processor() -> str:
    try:
        lines = PROCESSORS.read_text().splitlines()
    except OSError:  # not Linux
        return f"{platform.machine()} {platform.processor()}"
    first = {name: line for line in reversed(lines) if (name := line.partition(":")[0].strip())}
    return "\n".join(first.get(name, "") for name in PROCESSOR_LINES)


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
