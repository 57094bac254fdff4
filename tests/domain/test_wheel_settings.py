import math

import pytest

from wheel.domain.sampling import NEUTRAL_SETTINGS, SETTING_NAMES, WheelSettings
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
def test_a_setting_may_be_anything_up_to_the_ends_of_its_range(name, value):
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
    assert set(NEUTRAL_SETTINGS.as_dict()) == set(SETTING_NAMES)
