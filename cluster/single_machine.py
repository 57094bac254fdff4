"""Ray's settings on this machine alone. Importing this module sets them, and Ray reads them when it
is imported; the processes that Ray starts inherit them.
"""

import os

from cluster.loopback import VARIABLE

os.environ.update({VARIABLE: "0", "RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"})


def require_token() -> None:
    """Raises `ValueError` without Ray's own token."""
    if not os.environ.get("RAY_AUTH_TOKEN"):
        raise ValueError("RAY_AUTH_TOKEN must be set: Ray's processes require it of each other")
