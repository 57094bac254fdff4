"""The processors that computing may use."""

import os


def num_threads() -> int:
    """As many as torch uses: those that `OMP_NUM_THREADS` names, or one for each processor that
    this process may use."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
