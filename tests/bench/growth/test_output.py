"""The command, its table and its chart; the files of service times; the table of the check."""

import sys
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from bench.growth import __main__ as command
from bench.growth import check
from bench.growth.chart import LOWEST_LABEL_GAP, SERIES
from bench.growth.service_times import MEASURED, ServiceTimes
from bench.growth.simulation import Outcome
from bench.locust_run import RequestFigures

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def run(times, tmp_path, monkeypatch, capsys):
    """Runs the command for 30, 60 and 90 students, and returns its output and its chart."""
    times.write(tmp_path / "times.json")
    monkeypatch.setattr(command, "CLASSES", (1, 2))
    monkeypatch.setattr(command, "MOST_STUDENTS", 90)
    monkeypatch.setattr("bench.growth.sizing.DURATIONS_S", (10.0, 10.0))

    def run_command(*options):
        chart = tmp_path / "new" / "growth.svg"
        files = ("--times", str(tmp_path / "times.json"), "--chart", str(chart))
        monkeypatch.setattr(sys, "argv", ["growth", *files, *options])
        command.main()
        return capsys.readouterr().out, ET.parse(chart).getroot()

    return run_command


def rows(output):
    lines = [line.strip("| ").split(" | ") for line in output.splitlines() if line[:1] == "|"]
    return lines[0], lines[2:]


def test_the_table_has_a_row_for_each_number_of_students(run):
    headings, cells = rows(run()[0])
    assert [row[0] for row in cells] == ["30", "60", "90"]
    assert {len(row) for row in cells} == {len(headings)}


def test_the_command_prints_the_same_each_time(run):
    assert run()[0] == run()[0]


def test_longer_ways_between_processes_make_all_latencies_longer(run):
    column = 5  # result, 95 %
    near, far = (rows(run("--hop-ms", hop_ms)[0])[1] for hop_ms in ("0", "20"))
    for near_row, far_row in zip(near, far, strict=True):
        assert int(far_row[column].split()[0]) >= int(near_row[column].split()[0]) + 100


def test_targets_out_of_reach_end_the_command_with_a_sentence(run):
    with pytest.raises(SystemExit, match="The targets are out of reach"):
        run("--wheel-target-s", "0.01")


def test_the_chart_has_a_line_with_a_label_for_each_series(run):
    _, root = run()
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == len(SERIES)
    assert all(len(line.get("points").split()) == 3 for line in lines)
    labels = root.findall(f"{SVG}text")[-len(SERIES) :]
    heights = [float(label.get("y")) for label in labels]
    gaps = [below - above for above, below in pairwise(heights)]
    assert min(gaps) >= LOWEST_LABEL_GAP


def test_service_times_are_read_as_they_were_written(times, tmp_path):
    times.write(tmp_path / "new" / "times.json")
    assert ServiceTimes.read(tmp_path / "new" / "times.json") == times


def test_the_measured_times_have_all_batch_sizes_and_name_the_processor():
    measured = ServiceTimes.read(MEASURED)
    assert sorted(measured.pass_s) == [1, 2, 4, 8, 16, 32]
    assert measured.processor
    assert measured.wheels_per_s() > 1 / measured.pass_s[1]


def test_times_between_the_measured_batch_sizes_are_on_straight_lines(times):
    passes = times.pass_times()
    assert len(passes) == 32
    assert passes[:6] == pytest.approx([0.05, 0.06, 0.065, 0.07, 0.0725, 0.075])
    assert passes[-1] == 0.16


def test_the_check_prints_measured_beside_simulated_figures():
    figures = [
        RequestFigures("spin", 20, 0, {10.0: 18, 90.0: 2}),
        RequestFigures("next wheel", 20, 0, {50.0: 20}),
    ]
    outcome = Outcome(20, 20, [0.011] * 20, [0.060] * 20, 2.5, 0.1, 0.1)
    lines = check.table(figures, outcome, seconds=10.0)
    assert [line.split()[-2:] for line in lines[1:]] == [
        ["2.0", "2.5"],
        ["10", "11"],
        ["50", "60"],
        ["90", "11"],
        ["50", "60"],
    ]
