"""Numbers in words: percent, odds, bits, counts."""

import math

import pytest
from django.utils import translation

from wheel.pages.words import numbers
from wheel.pages.words.numbers import (
    bits,
    count,
    decimals,
    log_probability,
    odds,
    percent,
    points,
    rounded_percent,
    setting,
)


@pytest.mark.parametrize(
    ("prob", "text"),
    [
        (1.0, "100%"),
        (0.99999, "> 99.9%"),
        (0.9995, "> 99.9%"),
        (0.9994, "99.9%"),
        (0.18, "18.0%"),
        (0.0123, "1.2%"),
        (0.01, "1.0%"),
        (0.0042, "0.42%"),
        (0.0001, "0.01%"),
        (0.0000999, "1 in 10,000"),
        (1 / 48_123, "1 in 48,000"),
        (1e-9, "1 in 1,000,000,000"),
        (1e-20, "1 in 10²⁰"),
        (5e-324, "1 in 10³²³"),
        (0.0, "0%"),
    ],
)
def test_a_probability_is_shown_in_percent(prob, text):
    assert percent(prob) == text


@pytest.mark.parametrize(
    ("prob", "text"),
    [(0.7397, "74%"), (0.01, "1%"), (0.995, "99.5%"), (0.0042, "0.42%"), (0, "0%"), (1, "100%")],
)
def test_a_probability_is_rounded_to_whole_percents_where_that_is_enough(prob, text):
    assert rounded_percent(prob) == text


@pytest.mark.parametrize(
    ("difference", "text"),
    [
        (0.0423, "+4.2"),
        (-0.0423, "−4.2"),
        (0.0042, "+0.42"),
        (-0.0042, "−0.42"),
        (0.00001, "0.00"),
        (-0.00001, "0.00"),
        (0, "0.00"),
        (-1, "−100.0"),
    ],
)
def test_a_difference_of_shares_has_its_sign(difference, text):
    assert points(difference) == text


def test_what_can_happen_is_never_zero_percent_and_what_can_fail_never_a_hundred():
    for exponent in range(1, 324):
        assert percent(10.0**-exponent) not in ("0%", "0.00%", "0.0%")
        assert "inf" not in percent(10.0**-exponent)
    assert "100" not in percent(math.nextafter(1.0, 0.0))


@pytest.mark.parametrize(
    ("prob", "text"),
    [
        (1.0, "always"),
        (0.9999, "almost always"),
        (0.999, "about 999 in 1,000"),
        (0.97, "about 97 in 100"),
        (0.96, "about 24 in 25"),
        (0.77, "about 3 in 4"),
        (0.7, "about 7 in 10"),
        (0.5, "about 1 in 2"),
        (0.4, "about 2 in 5"),
        (0.45, "about 9 in 20"),
        (0.36, "about 7 in 20"),
        (0.34, "about 1 in 3"),
        (0.301, "about 3 in 10"),
        (0.3, "about 1 in 3"),
        (0.28, "about 1 in 4"),
        (0.18, "about 1 in 6"),
        (0.01, "about 1 in 100"),
        (0.00123, "about 1 in 810"),
        (0.0, "never"),
    ],
)
def test_a_probability_is_shown_as_odds(prob, text):
    assert odds(prob) == text


def test_odds_are_within_3_percent_of_the_probability():
    for ten_thousandths in range(3001, 9995):
        prob = ten_thousandths / 10_000
        number, _, out_of = odds(prob).removeprefix("about ").partition(" in ")
        share = int(number.replace(",", "")) / int(out_of.replace(",", ""))
        assert abs(share - prob) < 0.03 * prob, (prob, odds(prob))


def test_odds_never_promise_what_is_not_certain():
    for prob in (0.951, 0.9949, 0.99499, 0.9951, 0.99949):
        number, _, out_of = odds(prob).removeprefix("about ").partition(" in ")
        assert int(number.replace(",", "")) < int(out_of.replace(",", ""))


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.47, "2.5 bits"), (0.05, "0.1 bits"), (0.049, "under 0.1 bits"), (1e-300, "under 0.1 bits")],
)
def test_surprise_is_shown_in_bits(value, text):
    assert bits(value) == text


def test_only_certainty_is_shown_as_zero():
    assert bits(0.0) == "0 bits"
    assert log_probability(0.0) == "0"
    assert log_probability(-1e-300) == "> −0.01"
    assert log_probability(-0.0051) == "−0.01"


@pytest.mark.parametrize(("value", "text"), [(-1.714, "−1.71"), (-0.0, "0"), (-12.0, "−12.00")])
def test_a_log_probability_has_two_decimals_and_a_real_minus_sign(value, text):
    assert log_probability(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.01, "0.01"), (1.0, "1"), (40, "40"), (0.0, "0")])
def test_a_setting_is_as_it_was_typed(value, text):
    assert setting(value) == text


def test_thousands_are_grouped():
    assert count(49149) == "49,149"


def test_decimals_are_rounded_and_not_cut_off():
    assert decimals(0.19, 1) == "0.2"


def test_separators_follow_the_language():
    with translation.override("nl"):
        assert percent(0.18) == "18,0%"
        assert count(49149) == "49.149"


def test_a_translation_decides_on_the_space_before_the_percent_sign(monkeypatch):
    german = {"%(number)s%%": "%(number)s %%"}
    monkeypatch.setattr(numbers, "_", lambda text: german.get(text, text))
    shown = [percent(prob) for prob in (0, 0.18, 0.9999, 1)]
    assert shown == ["0 %", "18.0 %", "> 99.9 %", "100 %"]
