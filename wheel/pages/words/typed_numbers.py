"""Numbers as people type them: with a decimal point or a decimal comma, whatever the language."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DECIMAL_SIGNS = re.compile("[.,٫]")  # the last one is the Arabic decimal separator
AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


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
    if AMBIGUOUS.fullmatch(text):
        raise ValidationError(
            _("This could be %(whole)s or %(decimal)s. Write it without the comma.")
            % {"whole": text.replace(",", ""), "decimal": text.replace(",", ".")}
        )
    return DECIMAL_SIGNS.sub(".", text)
