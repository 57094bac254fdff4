"""Numbers in sentences follow the language; numbers for programs do not."""

import re
from html.parser import HTMLParser

import pytest
from django.utils import translation

from tests.i18n.pages import ANSWERS, STATES, addresses
from wheel.errors import PromptTooLongError
from wheel.pages.words.messages import sentence, translated
from wheel.pages.words.numbers import bits, count, one_in, percent
from wheel.sentences import Sentence

LANGUAGES = ["en", "de", "es", "fr", "nb"]
# Attributes with sentences, and with shares and names beside the wheel.
TEXTS = {"title", "alt", "placeholder", "content", "data-share", "data-text", "data-name"}
NO_NUMBERS = {"class", "name", "id", "data-example", "data-display-text", "hx-vals", "data-more"}


@pytest.mark.parametrize(
    ("language", "share", "small", "number"),
    [
        ("en", "18.0%", "0.42%", "49,149"),
        ("de", "18,0\xa0%", "0,42\xa0%", "49.149"),
        ("es", "18,0\xa0%", "0,42\xa0%", "49\xa0149"),
        ("fr", "18,0\xa0%", "0,42\xa0%", "49\xa0149"),
        ("nb", "18,0\xa0%", "0,42\xa0%", "49\xa0149"),
    ],
)
def test_shares_and_counts_are_written_as_the_language_does(language, share, small, number):
    with translation.override(language):
        assert (percent(0.18), percent(0.0042), count(49149)) == (share, small, number)


def test_odds_and_bits_are_translated():
    with translation.override("de"):
        assert (one_in(1 / 48_000), bits(2.5)) == ("1 von 48.000", "2,5 Bit")
    with translation.override("fr"):
        assert (one_in(1 / 48_000), bits(0.01)) == ("1 sur 48\xa0000", "moins de 0,1 bit")


def test_an_error_with_figures_is_translated_and_its_detail_is_english():
    error = PromptTooLongError(
        Sentence(
            "The prompt has %(number)s characters; at most %(maximum)s are allowed.",
            number=4001,
            maximum=4000,
        )
    )
    assert error.detail == "The prompt has 4001 characters; at most 4000 are allowed."
    with translation.override("de"):
        assert sentence(error) == "Der Prompt hat 4.001 Zeichen; höchstens 4.000 sind erlaubt."
        assert error.detail == "The prompt has 4001 characters; at most 4000 are allowed."


def test_a_fraction_in_an_error_has_the_decimal_sign_of_the_language():
    template = "Must be greater than %(minimum)s and at most %(maximum)s."
    error = Sentence(template, minimum=0.0, maximum=0.5)
    assert error == "Must be greater than 0.0 and at most 0.5."
    with translation.override("nb"):
        assert translated(error) == "Må være større enn 0 og høyst 0,5."


def test_a_sentence_without_parameters_may_have_a_percent_sign():
    assert Sentence("100% of them") == "100% of them"
    assert translated(Sentence("100% of them")) == "100% of them"


class NumbersForPrograms(HTMLParser):
    """Collects the attributes that are no texts and have a number as a language writes it."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            is_text = name.startswith("aria-") or name in TEXTS | NO_NUMBERS
            is_sentence = re.search(r"[^\W\d_]{3,} [^\W\d_]", value or "")
            if not is_text and not is_sentence and re.search(r"\d[,\xa0]\d", value or ""):
                self.found.append((tag, name, value))


@pytest.mark.parametrize("language", ["de", "fr"])
def test_no_number_for_a_program_follows_the_language(world, language):
    headers = {"Accept-Language": language}
    typed = STATES["doubtful numbers"]  # as a person has typed them
    for path in {*addresses(), *STATES.values()} - {typed}:
        response = world.head.get(world.address(path), headers=headers)
        if response.get("Content-Type", "").startswith(("text/html", "image/svg")):
            assert NumbersForPrograms(response.content.decode()).found == [], path


@pytest.mark.parametrize("name", ["a spin", "a found token", "an undo"])
def test_no_number_for_a_program_follows_the_language_in_an_answer(world, name):
    world.visitor.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    response = ANSWERS[name](world)
    assert "Bit" in response.content.decode()
    assert NumbersForPrograms(response.content.decode()).found == []
