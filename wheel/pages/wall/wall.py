"""The wall as a value: the class, its stories, and what of them is on show."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from wheel.models import Classroom, ClassState
from wheel.pages.wall.view_state import ViewState
from wheel.services.classrooms import HeldCopy, Story, load_held_stories, load_stories


@dataclass(frozen=True)
class Wall:
    """stories  of all members whose session is alive, in the order in which they joined
    held     the snapshot; empty if nothing is held
    view     with forks and members that exist
    """

    classroom: Classroom
    stories: list[Story]
    held: list[HeldCopy]
    view: ViewState

    @classmethod
    def load(cls, classroom: Classroom, view: ViewState) -> Self:
        """Raises `StoreUnavailableError` and `ModelUnavailableError`."""
        stories = load_stories(classroom)
        return cls(classroom, stories, load_held_stories(classroom), view.existing(stories))

    def address(self, **changes: Any) -> str:
        """The query of the same view with these fields of the view state changed."""
        return replace(self.view, **changes).query

    @property
    def is_frozen(self) -> bool:
        return self.classroom.state == ClassState.FROZEN

    @property
    def is_closed(self) -> bool:
        return self.classroom.state == ClassState.CLOSED

    @cached_property
    def has_begun(self) -> bool:
        """Whether a member has a token after its prompt."""
        return any(story.state.session.history for story in self.stories)
