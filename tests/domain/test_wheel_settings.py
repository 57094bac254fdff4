"""The wheel settings: their table, their ranges, and overriding some of them."""

import math
from dataclasses import fields

import pytest

from wheel.domain.wheel_settings import (
    NEUTRAL_SETTINGS,
    SETTING_NAMES,
    SETTINGS_IN_DISPLAY_ORDER,
    WHEEL_SETTINGS,
    WheelSettings,
)
from wheel.errors import InvalidFieldsError

SMALLEST = 5e-324


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", 0),
        ("threshold", 1),
        ("temperature", SMALLEST),
        ("temperature", 100),
        ("top_k", 0),
        ("top_k", 50_257),
        ("top_p", SMALLEST),
        ("top_p", 1),
        ("min_p", 0),
        ("min_p", 1),
    ],
)
def test_a_setting_at_the_ends_of_its_range_is_accepted(name, value):
    assert getattr(WheelSettings(**{name: value}), name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threshold", -SMALLEST),
        ("threshold", math.nextafter(1, 2)),
        ("temperature", 0),
        ("temperature", -1),
        ("temperature", math.nextafter(100, 101)),
        ("top_k", -1),
        ("top_k", 2.5),
        ("top_k", 3.0),
        ("top_p", 0),
        ("top_p", math.nextafter(1, 2)),
        ("min_p", -SMALLEST),
        ("min_p", math.nextafter(1, 2)),
        *[(name, value) for name in SETTING_NAMES for value in (math.nan, math.inf, -math.inf)],
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name_with_a_sentence(name, value):
    with pytest.raises(InvalidFieldsError) as caught:
        WheelSettings(**{name: value})
    assert list(caught.value.errors) == [name]
    assert caught.value.errors[name][0].endswith(".")
    assert caught.value.code == "invalid"


@pytest.mark.parametrize(
    ("name", "sentence", "note"),
    [
        ("threshold", "Must be between 0 and 1.", "In [0, 1]."),
        ("temperature", "Must be greater than 0 and at most 100.", "In (0, 100]."),
        ("top_k", "Must be 0 (off) or a number of tokens.", "0: off; at most the vocabulary."),
        ("top_p", "Must be greater than 0 and at most 1.", "In (0, 1]."),
        ("min_p", "Must be between 0 and 1.", "In [0, 1]."),
    ],
)
def test_the_range_of_a_setting_is_described_in_words(name, sentence, note):
    with pytest.raises(InvalidFieldsError) as caught:
        WheelSettings(**{name: -1})
    assert caught.value.errors == {name: [sentence]}
    spec = next(spec for spec in WHEEL_SETTINGS if spec.name == name)
    assert spec.range_note == note


def test_the_table_has_a_row_for_each_setting_with_its_default_and_type():
    described = [(spec.name, spec.neutral, spec.number_type) for spec in WHEEL_SETTINGS]
    assert described == [(f.name, f.default, f.type) for f in fields(WheelSettings)]
    assert described == [
        ("threshold", 0.01, float),
        ("temperature", 1.0, float),
        ("top_k", 0, int),
        ("top_p", 1.0, float),
        ("min_p", 0.0, float),
    ]


def test_readers_see_the_settings_that_reshape_first():
    names = [spec.name for spec in SETTINGS_IN_DISPLAY_ORDER]
    assert names == ["temperature", "top_k", "top_p", "min_p", "threshold"]


@pytest.mark.parametrize(
    ("name", "value", "reshapes"),
    [
        ("threshold", 0.5, False),
        ("temperature", 0.5, True),
        ("top_k", 1, True),
        ("top_p", 0.5, True),
        ("min_p", 0.5, True),
    ],
)
def test_every_setting_but_the_threshold_reshapes_the_distribution(name, value, reshapes):
    assert not NEUTRAL_SETTINGS.reshapes
    assert WheelSettings(**{name: value}).reshapes == reshapes


def test_all_wrong_settings_are_named_at_once():
    with pytest.raises(InvalidFieldsError) as caught:
        WheelSettings(threshold=2, temperature=0, top_k=-1, top_p=0, min_p=2)
    assert list(caught.value.errors) == list(SETTING_NAMES)


def test_overrides_replace_only_what_they_name_and_are_checked():
    settings = WheelSettings(temperature=0.5).with_overrides({"top_k": 3})
    assert settings == WheelSettings(temperature=0.5, top_k=3)
    assert settings.with_overrides({}) == settings
    with pytest.raises(InvalidFieldsError):
        settings.with_overrides({"min_p": math.nan})


def test_top_k_is_at_most_the_vocabulary():
    WheelSettings(top_k=10).check_vocabulary(10)
    with pytest.raises(InvalidFieldsError, match=r"10.*11") as caught:
        WheelSettings(top_k=11).check_vocabulary(10)
    assert list(caught.value.errors) == ["top_k"]


def test_settings_become_a_dictionary_and_back():
    settings = WheelSettings(threshold=0.1, temperature=0.7, top_k=5, top_p=0.9, min_p=0.05)
    assert NEUTRAL_SETTINGS.with_overrides(settings.as_dict()) == settings
    assert tuple(NEUTRAL_SETTINGS.as_dict()) == SETTING_NAMES
