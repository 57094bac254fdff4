"""The snapshot: stories that the teacher holds up for discussion."""

from dataclasses import dataclass

from wheel.pages.wall.cards import StoryEnd, story_name
from wheel.pages.wall.wall import Wall

MAX_HELD_LEN = 600


@dataclass(frozen=True, slots=True)
class HeldCard:
    """`name` is a number if names are hidden."""

    name: str
    end: StoryEnd


def build_held(wall: Wall) -> list[HeldCard]:
    """Without the stories of members that were hidden meanwhile."""
    return [
        HeldCard(
            story_name(copy.held.pseudonym, number, is_hidden=wall.classroom.hides_names),
            StoryEnd.of(copy.state, MAX_HELD_LEN),
        )
        for number, copy in enumerate(wall.held, start=1)
        if not copy.held.member.is_hidden
    ]
