"""GET /wheel/<id>/export.csv: the two dialects, and texts that a spreadsheet might execute."""

import csv
import json
import math
from io import StringIO

import pytest
from django.utils import formats
from hypothesis import example, given
from hypothesis import strategies as st

from tests.pages.conftest import history
from tests.pages.stories import story_of_everything
from wheel import services
from wheel.pages.exports.documents import COLUMNS, exported_rows
from wheel.pages.exports.tables import (
    FORMULA_SIGNS,
    PLAIN,
    Dialect,
    guarded,
    session_csv,
    unguarded,
    with_formats,
)

EXCEL = Dialect(";", ",")
TEXT_COLUMNS = {"text", "display_text", "bytes", "how", "selected_at"}
both_dialects = pytest.mark.parametrize("dialect", [PLAIN, EXCEL], ids=["plain", "excel"])

# Texts around everything that could begin a formula, end a cell, or look guarded.
hostile_texts = st.text(
    st.sampled_from("'=+-@＝＋－＠ \t\r\n\0\";,\u00a0\ufeff\ufffda1"), max_size=8
)


@pytest.fixture
def story(session_id):
    for u in (0.1, 0.6, 0.95):
        services.spin(session_id=session_id, u=u, overrides={"temperature": 0.7, "top_p": 0.95})
    return session_id


def rows_of(text, dialect=PLAIN):
    """The rows as a program reads them that knows the dialect from the documentation."""
    table = StringIO(text.removeprefix("\ufeff"), newline="")
    return list(csv.DictReader(table, delimiter=dialect.delimiter))


def value_of(column, text, dialect):
    if column in TEXT_COLUMNS:
        return unguarded(text)
    return json.loads(text.replace(dialect.decimal_separator, ".")) if text else None


def excel(visitor, session_id, *, language="", accept=""):
    query = {"dialect": "excel"} | ({"language": language} if language else {})
    headers = {"Accept-Language": accept} if accept else {}
    return visitor.get(f"/wheel/{session_id}/export.csv", query, headers=headers)


def test_the_excel_dialect_has_semicolons_a_byte_order_mark_and_windows_line_ends(visitor, story):
    response = excel(visitor, story, language="de")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbfstep;token_id;text;")
    assert response.content.count(b"\r\n") == 4
    assert response.content.endswith(b"Z\r\n")


def test_the_plain_dialect_is_the_default_and_has_commas_and_points(visitor, story):
    address = f"/wheel/{story}/export.csv"
    plain = visitor.get(address, headers={"Accept-Language": "de"})
    assert plain.content.startswith(b"\xef\xbb\xbfstep,token_id,text,")
    assert plain.content == visitor.get(address, {"dialect": "plain", "language": "de"}).content
    assert b",0.7,0,0.95," in plain.content


@pytest.mark.parametrize("language", ["de", "fr", "es", "nb", "no", "nn", "de-AT", "DE", "pt-br"])
def test_a_language_with_a_decimal_comma_has_it_in_the_numbers_for_excel(visitor, story, language):
    rows = rows_of(excel(visitor, story, language=language).content.decode(), EXCEL)
    for row, chosen in zip(rows, history(story), strict=True):
        assert row["probability"] == repr(chosen.prob).replace(".", ",")
        assert row["temperature"] == "0,7"
        assert row["u"] == repr(chosen.u).replace(".", ",")
        assert row["token_id"] == str(chosen.token_id)


@pytest.mark.parametrize("language", ["en", "en-GB", "es-MX", "zh-hans"])
def test_a_language_with_a_decimal_point_keeps_it(visitor, story, language):
    rows = rows_of(excel(visitor, story, language=language).content.decode(), EXCEL)
    assert [row["temperature"] for row in rows] == ["0.7"] * 3


@pytest.mark.parametrize(
    ("accept", "temperature"),
    [
        ("", "0.7"),
        ("de-DE,de;q=0.9,en;q=0.8", "0,7"),
        ("en;q=0.8,nb-NO", "0,7"),
        ("no", "0,7"),
        ("en-US,de", "0.7"),
        ("xx,fr;q=0.5", "0,7"),
        ("*", "0.7"),
        (";;;,\x7f", "0.7"),
    ],
)
def test_without_a_language_the_browser_s_decides(visitor, story, accept, temperature):
    rows = rows_of(excel(visitor, story, accept=accept).content.decode(), EXCEL)
    assert {row["temperature"] for row in rows} == {temperature}


@pytest.mark.parametrize("code", ["de-{}", "de-at-{}", "de-{}-x1", "de@{}", "af-{}"])
def test_codes_that_a_client_makes_up_do_not_fill_a_cache(visitor, story, code):
    excel(visitor, story, language="de")
    excel(visitor, story, language="en")
    before = num_cached_formats()
    for number in range(20):
        made_up = code.format(f"a{number}")
        assert excel(visitor, story, language=made_up).status_code == 200
        assert excel(visitor, story, accept=made_up).status_code == 200
    assert num_cached_formats() == before


