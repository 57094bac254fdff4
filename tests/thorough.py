"""Variants of slow tests that `make test THOROUGH=1` runs besides the first ones."""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

IS_THOROUGH = bool(os.environ.get("THOROUGH"))


def variants(first: Sequence[T], others: Sequence[T]) -> list[T]:
    """`others` test the same with other code that has tests of its own, or in other ways that
    `first` stands for."""
    return [*first, *(others if IS_THOROUGH else ())]
