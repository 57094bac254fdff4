"""Actions of a teacher on a class: freeze, reset, a new prompt, virtual members, a snapshot, the
end.

The texts of members are changed by the same compare-and-set as those that they change themselves,
also while the class is frozen.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

from wheel import runtime
from wheel.domain.story_branches import NO_BRANCHES
from wheel.domain.wheel_session import WheelSession
from wheel.errors import (
    ClassroomNotFoundError,
    InvalidInputError,
    SessionNotFoundError,
    TokenWheelError,
)
from wheel.models import Classroom, ClassState, HeldStory
from wheel.sentences import Sentence
from wheel.services.changes import change
from wheel.services.classrooms.joining import add_member, prompt_token_ids
from wheel.services.classrooms.stories import HeldCopy, Story, load_held_stories, load_stories
from wheel.services.guards import allow_any_change
from wheel.services.prompts import check_prompt
from wheel.services.states import SessionState
from wheel.services.wheels import prefetch_wheel
from wheel.sessions import class_deletion, class_versions, removal

MAX_VIRTUAL_MEMBERS = 30
NOT_COPIED = {
    *("id", "code", "seed", "state", "expires_at", "version", "num_common_spins", "created_at"),
    *("guess_round", "shows_guesses"),
}
MAX_HELD_STORIES = 6


def set_state(classroom: Classroom, state: ClassState) -> None:
    """Open, freeze or close the class."""
    update(classroom, state=state)


def set_names_hidden(classroom: Classroom, *, is_hidden: bool) -> None:
    update(classroom, hides_names=is_hidden)


def set_story_hidden(classroom: Classroom, member_id: int, *, is_hidden: bool) -> None:
    """Whether the wall shows the text of a member. Nothing for one of another class."""
    classroom.members.filter(pk=member_id).update(is_hidden=is_hidden)
    class_versions.note_change(classroom.pk)


def update(classroom: Classroom, **fields: object) -> None:
    """Write these fields alone, since the members change others at the same time. Raises
    `ClassroomNotFoundError` if the class was deleted meanwhile."""
    if not Classroom.objects.filter(pk=classroom.pk).update(**fields):
        raise ClassroomNotFoundError
    for name, value in fields.items():
        setattr(classroom, name, value)
    class_versions.note_change(classroom.pk)


def reset_all(classroom: Classroom) -> int:
    """Set the text of every member back to the prompt, and the wheel to the settings of the class.
    Returns the number of members. Raises `ClassroomNotFoundError` if the class was deleted
    meanwhile."""
    update(classroom, guess_round=1, shows_guesses=False)
    stories = load_stories(classroom)
    prompts = {
        story.state.session.session_id: classroom.prompt_of(story.member.half) for story in stories
    }

    def back_at_prompt(state: SessionState) -> WheelSession:
        token_ids = prompt_token_ids(prompts[state.session.session_id], state)
        session = state.session.with_prompt(token_ids).with_settings(classroom.wheel_settings)
        return replace(session, seed=classroom.shared_seed)

    return change_all(stories, back_at_prompt)


def set_prompt_for_all(classroom: Classroom, prompt: str, other_prompt: str = "") -> int:
    """A new prompt for the class and every member, or one for each half; returns the number of
    members. Raises `EmptyPromptError`, `PromptTooLongError` and `ModelUnavailableError`, with
    nothing changed."""
    check_prompt(prompt=prompt, model_id=classroom.model_id or None)
    if other_prompt:
        check_prompt(prompt=other_prompt, model_id=classroom.model_id or None)
    update(classroom, prompt=prompt, other_prompt=other_prompt)
    return reset_all(classroom)


def set_expiry(classroom: Classroom, expires_at: datetime) -> None:
    """The sessions of the members, and the held copies, last as long as the class. Raises
    `StoreUnavailableError`."""
    stories = load_stories(classroom)
    update(classroom, expires_at=expires_at)
    held = load_held_stories(classroom)  # a copy that is written now has the new expiry
    change_all([*stories, *held], lambda state: replace(state.session, kept_until=expires_at))


def edit_classroom(classroom: Classroom, names: Collection[str]) -> None:
    """Save these fields of the classroom, which the caller has set. Members keep their texts.
    Raises what `set_expiry` raises, if the expiry is among them."""
    fields = {name: getattr(classroom, name) for name in names}
    expires_at = fields.pop("expires_at", None)
    if fields:
        update(classroom, **fields)
    if expires_at is not None:
        set_expiry(classroom, expires_at)


def copy_classroom(classroom: Classroom, *, title: str, owner_id: int | None) -> Classroom:
    """A new open class with the same lesson, a code and a seed of its own, and no members."""
    kept = {
        field.attname: getattr(classroom, field.attname)
        for field in Classroom._meta.concrete_fields  # noqa: SLF001 - Django's documented interface
        if field.attname not in NOT_COPIED
    }
    return Classroom.objects.create(**kept | {"title": title, "owner_id": owner_id})


def add_virtual_members(classroom: Classroom, num_added: int) -> None:
    """Members without a student, for a demonstration. Raises `InvalidInputError` if there would be
    more than 30, and what `add_member` raises."""
    num_there = classroom.members.filter(is_virtual=True).count()
    if not 1 <= num_added <= MAX_VIRTUAL_MEMBERS - num_there:
        raise InvalidInputError(
            Sentence(
                "There can be at most %(maximum)s virtual members; there are %(number)s.",
                maximum=MAX_VIRTUAL_MEMBERS,
                number=num_there,
            )
        )
    for _ in range(num_added):
        add_member(classroom, is_virtual=True)


def hold_stories(classroom: Classroom, member_ids: Collection[int]) -> int:
    """Hold copies of these members' stories for discussion, instead of those held before. Returns
    the number of copies. Raises `InvalidInputError` for none and for more than six,
    `ClassroomNotFoundError` if the class was deleted meanwhile, and `StoreUnavailableError`."""
    stories = {
        story.member.pk: story for story in load_stories(classroom) if story.member.pk in member_ids
    }
    if not 1 <= len(stories) <= MAX_HELD_STORIES:
        raise InvalidInputError(
            Sentence("Choose 1 to %(maximum)s stories.", maximum=MAX_HELD_STORIES)
        )
    rows = replace_held_rows(classroom, list(stories))
    try:
        write_copies(classroom, rows, stories)
    except TokenWheelError:
        with suppress(TokenWheelError):  # rows whose copies the store cannot delete stay
            release_stories(classroom)
        raise
    class_versions.note_change(classroom.pk)
    return len(rows)


def replace_held_rows(classroom: Classroom, member_ids: Collection[int]) -> list[HeldStory]:
    """Rows of copies that are still to be written, so that no copy is ever without its row."""
    with locked(classroom):
        removal.delete_held(runtime.current().store, classroom.held_stories.all())
        return [
            HeldStory.objects.create(
                classroom=classroom,
                member=member,
                session_id=uuid.uuid4(),
                pseudonym=member.pseudonym,
            )
            for member in classroom.members.filter(pk__in=member_ids).order_by("pk")
        ]


def write_copies(
    classroom: Classroom, rows: Sequence[HeldStory], stories: Mapping[int, Story]
) -> None:
    """The copies of those rows that are still there. A copy has no class: no student has its
    address, and no list shows it. It has no branches: only the text is held."""
    with locked(classroom) as newest:
        for row in newest.held_stories.filter(pk__in=[row.pk for row in rows]):
            copy = replace(
                stories[row.member_id].state.session,
                session_id=str(row.session_id),
                classroom_id=None,
                branches=NO_BRANCHES,
                kept_until=newest.expires_at,
            )
            runtime.current().store.create(copy)


def release_stories(classroom: Classroom) -> None:
    """Delete the held copies. Raises `ClassroomNotFoundError` and `StoreUnavailableError`."""
    with locked(classroom):
        removal.delete_held(runtime.current().store, classroom.held_stories.all())
    class_versions.note_change(classroom.pk)


@contextmanager
def locked(classroom: Classroom) -> Iterator[Classroom]:
    """A transaction that has the class, as it is now, for itself. Raises `ClassroomNotFoundError`
    if it was deleted meanwhile."""
    with removal.lock_classes([classroom.pk]) as existing:
        if not existing:
            raise ClassroomNotFoundError
        yield existing[0]


def delete_classroom(classroom: Classroom) -> None:
    """Delete the class and everything of it, sessions included. Raises `StoreUnavailableError`,
    with nothing deleted."""
    delete_classrooms([classroom])


def delete_classrooms(classrooms: Iterable[Classroom]) -> None:
    """`delete_classroom` for several; if the store does not answer, none is deleted."""
    class_deletion.delete_classrooms(runtime.current().store, classrooms)


def change_all(
    stories: Sequence[Story | HeldCopy], compute: Callable[[SessionState], WheelSession]
) -> int:
    """Change the sessions, each on its newest state; returns the number of those changed. Sessions
    that end meanwhile are left out."""
    num_changed = 0
    for story in stories:
        try:
            after = change(
                story.state.stored, None, lambda state: (compute(state), None), allow_any_change
            ).after
        except SessionNotFoundError:
            continue
        num_changed += 1
    if num_changed:
        prefetch_wheel(after)
    return num_changed
