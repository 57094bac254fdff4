"""Numbers typed into the knobs: a decimal point or a decimal comma, in every language."""

import pytest
from django.core.exceptions import ValidationError

from tests.pages.markup import find_one
from wheel import services
from wheel.pages.words.typed_numbers import with_decimal_point


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("0.7", "0.7"),
        ("0,7", "0.7"),
        (" 0,7 ", "0.7"),
        (",7", ".7"),
        ("0٫7", "0.7"),
        ("-0,7", "-0.7"),
        ("0,125", "0.125"),
        ("٠,٧٥٠", "٠.٧٥٠"),
        ("1,5", "1.5"),
        ("1,0000", "1.0000"),
        ("1.000", "1.000"),
        ("1000", "1000"),
        ("1e-05", "1e-05"),
        ("", ""),
        (None, None),
        (0.7, 0.7),
    ],
)
def test_a_comma_is_a_decimal_sign(typed, number):
    assert with_decimal_point(typed) == number


@pytest.mark.parametrize("typed", ["1,000.5", "1.000,5", "1,000,000", "0..7", "1,,0", "1.2.3"])
def test_two_signs_are_refused(typed):
    with pytest.raises(ValidationError, match="one point or comma"):
        with_decimal_point(typed)


@pytest.mark.parametrize(
    ("typed", "whole", "decimal"),
    [
        ("1,000", "1000", "1.000"),
        ("-12,345", "-12345", "-12.345"),
        ("١,٠٠٠", "١٠٠٠", "١.٠٠٠"),
        ("۱۲,۵۰۰", "۱۲۵۰۰", "۱۲.۵۰۰"),
    ],
)
def test_what_may_be_thousands_is_refused_with_both_readings(typed, whole, decimal):
    with pytest.raises(ValidationError) as error:
        with_decimal_point(typed)
    assert error.value.messages == [
        f"This could be {whole} or {decimal}. Write it without the comma."
    ]


@pytest.mark.parametrize("typed", ["1.000", "1,000", "-12.345", "١.٠٠٠"])
def test_a_whole_number_with_grouped_digits_is_refused(visitor, session_id, typed):
    response = visitor.get(f"/wheel/{session_id}", {"top_k": typed})
    assert response.status_code == 400
    error = find_one(response.content.decode(), "p", id="knob-top_k-error").text
    assert error.endswith("Write it without a point or a comma.")
    assert services.get_session(session_id=session_id).session.settings.top_k == 0


@pytest.mark.parametrize(("typed", "number"), [("40.0", 40), ("40,00", 40), ("0.000", 0)])
def test_a_whole_number_may_have_decimals_that_are_zero(visitor, session_id, typed, number):
    assert visitor.get(f"/wheel/{session_id}", {"top_k": typed}).status_code == 200
    assert services.get_session(session_id=session_id).session.settings.top_k == number


def test_minus_zero_is_shown_as_zero(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}", {"threshold": "-0"}).content.decode()
    assert find_one(html, "input", id="knob-threshold").attributes["value"] == "0"


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_a_knob_takes_a_decimal_comma_in_every_language(visitor, session_id, settings, language):
    settings.LANGUAGE_CODE, settings.LANGUAGES = language, [(language, language)]
    response = visitor.get(f"/wheel/{session_id}", {"temperature": "0,7", "top_k": "40"})
    assert response.status_code == 200
    stored = services.get_session(session_id=session_id).session.settings
    assert (stored.temperature, stored.top_k) == (0.7, 40)


@pytest.mark.parametrize("typed", ["1,000", "1,000.5", "0,7,", "x", "nan", "infinity", "1_0"])
def test_a_knob_with_a_doubtful_number_is_refused_and_changes_nothing(visitor, session_id, typed):
    response = visitor.get(f"/wheel/{session_id}", {"temperature": typed})
    html = response.content.decode()
    assert response.status_code == 400
    assert find_one(html, "p", id="knob-temperature-error").text
    assert find_one(html, "input", id="knob-temperature").attributes["value"] == typed
    assert services.get_session(session_id=session_id).session.settings.temperature == 1


def test_temperature_0_says_what_it_means_and_offers_top_k_1(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}", {"temperature": "0"}).content.decode()
    error = find_one(html, "p", id="knob-temperature-error")
    assert "At temperature 0 the favourite always wins, as with top-k 1." in error.text
    link = find_one(html, "a", id="knob-remedy").attributes["href"]
    assert visitor.get(link).status_code == 200
    stored = services.get_session(session_id=session_id).session.settings
    assert (stored.temperature, stored.top_k) == (1, 1)


@pytest.mark.parametrize("query", [{"temperature": "-1"}, {"top_p": "0"}, {"top_k": "1000000"}])
def test_other_refused_numbers_offer_nothing(visitor, session_id, query):
    response = visitor.get(f"/wheel/{session_id}", query)
    assert response.status_code == 400
    assert "knob-remedy" not in response.content.decode()


def test_the_knobs_form_is_not_filled_in_by_the_browser(wheel_page):
    html = wheel_page.content.decode()
    assert find_one(html, "form", id="knobs-form").attributes["autocomplete"] == "off"


def test_a_refused_knob_without_a_wheel_is_told_beside_the_text(visitor):
    session_id = services.start_session(seed=1).session_id
    response = visitor.get(f"/wheel/{session_id}", {"temperature": "0"})
    assert response.status_code == 400
    assert "Must be greater than 0" in find_one(response.content.decode(), "div", id="problem").text
