"""Samples of a server's memory, and the slope of the line through them."""

import itertools

import pytest

from bench.memory import MemorySample, memory_in, sampled_memory, summary
from bench.school import parse_arguments
from tests.waiting import wait_until

METRICS = """\
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 1.5e+09
tokenwheel_cache_bytes{cache="logits"} 100.0
tokenwheel_cache_bytes{cache="prefix"} 23.0
"""


def samples(resident, caches=lambda _: 0, seconds=range(0, 600, 2)):
    return [MemorySample(at, resident(at), caches(at)) for at in seconds]


def test_memory_is_read_from_the_metrics():
    assert memory_in(METRICS) == (1.5e9, 123.0)


def test_a_steady_growth_is_the_slope():
    text = summary(samples(lambda at: 2e9 + at * 1e6), 600)
    assert "+3600 MB/hour, +3600 MB/hour without the caches (240 samples)" in text
    assert text.startswith("memory: 2598 MB at the end, 0 MB of it in caches")


def test_the_growth_of_the_caches_is_told_apart():
    text = summary(samples(lambda at: 2e9 + at * 1e6, lambda at: at * 1e6), 600)
    assert "+3600 MB/hour, +0 MB/hour without the caches" in text


def test_the_warm_up_and_what_comes_after_the_end_are_left_out():
    def resident(at):
        return 1e9 if at < 100 else 2e9 if at <= 500 else 5e9

    assert "after 100 s of warm-up: +0 MB/hour" in summary(samples(resident), 500)
    assert "+0 MB/hour" not in summary(samples(resident), 490)


def test_too_few_samples_have_no_slope():
    assert summary([], 60) == "memory: only 0 samples after the warm-up"


def test_memory_is_sampled_until_the_work_is_done_and_a_failed_reading_is_left_out():
    numbers = itertools.count()

    def read():
        number = next(numbers)
        if number == 1:
            raise OSError("no answer")
        return float(number), 0.0

    with sampled_memory(read, interval_s=0.001) as taken:
        wait_until(lambda: len(taken) >= 3)
    assert [sample.resident_bytes for sample in taken[:3]] == [0.0, 2.0, 3.0]
    assert taken[0].at_s < taken[1].at_s


@pytest.mark.parametrize(
    ("arguments", "seconds"), [([], 60), (["--seconds", "5"], 5), (["--minutes", "10"], 600)]
)
def test_the_duration_is_given_in_seconds_or_minutes(monkeypatch, arguments, seconds):
    monkeypatch.setattr("sys.argv", ["school", *arguments])
    assert parse_arguments().seconds == seconds
