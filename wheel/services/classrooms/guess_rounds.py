"""A round of "Guess first" in a class: the guesses of all members before the same token.

Members guess in rounds, each at their own speed. The guesses of a round are compared only where
they were made after the same text: with the same luck for everybody, that is everywhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from wheel.domain.guess import MAX_GUESSES, Guess
from wheel.domain.story_tree import NodeName
from wheel.domain.wheel_session import WheelSession
from wheel.errors import InvalidInputError
from wheel.models import Classroom
from wheel.sentences import Sentence
from wheel.services.classrooms.beginnings import Beginning, beginning_with, find_beginning
from wheel.services.classrooms.stories import Story
from wheel.services.classrooms.teaching import update


@dataclass(frozen=True)
class MemberGuess:
    """A member's guess of the round."""

    story: Story
    guess: Guess


@dataclass(frozen=True)
class GuessRound:
    """number         from 1
    place          the text before the token; None if no student has come to the round yet
    guesses        of the members who have guessed there, hidden ones included
    num_waiting    the number of students who can still guess there
    num_elsewhere  of those whose text is another one, or has gone on without a guess
    """

    number: int
    place: Beginning | None
    guesses: tuple[MemberGuess, ...]
    num_waiting: int
    num_elsewhere: int
    is_shown_by_teacher: bool

    @property
    def num_guesses(self) -> int:
        return len(self.guesses)

    @property
    def is_shown(self) -> bool:
        """Not while a student can still guess, who could copy, unless the teacher has said so."""
        return self.is_shown_by_teacher or (bool(self.guesses) and not self.num_waiting)

    @property
    def mean_bits(self) -> float:
        """Of the surprise at the guesses; 0 without any."""
        total = sum(one.guess.surprisal_bits for one in self.guesses)
        return total / len(self.guesses) if self.guesses else 0.0


def find_guess_round(classroom: Classroom, stories: Sequence[Story]) -> GuessRound:
    """The round of the class that is on the wall. Raises as `find_beginning` does."""
    number = classroom.guess_round
    place = place_of_round(classroom, stories, number)
    guesses = guesses_at(place, stories, number) if place else []
    students = [story for story in stories if not story.member.is_virtual]
    num_waiting = sum(is_awaited(story, number, place) for story in students) if place else 0
    num_guessed = sum(not one.story.member.is_virtual for one in guesses)
    return GuessRound(
        number,
        place,
        tuple(guesses),
        num_waiting,
        len(students) - num_guessed - num_waiting if place else 0,
        classroom.shows_guesses,
    )


def show_guesses(classroom: Classroom, round_number: int, *, is_shown: bool) -> None:
    """Put the round with this number on the wall, with its guesses or without. Raises
    `InvalidInputError` for a number that no round has, and `ClassroomNotFoundError`."""
    if not 1 <= round_number <= MAX_GUESSES:
        raise InvalidInputError(
            Sentence("There are rounds 1 to %(maximum)s.", maximum=MAX_GUESSES),
        )
    update(classroom, guess_round=round_number, shows_guesses=is_shown)


def place_of_round(classroom: Classroom, stories: Sequence[Story], number: int) -> Beginning | None:
    """The text that most of the students who have come to the round have before its token. Hidden
    stories do not decide it, since their words would be shown."""
    candidates = [
        (text, story)
        for story in stories
        if not (story.member.is_hidden or story.member.is_virtual)
        if (text := text_before(story.state.session, number))
    ]
    if not candidates:
        return find_beginning(classroom, stories) if number == 1 else None
    [(token_ids, _)] = Counter(text for text, _ in candidates).most_common(1)
    shared = find_beginning(classroom, stories)
    if shared and shared.token_ids == token_ids:
        return shared
    story = next(story for text, story in candidates if text == token_ids)
    session = story.state.session
    name = NodeName(story.member.pk, len(token_ids) - len(session.prompt_token_ids))
    following = beginning_with(stories, token_ids)
    return Beginning(session.model_id, story.state.tokenizer, token_ids, following, name)


def guesses_at(place: Beginning, stories: Sequence[Story], number: int) -> list[MemberGuess]:
    """The guesses of the round after this text."""
    return [
        MemberGuess(story, guess)
        for story in stories
        if (guess := guess_of(story.state.session, number))
        if text_before(story.state.session, number) == place.token_ids
    ]


def is_awaited(story: Story, number: int, place: Beginning) -> bool:
    """Whether the member can still make the guess of the round after this text, of which its own
    text is the beginning."""
    session = story.state.session
    is_on_the_way = place.token_ids[: session.num_tokens] == session.token_ids
    return is_on_the_way and len(session.guesses) < number and story.state.has_next_wheel


def text_before(session: WheelSession, number: int) -> tuple[int, ...] | None:
    """The tokens before the guess of the round; None if the session has not come to it."""
    if guess := guess_of(session, number):
        return session.token_ids[: len(session.prompt_token_ids) + guess.position]
    return session.token_ids if len(session.guesses) == number - 1 else None


def guess_of(session: WheelSession, number: int) -> Guess | None:
    return session.guesses[number - 1] if number <= len(session.guesses) else None
