"""GET /wheel/<id>/knob-steps."""

from itertools import accumulate

import pytest

from tests.api.helpers import assert_error
from tests.pages.conftest import start_session
from tests.pages.markup import find_all
from wheel import services
from wheel.domain.wheel_settings import SETTING_NAMES, SPEC_BY_NAME

TOLERANCE_TURNS = 1e-5
OTHERS = [{}, {"temperature": "1.7", "top_k": "9"}, {"top_p": "0.8", "min_p": "0.02"}]


@pytest.fixture
def ask(visitor, session_id):
    def ask(knob, **others):
        return visitor.get(f"/wheel/{session_id}/knob-steps", {"knob": knob} | others)

    return ask


@pytest.mark.parametrize("others", OTHERS, ids=str)
@pytest.mark.parametrize("knob", SETTING_NAMES)
def test_every_step_is_the_wheel_that_the_api_serves_at_that_setting(
    visitor, session_id, ask, knob, others
):
    answer = ask(knob, **others).json()
    assert [step["value"] for step in answer["steps"]] == SPEC_BY_NAME[knob].slider_values
    for step in answer["steps"][:: len(answer["steps"]) // 6]:
        query = others | {knob: step["value"]}
        wheel = visitor.get(f"/api/sessions/{session_id}/next-token-probs", query).json()
        tokens = wheel["above_threshold_tokens"]
        assert answer["token_ids"][: len(tokens)] == [token["token_id"] for token in tokens]
        ends = list(accumulate(token["probability"] for token in tokens))
        assert step["ends"] == pytest.approx(ends, abs=TOLERANCE_TURNS)


@pytest.mark.parametrize("knob", SETTING_NAMES)
def test_every_step_has_the_labels_and_hues_of_the_wheel_page(visitor, session_id, ask, knob):
    for step in ask(knob).json()["steps"][::10]:
        html = visitor.get(f"/wheel/{session_id}", {knob: step["value"]}).content.decode()
        labels = find_all(html, "g", with_class="label")
        own = find_all(step["labels"], "g", with_class="label")
        assert [label.attributes for label in own] == [label.attributes for label in labels]
        assert [label.text for label in own] == [label.text for label in labels]
        paths = find_all(html, "path", with_class="segment-token")
        assert [path.classes[-1] for path in paths] == [f"hue-{hue}" for hue in step["hues"]]


def test_a_step_says_its_numbers_as_text(ask):
    step = next(step for step in ask("top_k").json()["steps"] if step["value"] == 3)
    assert step["sentence"] == "Top-k 3: 3 tokens with a segment of their own"
    assert step["possible"] == "3"


def test_segments_too_narrow_to_be_drawn_are_one_segment(ask):
    step = ask("temperature", threshold="0").json()["steps"][-1]
    assert len(step["ends"]) == 200
    assert step["ends"][-1] < step["narrow"] == 1


def test_asking_changes_nothing_in_the_session(session_id, ask):
    before = services.get_session(session_id=session_id).session
    assert ask("temperature", top_k="5").status_code == 200
    after = services.get_session(session_id=session_id).session
    assert (after.settings, after.rev) == (before.settings, before.rev)


def test_the_value_of_the_moved_knob_itself_does_not_matter(ask):
    for own in ("0", "x", "1,000"):
        assert ask("temperature", temperature=own).json() == ask("temperature").json()


@pytest.mark.parametrize("spec", SPEC_BY_NAME.values(), ids=lambda spec: spec.name)
def test_a_slider_has_at_most_41_steps_from_end_to_end_and_one_is_neutral(spec):
    values = spec.slider_values
    assert len(values) <= 41
    assert [values[0], values[-1]] == [float(text) for text in spec.slider[:2]]
    assert spec.neutral in values
    assert all(spec.is_in_range(value) for value in values)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "knob"),
        ("?knob=", "knob"),
        ("?knob=rev", "knob"),
        ("?knob=knob", "knob"),
        ("?knob=top_k&temperature=x", "temperature"),
        ("?knob=top_k&temperature=0", "temperature"),
    ],
)
def test_a_bad_query_is_a_400_in_json_that_names_the_field(visitor, session_id, query, field):
    response = visitor.get(f"/wheel/{session_id}/knob-steps{query}")
    error = assert_error(response, 400, "invalid")
    assert list(error["errors"]) == [field]


def test_a_top_k_beyond_the_vocabulary_is_a_400(ask):
    assert ask("temperature", top_k="1000000").status_code == 400


def test_a_session_without_a_prompt_has_no_steps(visitor):
    response = visitor.get(f"/wheel/{start_session(prompt=None)}/knob-steps?knob=top_k")
    assert_error(response, 400, "no_prompt")


@pytest.mark.parametrize("name", ["7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57", "nonsense", "%00"])
def test_an_unknown_session_is_a_404_in_json(visitor, name):
    response = visitor.get(f"/wheel/{name}/knob-steps?knob=top_k")
    assert_error(response, 404, "session_not_found")


def test_a_busy_engine_is_a_503_that_says_when_to_try_again(ask, broken_engine):
    response = ask("top_k")
    assert_error(response, 503, "engine_busy")
    assert response["Retry-After"] == "2"
