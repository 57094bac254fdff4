"""Distribution of the tests over the workers of pytest-xdist.

The tests of one module run on one worker, as with `--dist loadscope`. Beyond that, modules with
server processes are in two groups and modules with a browser in two more, and each group runs on
one worker. So no more than four of them compete for the processor, and modules that share a server
or a browser start it once. The groups take about as long as one another and longer than all other
modules, and therefore begin first; the other modules then fill all workers to the end.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling

# The first group with a path that a test's begins with is its group.
GROUPS = {
    "deployed servers": (
        "tests/containers/",
        "tests/e2e/test_deploy.py",
        "tests/e2e/test_embedding.py",
        "tests/e2e/test_installed_package.py",
        "tests/e2e/test_listening.py",
        "tests/e2e/test_log.py",
        "tests/e2e/test_sub_path.py",
        "tests/e2e/test_waitress.py",
    ),
    "classes on servers": ("tests/e2e/",),
    "classes in a browser": (
        "tests/pages/test_axe.py",
        "tests/pages/test_browser.py",
        "tests/pages/test_browser_class.py",
        "tests/pages/test_browser_stories.py",
        "tests/pages/wall/test_browser",
    ),
    "wheels in a browser": (
        "tests/pages/test_browser",
        "tests/pages/test_csp_browser.py",
        "tests/pages/test_firefox.py",
    ),
}


def group_of(nodeid: str) -> str | None:
    return next((name for name, paths in GROUPS.items() if nodeid.startswith(paths)), None)


def longest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The groups, then modules that have slow tests, then the others."""
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
