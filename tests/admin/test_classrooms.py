"""Admin pages of classes."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.admin.conftest import LIST_URL as SESSIONS_URL
from tests.api.fakes import changed_runtime, store_down
from wheel import services
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import Classroom, SessionIndexEntry
from wheel.services import classrooms

LIST_URL = "/admin/wheel/classroom/"
FIELDS = {"name": "4b", "model_id": "", "prompt": "", "is_open": "on"}


@pytest.fixture
def classroom(db):
    return Classroom.objects.create(name="4b", code="ABC234", prompt="The cat")


def shown(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def add(client, **fields):
    return client.post(LIST_URL + "add/", FIELDS | fields)


def act(client, action, *rows):
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(LIST_URL, data, follow=True)


def test_the_list_of_classes_needs_a_login(wheel_runtime, db):
    answer = Client().get(LIST_URL)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_class_is_made_with_a_code_of_its_own(admin):
    assert add(admin, prompt="The cat").status_code == 302
    classroom = Classroom.objects.get()
    assert (classroom.name, classroom.prompt, classroom.is_open) == ("4b", "The cat", True)
    assert len(classroom.code) == 6
    assert classroom.code in shown(admin.get(f"{LIST_URL}{classroom.pk}/change/"))


def test_the_code_of_a_class_cannot_be_chosen_or_changed(admin, classroom):
    add(admin, name="5a", code="AAAAAA")
    admin.post(f"{LIST_URL}{classroom.pk}/change/", FIELDS | {"code": "AAAAAA"})
    assert not Classroom.objects.filter(code="AAAAAA").exists()
    assert 'name="code"' not in shown(admin.get(f"{LIST_URL}{classroom.pk}/change/"))


def test_a_class_can_choose_among_the_models_on_offer(admin):
    page = shown(admin.get(LIST_URL + "add/"))
    assert '<option value="" selected>The server&#x27;s default</option>' in page
    assert '<option value="gpt2">GPT-2</option>' in page
    assert '<option value="gpt2-medium">GPT-2 Medium (not available)</option>' in page


def test_a_model_on_offer_is_saved_and_another_is_refused(admin):
    assert add(admin, model_id="gpt2").status_code == 302
    assert Classroom.objects.get().model_id == "gpt2"
    assert "not one of the available choices" in shown(add(admin, model_id="gpt-9"))
    assert Classroom.objects.count() == 1


def test_a_prompt_is_kept_to_the_letter_and_line_breaks_are_one_character(admin):
    add(admin, prompt=" a\r\nb ")
    assert Classroom.objects.get().prompt == " a\nb "


def test_a_prompt_of_nothing_but_spaces_is_none(admin):
    assert add(admin, prompt=" \r\n ").status_code == 302
    assert Classroom.objects.get().prompt == ""


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [("x" * 4001, "at most 4000 are allowed"), ("cat " * 900, "at most 63 are allowed")],
)
def test_a_prompt_that_no_session_could_start_with_is_refused(admin, prompt, reason):
    assert reason in shown(add(admin, prompt=prompt))
    assert not Classroom.objects.exists()


@pytest.mark.parametrize("model_id", ["", "gpt2"])
def test_a_class_can_be_prepared_before_any_model_is_here(admin, tmp_path, model_id):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        assert add(admin, model_id=model_id, prompt="The cat").status_code == 302
        assert "at most 4000" in shown(add(admin, model_id=model_id, prompt="x" * 4001))


def test_a_class_that_was_edited_keeps_its_code_and_sessions(admin, classroom):
    session = classrooms.join_classroom(code="ABC234")
    admin.post(f"{LIST_URL}{classroom.pk}/change/", FIELDS | {"name": "5b"})
    classroom.refresh_from_db()
    assert (classroom.name, classroom.code, classroom.prompt) == ("5b", "ABC234", "")
    assert str(classroom.sessions.get().pk) == session.session_id


def test_the_list_of_classes_shows_name_code_model_state_and_sessions(admin, classroom):
    page = shown(admin.get(LIST_URL))
    for column in ("name", "code", "model_used", "is_open", "created_at", "num_sessions"):
        assert f"field-{column}" in page
    assert "ABC234" in page
    assert "The server&#x27;s default" in page


def test_the_list_counts_live_sessions_and_links_to_them(admin, classroom, wheel_runtime):
    session_ids = [classrooms.join_classroom(code="ABC234").session_id for _ in range(3)]
    own = services.start_session().session_id
    wheel_runtime.store.delete(wheel_runtime.store.read(session_ids[0]))
    url = f"{SESSIONS_URL}?classroom__id__exact={classroom.pk}"
    assert f'<a href="{url}">2</a>' in shown(admin.get(LIST_URL))
    page = shown(admin.get(url))
    assert session_ids[1] in page
    assert own not in page


def test_a_store_that_is_down_is_reported_and_the_list_stays(admin, classroom, session_id):
    with store_down():
        page = shown(admin.get(LIST_URL))
    assert "The place where sessions are kept does not answer" in page
    assert "ABC234" in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [("?q=abc234", True), ("?q=4B", True), ("?q=xyz", False), ("?is_open__exact=0", False)]
    + [(f"?o={column}", True) for column in range(1, 7)],
)
def test_the_list_of_classes_can_be_searched_filtered_and_sorted(admin, classroom, query, is_found):
    assert ("ABC234" in shown(admin.get(LIST_URL + query))) == is_found


def test_classes_are_closed_and_opened_from_the_list(admin, classroom):
    kept = Classroom.objects.create(name="5a")
    assert "1 class is closed." in shown(act(admin, "close_classes", classroom))
    assert set(Classroom.objects.filter(is_open=True)) == {kept}
    assert "2 classes are open." in shown(act(admin, "open_classes", classroom, kept))
    assert Classroom.objects.filter(is_open=True).count() == 2


def test_a_user_with_only_the_view_permission_cannot_close_or_open_classes(
    wheel_runtime, classroom, django_user_model
):
    user = django_user_model.objects.create_user("assistant", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_classroom"))
    client = Client()
    client.force_login(user)
    assert "ABC234" in shown(client.get(LIST_URL))
    assert "The cat" in shown(client.get(f"{LIST_URL}{classroom.pk}/change/"))
    for action, is_open in (("close_classes", True), ("open_classes", False)):
        Classroom.objects.update(is_open=is_open)
        act(client, action, classroom)
        assert Classroom.objects.get().is_open is is_open


def test_deleting_a_class_leaves_its_sessions(admin, classroom):
    session = classrooms.join_classroom(code="ABC234")
    admin.post(f"{LIST_URL}{classroom.pk}/delete/", {"post": "yes"})
    assert not Classroom.objects.exists()
    assert SessionIndexEntry.objects.get().classroom is None
    assert session.session_id in shown(admin.get(SESSIONS_URL))


def test_the_list_of_sessions_shows_and_filters_by_class(admin, classroom, session_id):
    joined = classrooms.join_classroom(code="ABC234").session_id
    assert ">4b</a>" in shown(admin.get(SESSIONS_URL))
    without = shown(admin.get(SESSIONS_URL + "?classroom__isnull=True"))
    assert session_id in without
    assert joined not in without
    assert "4b" in shown(admin.get(f"{SESSIONS_URL}{joined}/change/"))


def test_names_and_prompts_are_text_not_html(admin):
    add(admin, name="<script>alert(1)</script>", prompt="</textarea><script>alert(2)</script>")
    classroom = Classroom.objects.get()
    for path in (LIST_URL, f"{LIST_URL}{classroom.pk}/change/", SESSIONS_URL):
        assert "<script>alert" not in shown(admin.get(path))
