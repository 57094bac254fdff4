"""The preview of a class's first wheel in its form, and its warnings."""

import pytest

from tests.admin.conftest import CLASSES_URL, shown
from tests.api.fakes import engine_that_raises
from wheel import services
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.errors import EngineBusyError
from wheel.models import Classroom, SessionIndexEntry

NEUTRAL = {name: str(value) for name, value in NEUTRAL_SETTINGS.as_dict().items()}
CLEAN = "The cat"


@pytest.fixture
def preview(teachers_client):
    def ask(prompt=CLEAN, **settings):
        data = NEUTRAL | {"prompt": prompt, "model_id": "gpt2"} | settings
        return shown(teachers_client.post(f"{CLASSES_URL}preview/", data))

    return ask


def wheel_of(prompt, **settings):
    settings = NEUTRAL_SETTINGS.with_overrides(settings)
    return services.preview_wheel(prompt=prompt, model_id="gpt2", settings=settings).wheel


def test_the_preview_draws_every_segment_of_the_wheel(preview):
    wheel = wheel_of(CLEAN)
    page = preview()
    assert page.count("<path") == 1 + len([one for one in wheel.segments if one.end > one.start])
    assert f"{wheel.num_above} tokens have a segment" in page
    assert "warning" not in page
    assert not SessionIndexEntry.objects.exists()


def test_the_form_of_a_class_shows_its_wheel_without_a_script(teachers_client, classroom):
    Classroom.objects.update(top_k=1)
    page = shown(teachers_client.get(f"{CLASSES_URL}{classroom.pk}/change/"))
    assert "Only one token is left" in page
    assert '<svg class="wheel-picture' in page


@pytest.mark.parametrize(
    ("prompt", "settings", "sentence"),
    [
        ("The cat ", {}, "The prompt ends with a space."),
        (CLEAN, {"top_k": "1"}, "Only one token is left"),
        (CLEAN, {"top_k": "3", "threshold": "0"}, "The filters remove all of Other"),
        (CLEAN, {"threshold": "1"}, "No token reaches the threshold"),
        (CLEAN, {"threshold": "0"}, "every token has a segment of its own"),
        (CLEAN, {"temperature": "2.5"}, "Above a temperature of 2"),
    ],
)
def test_a_setting_that_hides_the_subject_of_a_lesson_is_warned_of(
    preview, prompt, settings, sentence
):
    assert sentence in preview(prompt, **settings)
    assert sentence not in preview()


def test_a_wheel_that_is_nearly_all_other_is_warned_of(preview):
    first, second = wheel_of(CLEAN, temperature=5.0).distribution.ranked_probs[:2]
    assert first < 0.1
    page = preview(temperature="5", threshold=repr(float(first + second) / 2))
    assert "Nearly every spin lands in Other" in page


def test_without_a_prompt_there_is_no_wheel(preview):
    assert "there is no wheel to show yet" in preview("")


def test_settings_out_of_range_and_a_busy_engine_are_told_in_a_sentence(preview):
    assert "Must be greater than 0 and at most 100." in preview(temperature="0")
    assert "at most 63 are allowed" in preview("cat " * 900)
    with engine_that_raises(EngineBusyError()):
        assert "The model is busy" in preview()


def test_the_preview_is_only_for_a_post(teachers_client):
    assert teachers_client.get(f"{CLASSES_URL}preview/").status_code == 405
