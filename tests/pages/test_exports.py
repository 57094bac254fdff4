"""GET /wheel/<id>/export.json and export.csv: the same rows in two formats."""

import csv
import json
import math
from datetime import datetime, timedelta, timezone
from io import StringIO

import pytest
import torch
from transformers import AutoModelForCausalLM

from tests.checkpoints import COMMIT
from tests.pages.conftest import PROMPT, history, start_session
from tests.pages.stories import story_of_everything
from wheel import services
from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin
from wheel.domain.token import Token
from wheel.domain.wheel_settings import WheelSettings
from wheel.pages.exports.documents import (
    COLUMNS,
    session_json,
    timestamp,
    token_names,
)
from wheel.pages.exports.tables import unguarded

MISSING_ID = "7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57"
TEXT_COLUMNS = {"text", "display_text", "bytes", "how", "selected_at"}
PATHS = ["export.json", "export.csv", "wheel.svg"]


@pytest.fixture
def story(session_id):
    """Spun at three settings, drawn from Other, picked, and picked although it was cut off."""
    services.spin(session_id=session_id)
    services.spin(session_id=session_id, overrides={"temperature": 0.5, "top_k": 40})
    services.spin(session_id=session_id, overrides={"top_k": 0, "top_p": 0.8, "min_p": 0.01})
    services.append_token(
        session_id=session_id, from_other=True, overrides={"top_p": 1.0, "threshold": 0.05}
    )
    likeliest = services.next_wheel(session_id=session_id).wheel.distribution.first_token_ids(400)
    services.append_token(session_id=session_id, token_id=int(likeliest[1]))
    services.append_token(session_id=session_id, token_id=3, overrides={"min_p": 1.0})
    return session_id


