"""Classroom codes: their alphabet and length, and reading what was typed."""

import pytest

from wheel.domain.classroom_code import ALPHABET, CODE_LEN, new_code, normalize_code


def test_the_alphabet_has_no_characters_that_look_alike():
    assert not set("0O1IL") & set(ALPHABET)
    assert len(ALPHABET) == len(set(ALPHABET)) == 31


def test_a_code_is_six_characters_of_the_alphabet():
    codes = [new_code() for _ in range(500)]
    assert {len(code) for code in codes} == {CODE_LEN} == {6}
    assert set("".join(codes)) == set(ALPHABET)


def test_codes_do_not_repeat():
    assert len({new_code() for _ in range(500)}) == 500


@pytest.mark.parametrize(
    "typed",
    ["ABC234", "abc234", " ABC 234\n", "ABC-234", "a b c - 2 3 4", "abc\u00a0234", "ABC\u2013234"],
)
def test_a_code_is_the_same_however_it_is_typed(typed):
    assert normalize_code(typed) == "ABC234"


def test_other_characters_of_a_typed_code_are_kept():
    assert normalize_code("ABC.234") == "ABC.234"


def test_a_stored_code_is_already_normal():
    code = new_code()
    assert normalize_code(code) == code
