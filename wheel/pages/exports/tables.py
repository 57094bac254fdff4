"""Exports of a session as a CSV table, in two dialects.

`plain` is RFC 4180 and the same everywhere. `excel` is for spreadsheet programs set to a language
with a decimal comma, which expect semicolons between the cells. docs/exports.md describes both.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import StringIO
from pkgutil import iter_modules

from django.conf import locale
from django.http import HttpRequest
from django.utils.formats import get_format
from django.utils.translation import check_for_language, get_language, to_language
from django.utils.translation.trans_real import parse_accept_lang_header

from wheel.errors import InvalidFieldsError
from wheel.pages.exports.documents import COLUMNS, Row, Value, exported_rows
from wheel.sentences import Sentence
from wheel.services import SessionState

BYTE_ORDER_MARK = "\ufeff"  # without it, spreadsheets do not recognise UTF-8
FORMULA_SIGNS = tuple("=+-@＝＋－＠")
FORMULA_GUARD = "'"
DIALECTS = ("plain", "excel")
CODES_WITH_FORMATS = {to_language(module.name) for module in iter_modules(locale.__path__)}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a table is written. Both dialects have a byte order mark and lines ending in CR LF."""

    delimiter: str = ","
    decimal_separator: str = "."

    def cell(self, value: Value) -> Value:
        if isinstance(value, str):
            return guarded(value)
        if isinstance(value, float):
            return repr(value).replace(".", self.decimal_separator)
        return value


PLAIN = Dialect()


def session_csv(state: SessionState, dialect: Dialect = PLAIN) -> str:
    """One row for each chosen token. Numbers have every digit."""
    return table_csv(COLUMNS, exported_rows(state), dialect)


def table_csv(columns: Sequence[str], rows: Iterable[Row], dialect: Dialect = PLAIN) -> str:
    table = StringIO()
    writer = csv.writer(table, delimiter=dialect.delimiter)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([dialect.cell(row[column]) for column in columns])
    return BYTE_ORDER_MARK + table.getvalue()


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet might execute as a formula, and before one
    that looks guarded already. So `unguarded` restores every text."""
    return FORMULA_GUARD + text if needs_guard(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith(FORMULA_GUARD) and needs_guard(text) else text


def needs_guard(text: str) -> bool:
    """Whether the text, after any apostrophes, begins like a formula. Also if spaces come first,
    since some programs drop them.

    Source: OWASP, "CSV Injection".
    """
    start = text.lstrip(FORMULA_GUARD)
    return start.startswith(("\t", "\r", "\n")) or start.lstrip().startswith(FORMULA_SIGNS)


def requested_dialect(request: HttpRequest) -> Dialect:
    """The dialect of the query. Raises `InvalidFieldsError` for an unknown dialect or language."""
    name = request.GET.get("dialect", "plain")
    if name not in DIALECTS:
        raise InvalidFieldsError({"dialect": [Sentence("Must be plain or excel.")]})
    if name == "plain":
        return PLAIN
    separator = get_format("DECIMAL_SEPARATOR", requested_language(request), use_l10n=True)
    return Dialect(";", str(separator))


def requested_language(request: HttpRequest) -> str:
    """The language of the query, else the first of the browser's that Django has formats for, else
    that of the page. The site itself need not be translated into it."""
    asked = request.GET.get("language")
    if asked is None:
        accepted = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
        known = (code for code, _ in accepted if check_for_language(code))
        return with_formats(next(known, get_language() or "en"))
    if not check_for_language(asked):
        sentence = Sentence("Must be the code of a language, such as de.")
        raise InvalidFieldsError({"language": [sentence]})
    return with_formats(asked.lower())


def with_formats(code: str) -> str:
    """The longest beginning of a code for which Django has formats, else English. Django caches the
    formats of every code that it is asked for, and accepts any ending: `de-a1`, `de-a2`, ...

    The formats of Norwegian are under the code of Bokmål only.
    """
    parts = re.split("[-@]", code)
    if parts[0] == "no":
        return "nb"
    beginnings = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((start for start in beginnings if start in CODES_WITH_FORMATS), "en")
