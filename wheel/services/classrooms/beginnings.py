"""Beginnings that stories of a class have in common, and the steps that follow them.

A beginning is a sequence of token ids. It is named by a member and a number of chosen tokens, since
addresses have no tokens.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from wheel import runtime
from wheel.domain.story_tree import NodeName
from wheel.domain.wheel_session import ChosenToken, WheelSession
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import UnknownModelError
from wheel.language_models.tokenizer import Tokenizer
from wheel.models import Classroom, Half
from wheel.services.classrooms.stories import Story
from wheel.services.prompts import encode_prompt
from wheel.services.states import no_longer_offered


@dataclass(frozen=True)
class Beginning:
    """stories: those that begin with these tokens, in the order of joining. name: None for the
    shared prompt."""

    model_id: str
    tokenizer: Tokenizer
    token_ids: tuple[int, ...]
    stories: tuple[Story, ...]
    name: NodeName | None = None

    def step_of(self, story: Story) -> ChosenToken | None:
        """The step of one of the stories after the beginning; None if the story ends here."""
        session = story.state.session
        step_idx = len(self.token_ids) - len(session.prompt_token_ids)
        return session.history[step_idx] if step_idx < len(session.history) else None

    @cached_property
    def hidden_token_ids(self) -> frozenset[int]:
        """The next tokens that only hidden stories have."""
        next_ids: dict[bool, set[int]] = {True: set(), False: set()}
        for story in self.stories:
            step = self.step_of(story)
            if step is not None:
                next_ids[story.member.is_hidden].add(step.token_id)
        return frozenset(next_ids[True] - next_ids[False])


@dataclass(frozen=True)
class NextDraws:
    """The draws of the stories after one beginning.

    A draw is counted if it was made on the wheel with the class's settings. The threshold may
    differ: it does not change the probabilities. Draws that were undone are not known.

    token_ids       of the counted draws, in the order of joining
    num_waiting     the number of stories that end here
    num_by_hand     the number of tokens that were chosen by hand
    num_no_samples  the number of draws with a given u, or from Other alone
    num_other_settings  the number of draws with other settings
    """

    token_ids: tuple[int, ...]
    num_waiting: int
    num_by_hand: int
    num_no_samples: int
    num_other_settings: int

    @classmethod
    def after(cls, beginning: Beginning, settings: WheelSettings) -> "NextDraws":
        steps = [beginning.step_of(story) for story in beginning.stories]
        made = [step for step in steps if step is not None]
        drawn = [step for step in made if step.is_drawn]
        samples = [step for step in drawn if step.is_sample]
        counted = [step.token_id for step in samples if is_same_wheel(step.settings, settings)]
        return cls(
            token_ids=tuple(counted),
            num_waiting=len(steps) - len(made),
            num_by_hand=len(made) - len(drawn),
            num_no_samples=len(drawn) - len(samples),
            num_other_settings=len(samples) - len(counted),
        )

    @property
    def num_draws(self) -> int:
        return len(self.token_ids)

    @property
    def share_drawn(self) -> float:
        """The share of the draws that are there, of those that are there or may come."""
        num_expected = self.num_draws + self.num_waiting
        return self.num_draws / num_expected if num_expected else 0.0


def find_beginning(
    classroom: Classroom,
    stories: Sequence[Story],
    name: NodeName | None = None,
    half: Half = Half.FIRST,
) -> Beginning | None:
    """The beginning of this name; the prompt of a half of the class without a name, and if no
    visible story has this beginning any more. None if the class has no text yet.

    Raises `ModelUnavailableError`, and `PromptTooLongError` if the limits have changed.
    """
    return named_beginning(stories, name) or shared_prompt(classroom, stories, half)


def named_beginning(stories: Sequence[Story], name: NodeName | None) -> Beginning | None:
    if name is None:
        return None
    state = next((story.state for story in stories if story.member.pk == name.member_id), None)
    if state is None or not state.session.has_prompt:
        return None
    session = state.session
    if not 0 <= name.depth <= len(session.history):
        return None
    token_ids = session.token_ids[: len(session.prompt_token_ids) + name.depth]
    following = beginning_with(stories, token_ids)
    beginning = Beginning(session.model_id, state.tokenizer, token_ids, following, name)
    is_visible = any(not story.member.is_hidden for story in beginning.stories)
    return beginning if is_visible else None


def shared_prompt(
    classroom: Classroom, stories: Sequence[Story], half: Half = Half.FIRST
) -> Beginning | None:
    """The prompt of a half of the class. Without one, the prompt that most of the visible stories
    have. The model is the server's default until the first member joins."""
    model_id = classroom.model_id or runtime.current().catalog.default_model_id()
    tokenizer, context_length = language_model(model_id)
    if prompt := classroom.prompt_of(half):
        token_ids = encode_prompt(prompt, tokenizer, context_length)
    else:
        token_ids = most_common_prompt(stories)
    if not token_ids:
        return None
    return Beginning(model_id, tokenizer, token_ids, beginning_with(stories, token_ids))


def most_common_prompt(stories: Iterable[Story]) -> tuple[int, ...]:
    """Of the visible stories; empty if none of them has a prompt."""
    prompts = Counter(
        story.state.session.prompt_token_ids
        for story in stories
        if story.state.session.has_prompt and not story.member.is_hidden
    )
    return prompts.most_common(1)[0][0] if prompts else ()


def language_model(model_id: str) -> tuple[Tokenizer, int]:
    """The tokenizer and the context length. Raises `ModelUnavailableError`."""
    catalog = runtime.current().catalog
    try:
        return catalog.tokenizer(model_id), catalog.context_length(model_id)
    except UnknownModelError:
        raise no_longer_offered(model_id) from None


def beginning_with(stories: Iterable[Story], token_ids: tuple[int, ...]) -> tuple[Story, ...]:
    return tuple(story for story in stories if begins_with(story.state.session, token_ids))


def begins_with(session: WheelSession, token_ids: tuple[int, ...]) -> bool:
    """Whether the text has these tokens, and the prompt is not longer than they are."""
    num_prompt = len(session.prompt_token_ids)
    chosen = session.history[: max(0, len(token_ids) - num_prompt)]
    return session.prompt_token_ids == token_ids[:num_prompt] and token_ids[num_prompt:] == tuple(
        step.token_id for step in chosen
    )


def is_same_wheel(one: WheelSettings, other: WheelSettings) -> bool:
    """Whether wheels with these settings have the same probabilities."""
    return replace(one, threshold=other.threshold) == other
