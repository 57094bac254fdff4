"""Simulated students against a fake server."""

import random
import time

import pytest

from bench import students
from bench.students import Scenario, Student, UnexpectedStatusError, random_prompt

pytestmark = pytest.mark.slow

SECONDS = 1.0


def run(server, scenario, *, fetch_wheel_first=True):
    return students.run(scenario, server.server_port, SECONDS, fetch_wheel_first=fetch_wheel_first)


def test_each_spin_is_a_spin_request_and_a_request_for_the_next_wheel(fake_server):
    outcome = run(fake_server, Scenario(3, 10))
    num_spins = fake_server.count("POST", "/spin")
    num_wheels = fake_server.count("GET", "/next-token-probs")
    assert num_spins > 3
    assert 0 <= num_spins - (num_wheels - 3) <= 3  # in flight at the end: one for each student
    assert abs(outcome.spins_per_s * SECONDS - num_spins) <= 3
    assert abs(len(outcome.click_s) - num_spins) <= 3
    assert abs(len(outcome.spin_s) - len(outcome.click_s)) <= 3
    assert min(outcome.click_s) > 0
    assert max(outcome.spin_s) < SECONDS + 0.5


@pytest.mark.parametrize(("fetch_wheel_first", "num_wheels"), [(True, 2), (False, 0)])
def test_the_first_wheel_is_fetched_only_on_request(fake_server, fetch_wheel_first, num_wheels):
    fake_server.is_stuck = True
    run(fake_server, Scenario(2, 10), fetch_wheel_first=fetch_wheel_first)
    assert fake_server.count("GET", "/next-token-probs") == num_wheels


def test_a_click_that_is_never_answered_counts_as_a_wait_until_the_end(fake_server):
    fake_server.is_stuck = True
    outcome = run(fake_server, Scenario(2, 10))
    assert (outcome.spins_per_s, outcome.num_unanswered) == (0, 2)
    for waits in (outcome.click_s, outcome.spin_s):
        assert len(waits) == 2
        assert all(0.5 * SECONDS < seconds <= SECONDS for seconds in waits)


def test_a_student_thinks_between_two_clicks(fake_server):
    outcome = run(fake_server, Scenario(2, 10, think_s=0.4))
    assert 2 <= fake_server.count("POST", "/spin") <= 2 * 3
    assert max(outcome.click_s) < 0.4


@pytest.mark.parametrize(("is_shared", "num_prompts"), [(True, 1), (False, 3)])
def test_students_share_a_prompt_only_in_a_shared_scenario(fake_server, is_shared, num_prompts):
    fake_server.is_stuck = True
    run(fake_server, Scenario(3, 10, is_shared=is_shared))
    prompts = [body["prompt"] for body in fake_server.bodies("/set-prompt")]
    assert len(prompts) == 3
    assert len(set(prompts)) == num_prompts


def test_an_error_status_ends_the_student_with_an_error(fake_server):
    fake_server.spin_status = 503
    student = Student(fake_server.server_port, "a", think_s=0, first_click_s=0)
    student.start_session(fetch_wheel=False)
    with pytest.raises(UnexpectedStatusError, match="503"):
        student.spin_until(float("inf"))
    assert student.num_requests == 0


def test_a_busy_server_is_asked_again_when_it_says(fake_server):
    fake_server.num_busy = 3
    student = Student(fake_server.server_port, "a", think_s=0, first_click_s=0)
    student.start_session(fetch_wheel=False)
    student.spin_until(time.perf_counter() + 0.1)
    assert student.num_refused == 3
    assert student.num_requests > 0


def test_one_wheel_can_be_fetched_without_a_spin(fake_server):
    students.fetch_one_wheel(fake_server.server_port)
    assert fake_server.count("GET", "/next-token-probs") == 1
    assert fake_server.count("POST", "/spin") == 0


def test_a_prompt_has_the_wanted_length_and_is_the_same_in_every_run():
    prompts = [random_prompt(random.Random(1), 60) for _ in range(2)]
    assert prompts[0] == prompts[1]
    assert len(prompts[0].split()) == 60


def test_words_have_one_or_two_letters_in_the_proportion_of_tokens_to_words():
    lengths = [len(word) for word in random_prompt(random.Random(1), 5000).split()]
    assert set(lengths) == {1, 2}
    assert sum(lengths) / len(lengths) == pytest.approx(students.TOKENS_PER_WORD, abs=0.03)


@pytest.mark.parametrize(
    ("scenario", "name"),
    [
        (Scenario(1, 10), "1 student, 10 words, flat out"),
        (Scenario(30, 60), "30 students, 60 words, prompts of their own, flat out"),
        (
            Scenario(30, 60, is_shared=True, think_s=4),
            "30 students, 60 words, one prompt for all, a click every 4 s",
        ),
    ],
)
def test_the_name_of_a_scenario_tells_its_load(scenario, name):
    assert scenario.name == name
