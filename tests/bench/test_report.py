"""Tables, files and chart of results."""

import json
import math
from xml.etree import ElementTree as ET

import pytest

from bench import report
from bench.chart import CHART_WIDTH, position, write_chart
from bench.http_scenarios import NAIVE_SCENARIOS
from bench.layers import NUM_ROWS, Trial
from bench.results import Results
from bench.students import Outcome

SVG = "{http://www.w3.org/2000/svg}"


def line_with(text, name):
    return next(line for line in text.splitlines() if line.startswith(name))


def test_p95_is_the_largest_of_few_values():
    assert report.p95(Outcome(1.0, [], [0.1, 0.3, 0.2], 0)) == 0.3
    assert report.p95(Outcome(1.0, [], [i / 100 for i in range(100)], 0)) == 0.95


def test_the_report_compares_each_figure_with_the_naive_one_and_with_the_limit(results):
    text = report.tables(results)
    assert "gpt2: at 30.0 GB/s from memory, reading the weights once takes 8.0 ms" in text
    line = line_with(text, "one token after 250")
    assert line.split()[-6:] == ["10.0", "ms", "40.0", "ms", "4.00x", "1.25x"]


def test_the_report_gives_the_cpu_time_of_the_web_side(results):
    text = report.tables(results)
    assert line_with(text, "REST").split() == ["REST", "4.0", "ms"]
    assert line_with(text, "page").split() == ["page", "20.0", "ms"]


def test_the_report_compares_both_libraries_with_the_limits(results):
    text = report.tables(results)
    assert line_with(text, "30 with torch").split()[-4:] == ["16.0", "ms", "2.00x", "4.00x"]
    assert line_with(text, "30 with openvino").split()[-4:] == ["12.0", "ms", "1.50x", "3.00x"]


def test_the_report_gives_rate_median_and_p95_of_each_scenario(results):
    lines = report.tables(results).splitlines()
    start = lines.index(line_with("\n".join(lines), "30 students, 60 words, prompts of their own"))
    assert lines[start].split()[-3:] == ["80.0/s", "20.0/s", "4.00x"]
    assert lines[start + 1].split() == ["100.0", "ms", "400.0", "ms", "4.00x"]
    assert lines[start + 2].split() == ["10.0", "ms", "200.0", "ms"]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("decode step after 5 tokens", ["5.00x", "1.25x", "1.35x"]),
        ("decode step after 250 tokens", ["5.00x", "1.25x", "1.35x"]),
        ("batch 30 step against 30 single steps", ["1.00", "0.03", "0.15"]),
        ("gpt2, step of one row, over the bandwidth limit", ["1.25x", "1.5x"]),
        ("gpt2, step of 30 rows, over its products", ["3.00x", "1.25x"]),
        ("spins/s, 30 students flat out, 60 words", ["1x", "4.00x", "20x"]),
        ("median of a spin, 1 student, 250 words", ["1x", "4.00x", "25x"]),
        ("p95 click to result", ["200.0", "ms", "10.0", "ms", "60", "ms"]),
        ("engine time of a known context", ["40.0", "ms", "10.000", "ms", "1", "ms"]),
        ("ready after start", ["4.5", "s", "3.5", "s", "4", "s"]),
    ],
)
def test_the_report_compares_each_goal_with_what_was_measured(results, name, cells):
    goals = report.tables(results).partition("goals")[2]
    assert line_with(goals, name).split()[-len(cells) :] == cells


def test_a_report_without_classes_has_no_goals(results):
    text = report.tables(Results(models=results.models))
    assert "gpt2" in text
    assert "goals" not in text
    assert "over HTTP" not in text


def test_the_layers_are_one_line_for_each_implementation():
    trial = Trial("plain", dict.fromkeys(NUM_ROWS, 0.25) | {128: math.nan})
    header, line = report.layer_lines([trial])
    assert header.split() == ["rows", "1", "4", "30", "128"]
    assert line.split() == ["plain", *["250.0", "ms"] * 3, "nan", "ms"]


def test_the_files_hold_the_results_and_the_chart(results, tmp_path):
    folder = tmp_path / "new" / "folder"
    report.write_files(results, folder)
    written = json.loads((folder / "benchmark.json").read_text())
    assert written["classes"][0]["scenario"]["num_students"] == 1
    assert written["models"][0]["figures"][0]["ours_s"] == 0.01
    assert (written["ready_s"], written["naive_ready_s"]) == (3.5, 4.5)
    assert (folder / "benchmark.svg").exists()


def test_no_chart_is_written_without_classes(results, tmp_path):
    report.write_files(Results(models=results.models), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["benchmark.json"]


def test_the_chart_has_a_bar_for_every_ratio(results, tmp_path):
    write_chart(results, tmp_path / "chart.svg")
    root = ET.parse(tmp_path / "chart.svg").getroot()
    bars = root.findall(f"{SVG}rect")[1:]
    num_class_ratios = sum(not scenario.think_s for scenario in NAIVE_SCENARIOS)
    assert len(bars) == 7 + num_class_ratios
    assert {bar.get("width") for bar in bars} == {str(position(4.0))}
    assert [text.text for text in root.findall(f"{SVG}text")].count("4.0 ×") == len(bars)


@pytest.mark.parametrize(
    ("ratio", "pixels"),
    [(0.5, 0), (1, 0), (10, CHART_WIDTH / 2), (100, CHART_WIDTH), (5000, CHART_WIDTH)],
)
def test_the_axis_is_logarithmic_from_1_to_100(ratio, pixels):
    assert position(ratio) == pytest.approx(pixels)
