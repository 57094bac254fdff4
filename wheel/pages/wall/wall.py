"""The wall as a value: the class, its stories, and what of them is on show."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from wheel.domain.story_tree import MemberStory
from wheel.models import Classroom, ClassState
from wheel.pages.wall.view_state import ViewState
from wheel.services.classrooms import HeldCopy, Story, load_held_stories, load_stories
from wheel.services.classrooms.teaching import prompt_token_ids


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

    @cached_property
    def at_the_prompt(self) -> list[Story]:
        """The stories that begin with the prompt of the class. None in a class without one; a
        member may have written another, unless the prompt is locked."""
        if not self.stories or not self.classroom.prompt:
            return []
        prompt = prompt_token_ids(self.classroom, self.stories[0].state)
        return [story for story in self.stories if story.state.session.prompt_token_ids == prompt]

    @cached_property
    def pooled_stories(self) -> list[MemberStory]:
        """All of them: a hidden story still counts at the wheel, where it is one draw."""
        return [member_story(story) for story in self.at_the_prompt]

    @cached_property
    def tree_stories(self) -> list[MemberStory]:
        """Those that are not hidden, since a branch shows the text of its members."""
        return [member_story(story) for story in self.at_the_prompt if not story.member.is_hidden]


def member_story(story: Story) -> MemberStory:
    return MemberStory(story.member.pk, story.state.session.history)
