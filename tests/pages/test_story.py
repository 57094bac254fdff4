"""The last token as a sentence, chips and their level of surprise."""

from datetime import UTC, datetime
from math import log

import pytest

from wheel.domain.token import Token
from wheel.domain.wheel_session import ChosenToken
from wheel.domain.wheel_settings import WheelSettings
from wheel.pages.panels.story import Chip, Result
from wheel.services import HistoryItem

MAT = Token.from_bytes(5, b" mat")


def chosen_at(prob, raw_prob=None):
    return ChosenToken(
        token_id=5,
        prob=prob,
        log_prob=log(prob) if prob else None,
        rank=1,
        entropy_bits=2.0,
        is_above=True,
        settings=WheelSettings(),
        selected_at=datetime.now(UTC),
        raw_prob=raw_prob,
    )


@pytest.mark.parametrize(
    ("prob", "sentence"),
    [
        (0.18, "space, mat, 18.0%, 2.5 bits of surprise, about 1 in 6"),
        (1.0, "space, mat, 100%, 0 bits of surprise, always"),
        (1 / 48_000, "space, mat, 1 in 48,000, 15.6 bits of surprise"),
        (0.0, "space, mat, taken off the wheel by the knobs"),
    ],
)
def test_a_result_is_a_sentence(prob, sentence):
    assert Result(MAT, chosen_at(prob), num_tokens=49_152).sentence == sentence


def test_the_figures_of_a_removed_token_are_those_of_the_model_itself():
    result = Result(MAT, chosen_at(0.0, raw_prob=0.0625), num_tokens=49_152)
    assert result.figures == (
        "taken off the wheel by the knobs; in the model itself 6.2%, 4.0 bits of surprise"
    )
    assert result.token_figures.probability == "0%; in the model itself 6.2%"
    assert result.token_figures.surprise == "in the model itself 4.0 bits"
    assert result.token_figures.log_probability == "in the model itself −2.77"


def test_a_chip_of_a_removed_token_has_the_colour_of_the_model_s_own_surprise():
    assert Chip(MAT, HistoryItem(MAT, chosen_at(0.0, raw_prob=0.0625))).surprise_level == 2


def test_the_rank_of_a_result_is_over_the_whole_vocabulary():
    assert Result(MAT, chosen_at(0.5), num_tokens=49_152).rank == "rank 1 of 49,152"


@pytest.mark.parametrize(
    ("prob", "level"),
    [(1.0, 0), (0.51, 0), (0.5, 1), (0.1, 2), (0.01, 3), (0.001, 3), (0.0005, 4), (0.0, 4)],
)
def test_a_chip_s_colour_is_its_surprise(prob, level):
    assert Chip(MAT, HistoryItem(MAT, chosen_at(prob))).surprise_level == level


def test_a_chip_says_how_its_token_came_about():
    assert "chosen by hand" in Chip(MAT, HistoryItem(MAT, chosen_at(0.5))).facts
    assert "from the prompt" in Chip(MAT).facts


def test_a_chip_with_a_line_break_ends_the_line():
    assert Chip(Token.from_bytes(1, b"\n")).breaks_line
    assert not Chip(MAT).breaks_line
