"""Lesson kits in the admin: the list of them, and the form that one fills in."""

import html
import re

import pytest

from tests.admin.conftest import CLASSES_URL, shown
from tests.admin.test_classrooms import fields
from wheel.domain.lesson_kits import LESSON_KITS
from wheel.models import LOCKABLE_NAMES, Classroom, Luck
from wheel.pages.lessons.course import COURSE

every_kit = pytest.mark.parametrize("kit", LESSON_KITS, ids=lambda kit: kit.key)


def form_of(page):
    """The values of the form as a browser would send them."""
    return page.context["adminform"].form


@pytest.mark.parametrize("path", ["", "add/"])
def test_the_kits_are_listed_above_the_classes_and_the_form(teachers_client, path):
    page = shown(teachers_client.get(CLASSES_URL + path))
    for kit in LESSON_KITS:
        assert f'href="{CLASSES_URL}add/?kit={kit.key}"' in page
        assert html.escape(kit.question) in page


@every_kit
def test_a_class_of_a_kit_can_be_saved_as_it_is(teachers_client, teacher, kit):
    page = teachers_client.get(f"{CLASSES_URL}add/?kit={kit.key}")
    form = form_of(page)
    data = fields() | {
        name: form[name].value() for name in fields() if name in form.fields if form[name].value()
    }
    data["locked"] = form["locked"].value()
    assert teachers_client.post(f"{CLASSES_URL}add/?kit={kit.key}", data).status_code == 302
    classroom = Classroom.objects.get()
    for name in ("title", "lesson", "prompt", "other_prompt", "question", "look_for"):
        assert getattr(classroom, name) == getattr(kit, name), name
    assert classroom.wheel_settings == kit.settings
    assert set(classroom.locked) == set(kit.locked)
    assert classroom.luck == kit.luck
    assert classroom.owner == teacher


@every_kit
def test_a_kit_uses_names_that_classes_know(kit):
    assert set(kit.locked) <= set(LOCKABLE_NAMES)
    assert kit.luck in Luck.values
    assert len(kit.title) <= 100
    assert kit.prompt == kit.prompt.strip()
    assert 5 <= kit.minutes <= 45


def test_every_lesson_of_the_course_has_a_kit_of_its_key():
    keys = [page.lesson.key for page in COURSE]
    assert [kit.key for kit in LESSON_KITS if kit.lesson] == keys
    assert all(kit.lesson in ("", kit.key) for kit in LESSON_KITS)


def test_the_prompt_of_a_kit_is_that_of_its_lesson():
    prompts = {page.lesson.key: page.lesson.prompt for page in COURSE if page.lesson.is_on_session}
    kits = [kit for kit in LESSON_KITS if kit.lesson in prompts]
    assert {kit.lesson: kit.prompt for kit in kits} == prompts


def test_the_keys_of_the_kits_are_plain_and_unique():
    keys = [kit.key for kit in LESSON_KITS]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z-]+", key) for key in keys)


def test_an_unknown_kit_gives_an_empty_form(teachers_client):
    page = teachers_client.get(f"{CLASSES_URL}add/?kit=unknown&title=x")
    assert form_of(page)["title"].value() is None
