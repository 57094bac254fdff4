"""The stories of a class as the tree has them, without the words of hidden ones.

A hidden story stays in the tree as far as a visible story has the same tokens. From there on only
the fact is known that it goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wheel.domain.story_tree import MemberStory, StoryNode, story_tree
from wheel.services.classrooms import Beginning, Story


@dataclass(frozen=True)
class TreeStories:
    """root: the tree from the prompt. hidden_ids: the members whose hidden stories go on after
    their end in the tree."""

    root: StoryNode
    hidden_ids: frozenset[int]

    @classmethod
    def of(cls, prompt: Beginning) -> "TreeStories":
        """Of the stories with exactly this prompt."""
        stories = stories_with_prompt(prompt)
        whole = {story.member.pk: member_story(story) for story in stories}
        visible = [whole[story.member.pk] for story in stories if not story.member.is_hidden]
        cut = {
            story.member.pk: cut_story(whole[story.member.pk], visible)
            for story in stories
            if story.member.is_hidden
        }
        hidden_ids = frozenset(
            member_id for member_id, story in cut.items() if story is not whole[member_id]
        )
        return cls(story_tree((whole | cut).values()), hidden_ids)


def stories_with_prompt(prompt: Beginning) -> list[Story]:
    return [
        story
        for story in prompt.stories
        if len(story.state.session.prompt_token_ids) == len(prompt.token_ids)
    ]


def member_story(story: Story) -> MemberStory:
    return MemberStory(story.member.pk, story.state.session.history)


def cut_story(hidden: MemberStory, visible: Sequence[MemberStory]) -> MemberStory:
    """The hidden story as far as a visible one has the same tokens; itself if all of it is
    shared."""
    together = list(visible)
    for depth, token_id in enumerate(hidden.token_ids):
        together = [
            story
            for story in together
            if len(story.steps) > depth and story.token_ids[depth] == token_id
        ]
        if not together:
            return MemberStory(hidden.member_id, hidden.steps[:depth])
    return hidden
