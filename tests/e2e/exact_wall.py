"""Comparison of a wall with the numbers that follow from the sessions of its class."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.class_member import ClassMember, sessions_of
from tests.e2e.plain_class import (
    PlainCard,
    PlainPool,
    PlainTree,
    Session,
    text_before_newest,
)
from tests.e2e.wall_page import WallPage, WallReading
from tests.waiting import wait_until

HUNDREDTHS = 0.011  # an edge and a width are rounded to hundredths
ARC_DIGITS = 0.000011


def expect_exact_wall(
    wall: WallPage, wheel: Mapping[str, Any], members: Sequence[ClassMember]
) -> None:
    """The wall comes to show exactly what follows from the sessions of all members, with the tree
    folded and unfolded. wheel: the answer of the API about the wheel at the prompt."""
    sessions = sessions_of(members)
    until_it_holds(wall.page, lambda: assert_exact(wall, wheel, sessions, is_unfolded=False))
    wall.unfold()
    until_it_holds(wall.page, lambda: assert_exact(wall, wheel, sessions, is_unfolded=True))
    wall.fold()


def until_it_holds(page: Page, check: Callable[[], None]) -> None:
    """Repeat a check until it passes. If it never does, its last failure ends the test."""
    failures: list[AssertionError] = []

    def holds() -> bool:
        page.wait_for_timeout(100)  # the browser's events are handled meanwhile
        try:
            check()
        except AssertionError as failure:
            failures.append(failure)
            return False
        return True

    try:
        wait_until(holds)
    except AssertionError:
        raise failures[-1] from None


def assert_exact(
    wall: WallPage, wheel: Mapping[str, Any], sessions: Sequence[Session], *, is_unfolded: bool
) -> None:
    reading = wall.read()
    assert reading.num_joined == len(sessions)
    assert_pooled(reading, PlainPool.of(wheel, sessions))
    reading.tree.assert_shows(PlainTree.of(sessions).branch(is_unfolded=is_unfolded))
    assert sorted(reading.picture_captions) == sorted(reading.list_captions)
    assert_cards(reading, sessions)


def assert_pooled(reading: WallReading, pool: PlainPool) -> None:
    assert reading.num_draws == str(pool.num_draws)
    assert reading.places == f"of {pool.num_places} spins"
    assert reading.rows == pool.rows
    assert reading.named_in_other == pool.named_in_other
    assert f"0 to {pool.axis_end}%" in reading.axis
    assert_close(reading.bands, pool.bands, HUNDREDTHS)
    assert_close(reading.arcs, pool.arcs, ARC_DIGITS)
    by_hand = [note for note in reading.notes if "by hand" in note]
    assert by_hand == ([pool.by_hand_sentence] if pool.num_by_hand else [])


def assert_close(
    shown: Sequence[Sequence[float]], expected: Sequence[Sequence[float]], tolerance: float
) -> None:
    assert len(shown) == len(expected)
    for ours, theirs in zip(shown, expected, strict=True):
        assert ours == pytest.approx(theirs, abs=tolerance)


def assert_cards(reading: WallReading, sessions: Sequence[Session]) -> None:
    by_name = {session["pseudonym"]: session for session in sessions}
    assert len(reading.cards) == len(by_name)
    for card in reading.cards:
        session = by_name[card.name]
        assert card.words == PlainCard.of(session)
        assert text_before_newest(session).endswith(card.before.removeprefix("…"))