def rows_of(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def document_of(response):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(response.content.decode(), parse_constant=refuse)


def read_cell(name, text):
    """What a cell of the table says, as JSON would say it."""
    if name in TEXT_COLUMNS:
        return unguarded(text)
    return json.loads(text) if text else None


@pytest.mark.parametrize("path", PATHS)
def test_a_file_is_sent_to_be_kept_under_a_name_of_its_own(visitor, story, path):
    response = visitor.get(f"/wheel/{story}/{path}")
    assert response.status_code == 200
    name = f"token-wheel-{story[:8]}.{path.rpartition('.')[2]}"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("session_id", [MISSING_ID, "x", "'\"<b>"])
def test_a_session_that_is_gone_is_a_404_page(visitor, path, session_id):
    response = visitor.get(f"/wheel/{session_id}/{path}")
    assert response.status_code == 404
    assert "This wheel is gone." in response.content.decode()
    assert "Content-Disposition" not in response


@pytest.mark.parametrize("path", PATHS)
def test_files_are_only_read(visitor, story, path):
    before = services.get_session(session_id=story).session
    assert visitor.post(f"/wheel/{story}/{path}").status_code == 405
    assert visitor.head(f"/wheel/{story}/{path}").status_code == 200
    after = services.get_session(session_id=story).session
    assert (after.rev, after.history, after.settings) == (
        before.rev,
        before.history,
        before.settings,
    )


def test_the_table_opens_as_utf_8_in_a_spreadsheet(visitor, story):
    response = visitor.get(f"/wheel/{story}/export.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbfstep,token_id,text,")
    assert b"\r\n" in response.content


def test_the_table_has_a_row_a_step_and_a_cell_a_column(visitor, story):
    rows = rows_of(visitor.get(f"/wheel/{story}/export.csv"))
    assert [row["step"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    assert all(tuple(row) == COLUMNS for row in rows)


def test_the_document_says_what_the_session_is(visitor, story):
    response = visitor.get(f"/wheel/{story}/export.json")
    assert response["Content-Type"] == "application/json"
    document = document_of(response)
    state = services.get_session(session_id=story)
    assert document["format"] == "token-wheel-session"
    assert document["version"] == 1
    assert document["session_id"] == story
    assert document["model_name"] == "gpt2"
    assert document["seed"] == 1
    assert datetime.fromisoformat(document["created_at"]) == state.session.created_at
    assert document["prompt"] == PROMPT
    assert document["text"] == state.current_text
    assert document["settings"] == state.session.settings.as_dict()


def test_the_bytes_of_the_document_are_the_bytes_of_the_text(visitor, story):
    document = document_of(visitor.get(f"/wheel/{story}/export.json"))
    tokens = document["prompt_tokens"] + document["steps"]
    text_bytes = b"".join(bytes.fromhex(token["bytes"]) for token in tokens)
    assert text_bytes.decode(errors="replace") == document["text"]
    assert all(
        {"token_id", "text", "display_text", "bytes"} == set(token)
        for token in document["prompt_tokens"]
    )


def test_the_table_and_the_document_say_the_same(visitor, story):
    rows = rows_of(visitor.get(f"/wheel/{story}/export.csv"))
    steps = document_of(visitor.get(f"/wheel/{story}/export.json"))["steps"]
    read = [{name: read_cell(name, text) for name, text in row.items()} for row in rows]
    assert read == steps


def test_every_digit_of_a_number_is_kept(visitor, story):
    rows = rows_of(visitor.get(f"/wheel/{story}/export.csv"))
    for row, chosen in zip(rows, history(story), strict=True):
        assert row["probability"] == repr(chosen.prob)
        assert row["entropy_bits"] == repr(chosen.entropy_bits)
        assert row["u"] == ("" if chosen.u is None else repr(chosen.u))
        assert row["temperature"] == repr(chosen.settings.temperature)
        assert row["selected_at"].endswith("Z")
        assert datetime.fromisoformat(row["selected_at"]) == chosen.selected_at


def test_how_a_token_came_about_is_told(visitor, story):
    steps = document_of(visitor.get(f"/wheel/{story}/export.json"))["steps"]
    assert [step["how"] for step in steps[3:]] == ["drawn from Other", "picked", "picked"]
    for step, chosen in zip(steps[:3], history(story), strict=False):
        assert step["how"] == ("drawn" if chosen.is_above else "drawn from Other")


def test_a_picked_token_has_no_draw(visitor, story):
    row = rows_of(visitor.get(f"/wheel/{story}/export.csv"))[4]
    assert (row["u"], row["angle_degrees"], row["segment_index"]) == ("", "", "")
    assert float(row["surprisal_bits"]) == pytest.approx(-math.log2(float(row["probability"])))


def test_a_token_that_a_filter_had_removed_has_no_logarithm(visitor, story):
    row = rows_of(visitor.get(f"/wheel/{story}/export.csv"))[5]
    assert (row["probability"], row["log_probability"], row["surprisal_bits"]) == ("0.0", "", "")
    assert row["min_p"] == "1.0"


def test_a_token_that_a_filter_had_removed_has_its_rank_in_the_model_itself(visitor, story):
    row = rows_of(visitor.get(f"/wheel/{story}/export.csv"))[5]
    services.rewind(session_id=story, num_kept=5)
    raw = services.next_wheel(session_id=story).raw
    assert int(row["rank"]) == raw.rank_of(int(row["token_id"])) + 1


@pytest.fixture(scope="module")
def model(models_dir):
    """The model itself, without any code of this project."""
    path = models_dir / "models--openai-community--gpt2" / "snapshots" / COMMIT
    return AutoModelForCausalLM.from_pretrained(path, local_files_only=True).eval()


def test_every_draw_can_be_repeated_from_its_row_alone(visitor, story, model):
    document = document_of(visitor.get(f"/wheel/{story}/export.json"))
    token_ids = [token["token_id"] for token in document["prompt_tokens"]]
    num_repeated = 0
    for row in rows_of(visitor.get(f"/wheel/{story}/export.csv")):
        if row["u"]:
            with torch.inference_mode():
                logits = model(torch.tensor([token_ids])).logits[0, -1].numpy()
            wheel = wheel_of(logits, row)
            spin = Spin.at(wheel, float(row["u"]))
            assert spin.token_id == int(row["token_id"])
            assert spin.segment_index == int(row["segment_index"])
            assert spin.angle_degrees == float(row["angle_degrees"])
            num_repeated += 1
        token_ids.append(int(row["token_id"]))
    assert num_repeated == 4


def wheel_of(logits, row):
    settings = WheelSettings(
        threshold=float(row["threshold"]),
        temperature=float(row["temperature"]),
        top_k=int(row["top_k"]),
        top_p=float(row["top_p"]),
        min_p=float(row["min_p"]),
    )
    return Wheel(shape_distribution(logits, settings), settings.threshold)


def test_a_session_without_a_prompt_has_an_empty_story(visitor):
    session_id = start_session(prompt=None)
    assert rows_of(visitor.get(f"/wheel/{session_id}/export.csv")) == []
    document = document_of(visitor.get(f"/wheel/{session_id}/export.json"))
    assert (document["prompt"], document["text"], document["steps"]) == ("", "", [])
    assert document["prompt_tokens"] == []


def test_a_language_with_a_decimal_comma_changes_no_number(visitor, story, settings):
    before = {path: visitor.get(f"/wheel/{story}/{path}").content for path in PATHS[:2]}
    settings.LANGUAGE_CODE = "nl"
    for path, content in before.items():
        assert visitor.get(f"/wheel/{story}/{path}").content == content


def test_a_moment_of_another_time_zone_is_told_in_utc():
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2026-01-02T01:04:05Z"


def test_the_document_holds_every_token_to_the_letter(visitor, session_id):
    state = story_of_everything(session_id)
    steps = json.loads(session_json(state).encode())["steps"]
    tokens = state.tokenizer.tokens
    assert [step["text"] for step in steps] == [token.token_text for token in tokens]
    assert [bytes.fromhex(step["bytes"]) for step in steps] == [t.token_bytes for t in tokens]


def test_bytes_never_look_like_a_number_in_powers_of_ten():
    token = Token.from_bytes(1, b">5")  # 3e35, which a spreadsheet would round
    assert token_names(token)["bytes"] == "3e 35"
