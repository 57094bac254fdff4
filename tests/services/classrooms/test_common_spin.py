"""The common spin: one token for every member, whatever else happens at that moment."""

import threading

import pytest
from django.db import connections

from tests.services.classrooms.conftest import session_of
from wheel import services
from wheel.errors import ClassroomClosedError, StaleRoundError
from wheel.models import Classroom, ClassState
from wheel.services import classrooms
from wheel.services.classrooms import common_spin


def num_tokens(session_ids):
    return [len(session_of(session_id).history) for session_id in session_ids]


def test_everyone_spins_once_in_a_round(classroom, join):
    members = [join() for _ in range(4)]
    result = classrooms.spin_everyone(classroom, 1)
    assert (result.num_spun, result.num_unable) == (4, 0)
    assert num_tokens(members) == [1] * 4
    assert all(session_of(session_id).history[0].is_drawn for session_id in members)
    classrooms.spin_everyone(classroom, 2)
    assert num_tokens(members) == [2] * 4


def test_the_same_round_again_spins_only_those_who_have_not_spun(classroom, join):
    members = [join() for _ in range(2)]
    classrooms.spin_everyone(classroom, 1)
    late = join()
    classrooms.spin_everyone(classroom, 1)
    assert num_tokens([*members, late]) == [1, 1, 1]


@pytest.mark.parametrize("round_number", [0, 2, 4])
def test_a_round_from_an_outdated_page_spins_nobody(classroom, join, round_number):
    session_id = join()
    Classroom.objects.update(num_common_spins=1)
    classrooms.spin_everyone(classroom, 2)
    Classroom.objects.update(num_common_spins=3)
    if round_number != 4:
        with pytest.raises(StaleRoundError):
            classrooms.spin_everyone(classroom, round_number)
        assert num_tokens([session_id]) == [1]
    else:
        classrooms.spin_everyone(classroom, round_number)
        assert num_tokens([session_id]) == [2]


def test_a_frozen_class_spins_together_and_a_closed_one_does_not(classroom, join):
    session_id = join()
    classrooms.set_state(classroom, ClassState.FROZEN)
    classrooms.spin_everyone(classroom, 1)
    classrooms.set_state(classroom, ClassState.CLOSED)
    with pytest.raises(ClassroomClosedError):
        classrooms.spin_everyone(classroom, 2)
    assert num_tokens([session_id]) == [1]
    assert Classroom.objects.get().num_common_spins == 1


def test_members_who_cannot_spin_are_counted_and_hinder_nobody(classroom, join, catalog):
    full, empty, able = join(), join(), join()
    context_length = catalog.context_length("gpt2")
    while session_of(full).num_tokens < context_length:
        services.append_token(session_id=full, token_id=5)
    Classroom.objects.update(prompt="")
    without_text = classrooms.join_classroom(code=classroom.code).session.session_id
    services.delete_session(session_id=empty)
    result = classrooms.spin_everyone(classroom, 1)
    assert (result.num_spun, result.num_unable) == (1, 2)
    assert num_tokens([able, without_text]) == [1, 0]


def test_a_member_who_spins_before_the_write_keeps_that_token_and_gets_one_more(
    classroom, join, monkeypatch
):
    session_id = join()
    request_wheels = common_spin.request_wheels

    def request_and_spin(stories):
        request_wheels(stories)
        services.append_token(session_id=session_id, token_id=5)

    monkeypatch.setattr(common_spin, "request_wheels", request_and_spin)
    classrooms.spin_everyone(classroom, 1)
    first, second = session_of(session_id).history
    assert (first.token_id, second.is_drawn) == (5, True)


def test_a_member_with_many_changes_since_is_not_spun_again_in_the_round(classroom, join):
    members = [join() for _ in range(2)]
    classrooms.spin_everyone(classroom, 1)
    for _ in range(25):
        services.spin(session_id=members[0])
    services.undo(session_id=members[1])
    late = join()
    assert classrooms.spin_everyone(classroom, 1).num_spun == 3
    assert num_tokens([*members, late]) == [26, 0, 1]


def test_a_reset_does_not_open_a_round_again(classroom, join):
    session_id = join()
    classrooms.spin_everyone(classroom, 1)
    classrooms.reset_all(classroom)
    classrooms.spin_everyone(classroom, 1)
    assert num_tokens([session_id]) == [0]


NUM_MEMBERS, NUM_OWN_SPINS, NUM_ROUNDS = 5, 6, 3


@pytest.mark.django_db(transaction=True)
def test_no_token_is_lost_or_doubled_when_members_spin_at_the_same_time(shared_runtime):
    classroom = Classroom.objects.create(title="4b", prompt="The cat")
    members = [
        classrooms.join_classroom(code=classroom.code).session.session_id
        for _ in range(NUM_MEMBERS)
    ]
    failures = []

    def spin_alone(session_id):
        for _ in range(NUM_OWN_SPINS):
            services.spin(session_id=session_id)

    def spin_together():
        own = Classroom.objects.get(pk=classroom.pk)
        for round_number in range(1, NUM_ROUNDS + 1):
            classrooms.spin_everyone(own, round_number)

    def run(task, *args):
        try:
            task(*args)
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            failures.append(error)
        finally:
            connections.close_all()

    tasks = [(spin_alone, session_id) for session_id in members] + [(spin_together,)] * 2
    threads = [threading.Thread(target=run, args=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stale = [error for error in failures if isinstance(error, StaleRoundError)]
    assert failures == stale  # the slower of the two requests for a round may come too late
    assert num_tokens(members) == [NUM_OWN_SPINS + NUM_ROUNDS] * NUM_MEMBERS
