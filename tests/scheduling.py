"""Distribution of the tests over the workers of pytest-xdist.

The tests of one module run on one worker, as with `--dist loadscope`. Beyond that, all tests with
server processes run on one worker and all tests with a browser on another, so that each starts its
shared server or browser once. These two groups take longest, and therefore begin first.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "servers": ("tests/e2e/", "tests/containers/"),
    "browser": (
        "tests/pages/test_axe.py",
        "tests/pages/test_browser",
        "tests/pages/test_csp_browser.py",
    ),
}


def group_of(nodeid: str) -> str | None:
    return next((name for name, paths in GROUPS.items() if nodeid.startswith(paths)), None)


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The two groups, then modules that have slow tests, then the others."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}

    def place(item: pytest.Item) -> int:
        group = group_of(item.nodeid)
        return list(GROUPS).index(group) if group else len(GROUPS) + (item.path not in slow)

    return sorted(items, key=place)


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives out the scopes in the order in which the tests were collected."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid) or str(super()._split_scope(nodeid))
