"""Rounds of "Guess first" in a class: whose guesses are compared, and when they are shown."""

import pytest

from wheel import services
from wheel.errors import InvalidInputError
from wheel.models import Classroom, Luck, Member
from wheel.services import classrooms


@pytest.fixture
def classroom(wheel_runtime, db):
    """All have the same luck, so that equal texts grow equally."""
    return Classroom.objects.create(
        title="4b", prompt="The cat sat on the", lesson="guess-first", luck=Luck.SHARED
    )


def guess(session_id, *token_ids):
    for token_id in token_ids:
        rev = services.get_session(session_id=session_id).session.rev
        services.guess(session_id=session_id, token_id=token_id, rev=rev)


def found(classroom):
    return classrooms.find_guess_round(classroom, classrooms.load_stories(classroom))


def token_ids_of(guess_round):
    return [one.guess.token_id for one in guess_round.guesses]


def tokens_of(session_id):
    return services.get_session(session_id=session_id).session.token_ids


def test_a_class_in_which_nobody_has_guessed_waits_for_all_students(classroom, join):
    for _ in range(3):
        join()
    classrooms.add_virtual_members(classroom, 2)
    first = found(classroom)
    assert (first.number, first.guesses, first.num_waiting, first.num_elsewhere) == (1, (), 3, 0)
    assert not first.is_shown


def test_an_empty_class_waits_for_nobody_and_shows_nothing(classroom):
    assert not found(classroom).is_shown
    assert found(classroom).place.token_ids


def test_the_guesses_are_shown_when_the_last_student_has_guessed(classroom, join):
    session_ids = [join() for _ in range(3)]
    for number, session_id in enumerate(session_ids, start=1):
        guess(session_id, 7 + number)
        now = found(classroom)
        assert (len(now.guesses), now.num_waiting) == (number, 3 - number)
        assert now.is_shown == (number == 3)
    assert token_ids_of(now) == [8, 9, 10]
    join()
    assert not found(classroom).is_shown, "the latecomer could copy"


def test_the_teacher_shows_the_guesses_before_all_have_guessed(classroom, join):
    guess(join(), 8)
    join()
    classrooms.show_guesses(classroom, 1, is_shown=True)
    assert found(classroom).is_shown
    classrooms.show_guesses(classroom, 1, is_shown=False)
    assert not found(classroom).is_shown


def test_a_virtual_member_is_not_waited_for(classroom, join):
    classrooms.add_virtual_members(classroom, 3)
    guess(join(), 8)
    assert found(classroom).is_shown


def test_the_next_round_is_about_the_text_that_the_same_luck_has_drawn(classroom, join):
    session_ids = [join() for _ in range(3)]
    for session_id in session_ids:
        guess(session_id, 8)
    classrooms.show_guesses(classroom, 2, is_shown=False)
    second = found(classroom)
    assert second.place.token_ids == tokens_of(session_ids[0])
    assert (second.num_waiting, second.is_shown) == (3, False)
    guess(session_ids[1], 9)
    second = found(classroom)
    assert token_ids_of(second) == [9]
    assert second.place.token_ids == tokens_of(session_ids[0])
    assert second.guesses[0].guess.position == 1


def test_students_who_are_still_at_an_earlier_round_are_waited_for(classroom, join):
    early, late = join(), join()
    guess(early, 8, 9)
    classrooms.show_guesses(classroom, 2, is_shown=False)
    second = found(classroom)
    assert (token_ids_of(second), second.num_waiting) == ([9], 1)
    guess(late, 8, 10)
    assert token_ids_of(found(classroom)) == [9, 10]
    assert found(classroom).is_shown


def test_a_round_that_no_student_has_come_to_has_no_place(classroom, join):
    join()
    classrooms.show_guesses(classroom, 3, is_shown=True)
    third = found(classroom)
    assert (third.place, third.guesses, third.num_waiting) == (None, (), 0)


def test_a_guess_on_another_text_is_not_compared(classroom, join):
    session_ids = [join() for _ in range(3)]
    services.append_token(session_id=session_ids[2], token_id=11)
    guess(session_ids[2], 8)
    guess(session_ids[0], 8)
    first = found(classroom)
    assert (token_ids_of(first), first.num_waiting, first.num_elsewhere) == ([8], 1, 1)


def test_a_student_who_has_spun_without_a_guess_is_not_waited_for(classroom, join):
    session_ids = [join() for _ in range(3)]
    guess(session_ids[0], 8)
    guess(session_ids[1], 9)
    services.spin(session_id=session_ids[2])
    first = found(classroom)
    assert (first.num_waiting, first.num_elsewhere, first.is_shown) == (0, 1, True)


def test_hidden_stories_do_not_decide_which_text_is_on_the_wall(classroom, join):
    session_ids = [join() for _ in range(3)]
    for session_id in session_ids[:2]:
        services.append_token(session_id=session_id, token_id=11)
        guess(session_id, 8)
    Member.objects.filter(session_id__in=session_ids[:2]).update(is_hidden=True)
    first = found(classroom)
    assert first.place.token_ids == tokens_of(session_ids[2])
    assert first.guesses == ()


def test_the_mean_is_over_all_guesses(classroom, join):
    session_ids = [join(), join()]
    guess(session_ids[0], 8)
    guess(session_ids[1], 9)
    both = [
        services.get_session(session_id=one).session.guesses[0].surprisal_bits
        for one in session_ids
    ]
    assert found(classroom).mean_bits == pytest.approx(sum(both) / 2)


@pytest.mark.parametrize("number", [0, 11, -1])
def test_a_round_that_does_not_exist_is_refused(classroom, number):
    with pytest.raises(InvalidInputError):
        classrooms.show_guesses(classroom, number, is_shown=True)
    classroom.refresh_from_db()
    assert (classroom.guess_round, classroom.shows_guesses) == (1, False)


def test_a_reset_and_a_new_prompt_begin_with_the_first_round_covered(classroom, join):
    guess(join(), 8)
    for begin_again in (
        lambda: classrooms.reset_all(classroom),
        lambda: classrooms.set_prompt_for_all(classroom, "A dog"),
    ):
        classrooms.show_guesses(classroom, 4, is_shown=True)
        begin_again()
        classroom.refresh_from_db()
        assert (classroom.guess_round, classroom.shows_guesses) == (1, False)
    assert found(classroom).guesses == ()


def test_a_copy_begins_with_the_first_round_and_keeps_the_lesson(classroom):
    classrooms.show_guesses(classroom, 4, is_shown=True)
    copy = classrooms.copy_classroom(classroom, title="5a", owner_id=None)
    assert (copy.lesson, copy.guess_round, copy.shows_guesses) == ("guess-first", 1, False)


def test_the_round_is_a_change_that_the_wall_sees(classroom):
    version = classroom.version
    classrooms.show_guesses(classroom, 1, is_shown=True)
    classroom.refresh_from_db()
    assert classroom.version > version
