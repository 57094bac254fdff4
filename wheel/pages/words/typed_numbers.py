"""Numbers as people type them: with a decimal point or a decimal comma, whatever the language."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DECIMAL_SIGNS = re.compile("[.,٫]")  # the last one is the Arabic decimal separator
GROUPED = re.compile(r"[+-]?(\d)\d{0,2}([.,])\d{3}")  # digits of all scripts


def with_decimal_point(value: Any) -> Any:
    """A typed number with a point for its decimal sign: "0,7" becomes "0.7".

    Raises `ValidationError` for signs that group digits: "1,000.5", and "1,000", which is a
    thousand to some readers and one to others.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if "_" in text:  # Python would read 1_0 as ten
        raise ValidationError(_("Enter a number."))
    if len(DECIMAL_SIGNS.findall(text)) > 1:
        raise ValidationError(_("Write the number with one point or comma, for its decimals."))
    if may_be_thousands(text, ","):
        raise ValidationError(
            _("This could be %(whole)s or %(decimal)s. Write it without the comma.")
            % readings(text)
        )
    return DECIMAL_SIGNS.sub(".", text)


def as_whole_number(value: Any) -> Any:
    """The same for a whole number. Raises `ValidationError` for "1.000" too, which is a thousand to
    a reader whose decimal sign is the comma."""
    if isinstance(value, str) and may_be_thousands(value.strip(), ".,"):
        raise ValidationError(
            _("This could be %(whole)s or %(decimal)s. Write it without a point or a comma.")
            % readings(value.strip())
        )
    return with_decimal_point(value)


def may_be_thousands(text: str, signs: str) -> bool:
    """Whether one of the signs may group digits: not after a leading zero, as in "0,750"."""
    grouped = GROUPED.fullmatch(text)
    return grouped is not None and grouped[2] in signs and int(grouped[1]) != 0


def readings(text: str) -> dict[str, str]:
    return {
        "whole": text.replace(",", "").replace(".", ""),
        "decimal": text.replace(",", "."),
    }
