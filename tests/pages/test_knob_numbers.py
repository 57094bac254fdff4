"""Numbers typed into the knobs, read by the server and by the page's script: both alike."""

import math

import pytest
from django.core.exceptions import ValidationError

from wheel.domain.wheel_settings import TEMPERATURE, TOP_K
from wheel.pages.forms import setting_field

# As a decimal number and as a whole number; None if refused.
READINGS: dict[str, tuple[float | None, int | None]] = {
    "7": (7, 7),
    "+7": (7, 7),
    "-7": (-7, -7),
    " 7 ": (7, 7),
    "007": (7, 7),
    "7.": (7, 7),
    "7,": (7, 7),
    "7.0": (7, 7),
    "7,00": (7, 7),
    "0.7": (0.7, None),
    "0,7": (0.7, None),
    "0٫7": (0.7, None),
    ",7": (0.7, None),
    ".0": (0, None),
    "1.5": (1.5, None),
    "1.000": (1, None),
    "1,000": (None, None),
    "-1.000": (-1, None),
    "-12,345": (None, None),
    "1.250": (1.25, None),
    "1٫000": (1, 1),
    "0.000": (0, 0),
    "0,000": (0, 0),
    "0,125": (0.125, None),
    "1.0000": (1, 1),
    "1,0000": (1, 1),
    "1000.000": (1000, 1000),
    "1000": (1000, 1000),
    "1000,0": (1000, 1000),
    "1,000.5": (None, None),
    "1.000,5": (None, None),
    "1,000,000": (None, None),
    "1 000": (None, None),
    "1_000": (None, None),
    "0..7": (None, None),
    "1e1": (10, None),
    "1,5e1": (15, None),
    "1,000e1": (10, None),
    "1e-05": (1e-05, None),
    "1e999": (None, None),
    "٢٫٥": (2.5, None),
    "۲": (2, 2),
    "١,٠٠٠": (None, None),
    "١.٠٠٠": (1, None),
    "٠,٧٥٠": (0.75, None),
    "0x1": (None, None),
    "inf": (None, None),
    "Infinity": (None, None),
    "nan": (None, None),
    "−7": (None, None),
    "x": (None, None),
    "-": (None, None),
    ".": (None, None),
}


def read_by_server(spec, typed):
    try:
        return setting_field(spec).clean(typed)
    except ValidationError:
        return None


@pytest.mark.parametrize("typed", READINGS)
def test_the_server_reads_a_typed_number(typed):
    readings = read_by_server(TEMPERATURE, typed), read_by_server(TOP_K, typed)
    assert readings == READINGS[typed]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_script_reads_typed_numbers_as_the_server_does(open_wheel):
    page = open_wheel()
    numbers = page.evaluate(
        """async (typed) => {
          const entry = document.querySelector("script[type=module]").src;
          const { numberIn } = await import(entry.replace(/[^/]*$/, "knob_numbers.js"));
          const fields = ["temperature", "top_k"].map((name) =>
            document.getElementById(`knob-${name}`));
          return typed.map((value) => fields.map((field) => {
            field.value = value;
            return numberIn(field);
          }));
        }""",
        list(READINGS),
    )
    readings = [tuple(None if math.isnan(x) else x for x in pair) for pair in numbers]
    assert dict(zip(READINGS, readings, strict=True)) == READINGS
