"""The load of a school, which Locust puts on a fake server, and what counts as a failure."""

import pytest

from bench.locust_run import RequestFigures
from bench.school import SESSION_LIMIT, load, problem_in


def num_requests(figures, name):
    return sum(each.num_requests for each in figures if each.name == name)


@pytest.fixture
def run(fake_server):
    """Three students for three seconds, then two seconds of a flood."""
    school = load(3, num_words=10, duration_s=3, flood_s=2, think_s=0.1)
    return lambda: school.run(fake_server.server_port)


@pytest.mark.slow
def test_the_students_spin_and_the_flood_is_refused(fake_server, run):
    fake_server.read_limit, fake_server.num_busy = 5, 2
    figures = run()
    assert problem_in(figures) is None
    assert num_requests(figures, "set a prompt") == 3
    num_spins = num_requests(figures, "spin")
    assert num_spins > 3
    in_flight_at_the_end = fake_server.count("POST", "/spin?history=none") - num_spins
    assert 0 <= in_flight_at_the_end <= 3
    assert num_requests(figures, "spin, busy") == 2
    assert num_requests(figures, "flood") == 5
    assert num_requests(figures, "flood, refused") > 0
    prompts = [body["prompt"] for body in fake_server.bodies("/set-prompt")]
    assert len(set(prompts)) == 3
    assert all(len(prompt.split()) == 10 for prompt in prompts)


@pytest.mark.slow
def test_errors_of_students_and_a_429_without_retry_after_are_failures(fake_server, run):
    fake_server.read_limit, fake_server.retry_after = 5, None
    fake_server.spin_status = 500
    failed = {each.name for each in run() if each.num_failures}
    assert failed == {"spin", "flood, refused"}


def figures_of(name, num_requests, num_failures=0):
    return RequestFigures(name, num_requests, num_failures, {1.0: num_requests})


@pytest.mark.parametrize(
    ("figures", "problem"),
    [
        ([], None),
        ([figures_of("spin", 9, 2)], "failed requests: spin: 2"),
        ([figures_of("flood", SESSION_LIMIT)], None),
        ([figures_of("flood", SESSION_LIMIT + 1)], "the flood met no limit in 201 requests"),
        ([figures_of("flood", SESSION_LIMIT + 1), figures_of("flood, refused", 1)], None),
    ],
)
def test_failed_requests_and_a_flood_without_a_limit_are_problems(figures, problem):
    assert problem_in(figures) == problem
