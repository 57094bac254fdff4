"""The simulation of a school against a fake server."""

import pytest

from bench.school import LimitNotEnforcedError, flood, new_students, simulate, summary

pytestmark = pytest.mark.slow

DURATION_S = 0.3


@pytest.fixture
def students(fake_server):
    students = new_students(3, 10, fake_server.server_port)
    for student in students:
        student.think_s = student.first_click_s = 0.05
    return students


def test_students_have_different_prompts_and_start_at_different_times(fake_server):
    students = new_students(5, 10, fake_server.server_port)
    assert len({student.prompt for student in students}) == 5
    assert len({student.first_click_s for student in students}) == 5
    assert all(len(student.prompt.split()) == 10 for student in students)


def test_a_simulation_without_errors_returns_zero(fake_server, students, capsys):
    fake_server.read_limit = 5
    assert simulate(students, fake_server.server_port, DURATION_S, flood_s=DURATION_S) == 0
    first, flooded, second = capsys.readouterr().out.splitlines()
    assert first.startswith("3 students, 0 s: ")
    assert "0 errors []" in first
    assert flooded.startswith("a flood on one session: {200: 5, 429: ")
    assert flooded.endswith("Retry-After ['1'] s")
    assert "0 errors []" in second


def test_a_simulation_counts_the_students_who_received_an_error(fake_server, students, capsys):
    fake_server.read_limit, fake_server.spin_status = 5, 429
    for student in students[1:]:
        student.click_s, student.spin_s = [0.1], [0.2]
    assert simulate(students, fake_server.server_port, DURATION_S, flood_s=DURATION_S) == 3
    assert "UnexpectedStatusError: 429" in capsys.readouterr().out


def test_a_simulation_counts_the_students_who_received_an_error_during_the_flood(
    fake_server, students
):
    fake_server.read_limit, fake_server.spin_status = 5, 503
    for student in students:
        student.click_s, student.spin_s = [0.1], [0.2]
        student.first_click_s = DURATION_S * 1.2
    assert simulate(students, fake_server.server_port, DURATION_S, flood_s=2 * DURATION_S) == 3


def test_a_flood_that_meets_no_limit_is_an_error(fake_server):
    with pytest.raises(LimitNotEnforcedError):
        flood(fake_server.server_port, DURATION_S, limit=5)


def test_a_flood_that_is_answered_too_slowly_for_the_limit_is_no_error(fake_server, capsys):
    flood(fake_server.server_port, duration_s=0)
    assert "a flood on one session: {}" in capsys.readouterr().out


def test_a_429_without_retry_after_is_an_error(fake_server):
    fake_server.read_limit, fake_server.retry_after = 5, None
    with pytest.raises(LimitNotEnforcedError):
        flood(fake_server.server_port, DURATION_S)


def test_the_summary_gives_median_and_95th_percentile_in_milliseconds(students):
    students[0].click_s = [i / 1000 for i in range(1, 21)]
    students[0].spin_s = [1.0] * 20
    students[1].num_requests, students[2].num_refused = 40, 3
    text = summary("a title", students, ["an error"])
    assert text == (
        "a title: 20 spins, 40 requests, 3 repeated after 503, 1 errors ['an error']; "
        "click to result: median 10 ms, 95 % within 20 ms"
    )
