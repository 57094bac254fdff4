"""Ray's settings on this machine alone, which it reads when it is imported."""

import os
import sys

from cluster.loopback import VARIABLE

SETTINGS = {VARIABLE: "0", "RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}


def use() -> None:
    """Call before Ray is imported. The processes that Ray starts inherit the variables. Raises
    `RuntimeError` if it is too late, and `ValueError` without Ray's own token."""
    if "ray" in sys.modules:
        raise RuntimeError("Ray was imported before its settings were made")
    if not os.environ.get("RAY_AUTH_TOKEN"):
        raise ValueError("RAY_AUTH_TOKEN must be set: Ray's processes require it of each other")
    os.environ.update(SETTINGS)


def require_use() -> None:
    """Raises `RuntimeError` unless the settings are in the environment."""
    if any(os.environ.get(name) != value for name, value in SETTINGS.items()):
        raise RuntimeError("call single_machine.use() before Ray is imported")
