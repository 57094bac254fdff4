"""Numbers of threads and connections for a number of file descriptors."""

import errno

import pytest

from tokenwheel.http_limits import (
    DESCRIPTORS_PER_THREAD,
    MAX_CONNECTIONS,
    NUM_THREADS,
    OWN_DESCRIPTORS,
    affordable_limits,
    is_for_lack_of_descriptors,
)


@pytest.mark.parametrize("num_descriptors", [64, 128, 256, 1024, 4096])
def test_threads_and_connections_together_need_no_more_descriptors_than_there_are(num_descriptors):
    limits = affordable_limits(num_descriptors)
    used = limits.num_threads * DESCRIPTORS_PER_THREAD + limits.max_connections
    assert used + OWN_DESCRIPTORS <= num_descriptors


def test_many_descriptors_allow_the_most_threads_and_connections():
    limits = affordable_limits(100_000)
    assert (limits.num_threads, limits.max_connections) == (NUM_THREADS, MAX_CONNECTIONS)


def test_few_descriptors_leave_a_server_that_answers():
    limits = affordable_limits(16)
    assert (limits.num_threads, limits.max_connections) == (4, 8)


def test_idle_connections_are_evicted_before_the_last_one_is_accepted():
    limits = affordable_limits(256)
    assert limits.evict_to < limits.evict_above < limits.max_connections


def error_with_cause(cause):
    error = RuntimeError("could not be read")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
def test_a_lack_of_descriptors_is_found_among_the_causes(number):
    error = OSError(number, "Too many open files")
    assert is_for_lack_of_descriptors(error)
    assert is_for_lack_of_descriptors(error_with_cause(error))


@pytest.mark.parametrize("error", [None, OSError(errno.ENOENT, ""), ValueError(errno.EMFILE)])
def test_other_errors_are_not_for_lack_of_descriptors(error):
    assert not is_for_lack_of_descriptors(error)
    assert not is_for_lack_of_descriptors(error_with_cause(error))
