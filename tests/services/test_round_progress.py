"""The progress of a common spin, as the wall shows it."""

from datetime import timedelta

import pytest

from wheel import services
from wheel.models import Classroom, Member
from wheel.services import classrooms
from wheel.services.classrooms import load_stories, round_progress
from wheel.services.classrooms.common_spin import begin_round, spin_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def classroom(wheel_runtime):
    classroom = Classroom.objects.create(title="4b", prompt="The cat")
    for _ in range(3):
        classrooms.add_member(classroom)
    return classroom


def progress_of(classroom, round_number=1):
    return round_progress(load_stories(classroom), round_number)


def spin_first(classroom, num_spun):
    begin_round(classroom, 1)
    for story in load_stories(classroom)[:num_spun]:
        spin_member(story, 1)


@pytest.mark.parametrize("num_spun", [1, 2, 3])
def test_those_who_have_spun_and_those_who_have_not_are_counted(classroom, num_spun):
    spin_first(classroom, num_spun)
    progress = progress_of(classroom)
    assert (progress.num_spun, progress.num_waiting) == (num_spun, 3 - num_spun)
    assert progress.num_members == 3


def test_there_is_no_progress_before_a_round_has_begun(classroom):
    assert progress_of(classroom) is None
    classrooms.spin_everyone(classroom, 1)
    assert progress_of(classroom, 2) is None


def test_a_member_who_joined_after_the_round_does_not_wait_for_it(classroom):
    classrooms.spin_everyone(classroom, 1)
    later = classrooms.add_member(classroom).member
    last_at = progress_of(classroom).last_at
    Member.objects.filter(pk=later.pk).update(joined_at=last_at + timedelta(seconds=1))
    assert progress_of(classroom).num_waiting == 0


def test_a_member_without_a_text_does_not_wait(classroom):
    Classroom.objects.update(prompt="")
    classroom.refresh_from_db()
    classrooms.add_member(classroom)
    spin_first(classroom, 3)
    assert progress_of(classroom).num_waiting == 0


def test_own_spins_of_the_members_do_not_change_the_progress(classroom):
    classrooms.spin_everyone(classroom, 1)
    before = progress_of(classroom)
    services.spin(session_id=str(classroom.members.first().session_id))
    assert progress_of(classroom) == before


def test_after_a_reset_the_round_is_forgotten(classroom):
    classrooms.spin_everyone(classroom, 1)
    classrooms.reset_all(classroom)
    assert progress_of(classroom) is None