def num_cached_formats():
    """Of single formats, and of modules with all formats of a language."""
    caches = vars(formats)
    return len(caches["_format_cache"]), len(caches["_format_modules_cache"])


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("de", "de"),
        ("de-ch", "de-ch"),
        ("de-ch-1901", "de-ch"),
        ("sr-latn-rs", "sr-latn"),
        ("de@euro", "de"),
        ("nn", "nn"),
        ("no-no", "nb"),
        ("af", "en"),
    ],
)
def test_a_code_stands_for_the_nearest_with_formats(code, known):
    assert with_formats(code) == known


def test_the_language_of_the_query_wins_over_that_of_the_browser(visitor, story):
    response = excel(visitor, story, language="en", accept="de")
    assert b";0.7;" in response.content


@pytest.mark.parametrize(
    "query",
    [
        {"dialect": "Excel"},
        {"dialect": ""},
        {"dialect": "excel", "language": "xx"},
        {"dialect": "excel", "language": ""},
        {"dialect": "excel", "language": "../../etc"},
        {"dialect": "excel", "language": "de\0"},
        {"dialect": "excel", "language": "d" * 5000},
    ],
    ids=lambda query: str(query)[:50],
)
def test_an_unknown_dialect_or_language_is_refused(visitor, story, query):
    response = visitor.get(f"/wheel/{story}/export.csv", query)
    assert response.status_code == 400
    assert "Content-Disposition" not in response


@both_dialects
def test_both_dialects_have_the_rows_of_the_document(story, dialect):
    state = services.get_session(session_id=story)
    read = [
        {column: value_of(column, text, dialect) for column, text in row.items()}
        for row in rows_of(session_csv(state, dialect), dialect)
    ]
    assert read == list(exported_rows(state))
    assert all(tuple(row) == COLUMNS for row in read)


@both_dialects
def test_no_token_of_the_vocabulary_begins_a_formula_and_all_are_restored(session_id, dialect):
    state = story_of_everything(session_id)
    rows = rows_of(session_csv(state, dialect), dialect)
    tokens = state.tokenizer.tokens
    assert any(token.token_text.startswith("=") for token in tokens)
    assert len(rows) == len(tokens)
    for row, token in zip(rows, tokens, strict=True):
        assert not row["text"].lstrip().startswith(FORMULA_SIGNS)
        assert not row["text"].startswith(("\t", "\r", "\n"))
        assert unguarded(row["text"]) == token.token_text
        assert unguarded(row["display_text"]) == token.display_text
        assert bytes.fromhex(row["bytes"]) == token.token_bytes


@given(st.lists(hostile_texts, min_size=1, max_size=5), st.sampled_from([PLAIN, EXCEL]))
@example(["=1+1", "'=1+1", "''=1+1", "\t=", "' =", "'"], EXCEL)
def test_every_text_comes_back_from_a_table_and_none_begins_a_formula(texts, dialect):
    table = StringIO()
    csv.writer(table, delimiter=dialect.delimiter).writerow([dialect.cell(text) for text in texts])
    (read,) = csv.reader(StringIO(table.getvalue(), newline=""), delimiter=dialect.delimiter)
    assert [unguarded(text) for text in read] == texts
    for text in read:
        assert not text.lstrip().startswith(FORMULA_SIGNS)
        assert not text.startswith(("\t", "\r", "\n"))


@given(hostile_texts, hostile_texts)
def test_two_texts_never_make_the_same_cell(one, other):
    assert (guarded(one) == guarded(other)) == (one == other)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        "＠",
        "\u00a0-2",
        "=",
        "'=",
    ],
)
def test_a_text_that_a_spreadsheet_might_carry_out_is_kept_from_it(text):
    assert PLAIN.cell(text) == EXCEL.cell(text) == "'" + text


@pytest.mark.parametrize(
    "text", ["", " mat", "a=b", "'", "'s", "␣=", "20 3d", "2026-01-02T01:04:05Z", "0.5"]
)
def test_other_texts_are_left_alone(text):
    assert PLAIN.cell(text) == EXCEL.cell(text) == text


@pytest.mark.parametrize("number", [-1.5, -3, 0, None, 1e-300, 5e-324])
def test_numbers_have_every_digit_and_a_minus_is_theirs(number):
    assert PLAIN.cell(number) == (repr(number) if isinstance(number, float) else number)
    if isinstance(number, float):
        assert math.isclose(float(str(EXCEL.cell(number)).replace(",", ".")), number, rel_tol=0)


def test_the_menu_offers_both_dialects(visitor, session_id):
    html = visitor.get(f"/wheel/{session_id}").content.decode()
    assert f'href="/wheel/{session_id}/export.csv"' in html
    assert f'href="/wheel/{session_id}/export.csv?dialect=excel"' in html
