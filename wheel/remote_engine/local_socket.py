"""The Unix socket of the engine process that this server has started. Web processes that are forked
from the server's master know it, too."""

from pathlib import Path

_path: Path | None = None


def set_path(path: Path | None) -> None:
    global _path  # noqa: PLW0603 - one per server
    _path = path


def path() -> Path | None:
    """None if the engine is in this process, or behind a URL."""
    return _path
