"""Numbers in words: percent, odds, bits. Most are template filters too.

A possible event is never shown as 0%, an uncertain one never as 100%. Separators follow the
language of the page.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache

from django import template
from django.utils.formats import get_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

INFINITE = "∞"
SMALLEST_PERCENT_PROB = 0.0001
ALMOST_ONE = 0.9995
LARGEST_PLAIN_ODDS = 1e15
ODDS_SIZES = (2, 3, 4, 5, 10, 20, 100, 1000, 10_000)
MAX_ODDS_ERROR, MAX_OPPOSITE_ERROR = 0.03, 0.2
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")

register = template.Library()


@register.filter
def count(number: int) -> str:
    """49,149"""
    return with_separators(f"{number:,}")


@register.filter
def decimals(value: float, num_decimals: int) -> str:
    """Rounded, with a real minus sign, which a number that is rounded to zero does not have."""
    digits = f"{abs(value):,.{num_decimals}f}"
    is_negative = value < 0 and digits.strip("0.") != ""
    return f"{'−' if is_negative else ''}{with_separators(digits)}"


@register.filter
def percent(prob: float) -> str:
    """A probability: 18.0%, 0.42%, and below 0.01% as "1 in 48,000"."""
    if prob <= 0:
        return with_percent_sign("0")
    if prob < SMALLEST_PERCENT_PROB:
        return one_in(prob)
    if prob >= 1:
        return with_percent_sign("100")
    if prob >= ALMOST_ONE:
        return f"> {with_percent_sign(decimals(99.9, 1))}"
    return with_percent_sign(decimals(prob * 100, 1 if prob >= 0.01 else 2))


@register.filter
def rounded_percent(prob: float) -> str:
    """74%; near 0 and 1 with decimals."""
    is_rounded = 0.01 <= prob <= 0.99
    return with_percent_sign(decimals(prob * 100, 0)) if is_rounded else percent(prob)


@register.filter
def points(difference: float) -> str:
    """A difference of two shares in percentage points: +4.2, −0.42, 0.00."""
    text = decimals(difference * 100, 1 if abs(difference) >= 0.01 else 2)
    return f"+{text}" if round(difference * 100, 2) > 0 else text


def with_percent_sign(number: str) -> str:
    """18.0%; most languages other than English put a space before the sign."""
    return _("%(number)s%%") % {"number": number}


@register.filter
def odds(prob: float) -> str:
    """The same as odds: "about 1 in 6", "about 4 in 5"."""
    if prob <= 0:
        return _("never")
    if prob >= 1:
        return _("always")
    if prob >= ALMOST_ONE:
        return _("almost always")
    if prob <= 0.3:
        return _("about %(odds)s") % {"odds": one_in(prob)}
    share = short_fraction(prob)
    return _("about %(num)s in %(out_of)s") % {
        "num": count(share.numerator),
        "out_of": count(share.denominator),
    }


def short_fraction(prob: float) -> Fraction:
    """The fraction with the smallest size that is within 3% of a probability between 0.3 and
    0.9995, and whose rest is within 20% of the opposite probability. Never 1."""
    fractions = (Fraction(round(prob * size), size) for size in ODDS_SIZES)
    max_error = min(MAX_ODDS_ERROR * prob, MAX_OPPOSITE_ERROR * (1 - prob))
    return next(fraction for fraction in fractions if abs(fraction - prob) < max_error)


def one_in(prob: float) -> str:
    """ "1 in 48,000", to two significant digits; beyond a quadrillion as a power of ten."""
    if prob * LARGEST_PLAIN_ODDS < 1:
        exponent = str(round(-math.log10(prob)))
        return _("1 in %(size)s") % {"size": "10" + exponent.translate(SUPERSCRIPTS)}
    size = 1 / prob
    num_zeros = max(0, math.floor(math.log10(size)) - 1)
    return _("1 in %(size)s") % {"size": count(round(size / 10**num_zeros) * 10**num_zeros)}


@register.filter
def bits(num_bits: float) -> str:
    """Surprise or entropy: 2.5 bits. Only an exact zero, which is certainty, is shown as 0; that of
    an impossible token is infinite."""
    if num_bits == 0:
        return _("0 bits")
    if num_bits == math.inf:
        return _("%(number)s bits") % {"number": INFINITE}
    if num_bits < 0.05:
        return _("under %(number)s bits") % {"number": decimals(0.1, 1)}
    return _("%(number)s bits") % {"number": decimals(num_bits, 1)}


@register.filter
def log_probability(log_prob: float) -> str:
    """A natural logarithm: −1.71. Only an exact zero, which is certainty, is shown as 0; that of an
    impossible token is −∞."""
    if log_prob == -math.inf:
        return f"−{INFINITE}"
    if log_prob == 0:
        return "0"
    if log_prob > -0.005:
        return f"> {decimals(-0.01, 2)}"
    return decimals(log_prob, 2)


@register.filter
def plain_number(value: float) -> str:
    """A number of a sentence, with all its decimals: 4,000, 0.01, 1."""
    if isinstance(value, int):
        return count(value)
    return with_separators(f"{Decimal(f'{value:g}'):,f}")


@register.filter
def setting(value: float) -> str:
    """A setting as it is typed in a field, the same in every language: 0.01, 1, 40."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def with_separators(number: str) -> str:
    """A number with Python's separators, with those of the page's language instead. Django's
    `number_format` does the same, and takes several times as long."""
    return number.translate(separators(get_language()))


@cache
def separators(language: str | None) -> Mapping[int, str]:
    names = {",": "THOUSAND_SEPARATOR", ".": "DECIMAL_SEPARATOR"}
    return str.maketrans({sign: get_format(name, language) for sign, name in names.items()})
