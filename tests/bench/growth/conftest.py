"""Service times in round numbers."""

import pytest

from bench.growth.service_times import ClickTimes, RequestTimes, ServiceTimes


@pytest.fixture
def click():
    return ClickTimes(RequestTimes(0.010, 0.0001, 4), RequestTimes(0.020, 0.0001, 1))


@pytest.fixture
def times(click):
    return ServiceTimes(
        processor="a processor",
        measured_on="2026-01-01",
        engine_threads=2,
        pass_s={1: 0.05, 2: 0.06, 4: 0.07, 8: 0.08, 16: 0.10, 32: 0.16},
        page=click,
        api=click,
        hop_s=0.001,
        transfer_s=0.002,
    )
