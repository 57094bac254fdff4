"""Admin pages of classes: list, form, copies, states."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from django.utils.timezone import now

from tests.admin.conftest import CLASSES_URL as LIST_URL
from tests.admin.conftest import LIST_URL as SESSIONS_URL
from tests.admin.conftest import logged_in, shown
from tests.api.fakes import changed_runtime, store_down
from tests.pages.markup import find_all
from wheel import services
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import Classroom, ClassState, Luck
from wheel.services import classrooms


def fields(**changed):
    """The fields of a valid form."""
    expires_at = now() + timedelta(days=3)
    return {
        "title": "4b",
        "model_id": "",
        "prompt": "",
        "other_prompt": "",
        "lesson": "",
        "threshold": "0.01",
        "temperature": "1",
        "top_k": "0",
        "top_p": "1",
        "min_p": "0",
        "luck": "own",
        "state": "open",
        "expires_at_0": f"{expires_at:%Y-%m-%d}",
        "expires_at_1": f"{expires_at:%H:%M:%S}",
        "question": "",
        "look_for": "",
    } | changed


def add(client, **changed):
    return client.post(LIST_URL + "add/", fields(**changed))


def change(client, classroom, **changed):
    return client.post(change_url(classroom), fields(title=classroom.title, **changed))


def change_url(classroom):
    return f"{LIST_URL}{classroom.pk}/change/"


def act(client, action, *rows, **more):
    data = {"action": action, "_selected_action": [row.pk for row in rows]} | more
    return client.post(LIST_URL, data, follow=True)


def at(moment):
    return {"expires_at_0": f"{moment:%Y-%m-%d}", "expires_at_1": f"{moment:%H:%M:%S}"}


def test_the_list_of_classes_needs_a_login(wheel_runtime, db):
    answer = Client().get(LIST_URL)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")


def test_a_class_is_made_with_a_code_of_its_own(teachers_client, teacher):
    assert add(teachers_client, prompt="The cat").status_code == 302
    classroom = Classroom.objects.get()
    assert (classroom.title, classroom.prompt, classroom.state) == ("4b", "The cat", "open")
    assert classroom.owner == teacher
    assert len(classroom.code) == 6
    assert classroom.code in shown(teachers_client.get(change_url(classroom)))


def test_every_field_of_the_form_is_saved(teachers_client):
    add(
        teachers_client,
        temperature="0.7",
        top_k="40",
        top_p="0.9",
        min_p="0.1",
        threshold="0.05",
        luck="shared",
        state="frozen",
        locked=["top_k", "prompt"],
        prompt="The cat",
        other_prompt="The dog",
        lesson="one-word-changed",
        question="Why?",
        look_for="This.",
        hides_names="on",
        blurs_stories="on",
    )
    classroom = Classroom.objects.get()
    assert classroom.wheel_settings.as_dict() == {
        "temperature": 0.7,
        "top_k": 40,
        "top_p": 0.9,
        "min_p": 0.1,
        "threshold": 0.05,
    }
    assert set(classroom.locked) == {"top_k", "prompt"}
    assert (classroom.luck, classroom.state) == (Luck.SHARED, ClassState.FROZEN)
    assert (classroom.question, classroom.look_for) == ("Why?", "This.")
    assert (classroom.prompt, classroom.other_prompt) == ("The cat", "The dog")
    assert classroom.lesson == "one-word-changed"
    assert classroom.hides_names
    assert classroom.blurs_stories
    page = shown(teachers_client.get(change_url(classroom)))
    assert 'value="0.7"' in page
    assert page.count("checked") == 4


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("temperature", "0", "Must be greater than 0 and at most 100."),
        ("temperature", "101", "Must be greater than 0 and at most 100."),
        ("temperature", "nan", "Enter a number."),
        ("top_k", "-1", "Must be 0 (off) or a number of tokens."),
        ("top_k", "60000", "Must be at most the vocabulary size"),
        ("top_k", "1.5", "Enter a whole number."),
        ("top_p", "0", "Must be greater than 0 and at most 1."),
        ("min_p", "1.1", "Must be between 0 and 1."),
        ("threshold", "-0.1", "Must be between 0 and 1."),
        ("threshold", "", "This field is required."),
        ("luck", "none", "not one of the available choices"),
        ("locked", "code", "not one of the available choices"),
        ("lesson", "juggling", "not one of the available choices"),
        ("other_prompt", "The dog", "there has to be a first one"),
    ],
)
def test_a_value_out_of_range_is_refused_at_its_field(teachers_client, name, value, sentence):
    answer = add(teachers_client, **{name: value})
    assert sentence in shown(answer)
    assert list(answer.context["adminform"].form.errors) == [name]
    assert not Classroom.objects.exists()


@pytest.mark.parametrize(
    ("passed", "sentence"),
    [(timedelta(minutes=-1), "This time is over."), (timedelta(days=91), "at most 90 days")],
)
def test_an_expiry_is_in_the_future_and_not_far_away(teachers_client, passed, sentence):
    assert sentence in shown(add(teachers_client, **at(now() + passed)))
    assert not Classroom.objects.exists()


def test_a_new_expiry_keeps_the_sessions_of_the_members_as_long(
    teachers_client, classroom, member, wheel_runtime
):
    expires_at = (now() + timedelta(days=60)).replace(microsecond=0)
    assert change(teachers_client, classroom, prompt="The cat", **at(expires_at)).status_code == 302
    classroom.refresh_from_db()
    assert classroom.expires_at == expires_at
    assert wheel_runtime.store.read(str(member.session_id)).session.kept_until == expires_at


def test_a_class_that_is_about_to_end_can_be_edited(teachers_client, classroom):
    over = (now() - timedelta(minutes=1)).replace(microsecond=0)
    Classroom.objects.update(expires_at=over)
    answer = change(teachers_client, classroom, question="Why?", **at(over))
    assert answer.status_code == 302
    assert Classroom.objects.get().question == "Why?"


def test_a_store_that_is_down_refuses_a_new_expiry_and_nothing_is_changed(
    teachers_client, classroom
):
    before = Classroom.objects.values().get()
    with store_down():
        answer = change(teachers_client, classroom, question="Why?")
    assert answer.status_code == 302
    assert Classroom.objects.values().get() == before


def test_a_form_saves_only_what_was_changed_in_it(teachers_client, classroom):
    """The wall counts versions and common spins while the form is open."""
    form = fields(prompt="The cat", **at(classroom.expires_at))
    Classroom.objects.update(version=7, num_common_spins=3, hides_names=False, state="frozen")
    form["state"] = "frozen"
    form["question"] = "Why?"
    teachers_client.post(change_url(classroom), form)
    classroom.refresh_from_db()
    assert (classroom.num_common_spins, classroom.question) == (3, "Why?")
    assert classroom.version > 7


def test_the_code_of_a_class_cannot_be_chosen_or_changed(teachers_client, classroom):
    add(teachers_client, title="5a", code="AAAAAA")
    change(teachers_client, classroom, code="AAAAAA")
    assert not Classroom.objects.filter(code="AAAAAA").exists()
    assert 'name="code"' not in shown(teachers_client.get(change_url(classroom)))


def test_a_class_can_choose_among_the_models_on_offer(teachers_client):
    page = shown(teachers_client.get(LIST_URL + "add/"))
    assert '<option value="" selected>The server&#x27;s default</option>' in page
    assert '<option value="gpt2">GPT-2</option>' in page
    assert '<option value="gpt2-medium">GPT-2 Medium (not available)</option>' in page


def test_a_model_on_offer_is_saved_and_another_is_refused(teachers_client):
    assert add(teachers_client, model_id="gpt2").status_code == 302
    assert Classroom.objects.get().model_id == "gpt2"
    assert "not one of the available choices" in shown(add(teachers_client, model_id="gpt-9"))
    assert Classroom.objects.count() == 1


def test_the_model_stays_once_there_is_a_member(teachers_client, classroom, member):
    assert 'name="model_id"' not in shown(teachers_client.get(change_url(classroom)))
    change(teachers_client, classroom, model_id="gpt2-medium", question="Why?")
    classroom.refresh_from_db()
    assert (classroom.model_id, classroom.question) == ("gpt2", "Why?")


def test_a_prompt_is_kept_to_the_letter_and_line_breaks_are_one_character(teachers_client):
    add(teachers_client, prompt=" a\r\nb ")
    assert Classroom.objects.get().prompt == " a\nb "


def test_a_prompt_of_nothing_but_spaces_is_none(teachers_client):
    assert add(teachers_client, prompt=" \r\n ").status_code == 302
    assert Classroom.objects.get().prompt == ""


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [("x" * 4001, "at most 4,000 are allowed"), ("cat " * 900, "at most 63 are allowed")],
)
def test_a_prompt_that_no_session_could_start_with_is_refused(teachers_client, prompt, reason):
    assert reason in shown(add(teachers_client, prompt=prompt))
    assert not Classroom.objects.exists()


@pytest.mark.parametrize("model_id", ["", "gpt2"])
def test_a_class_can_be_prepared_before_any_model_is_here(teachers_client, tmp_path, model_id):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        assert add(teachers_client, model_id=model_id, prompt="The cat").status_code == 302
        assert "at most 4,000" in shown(add(teachers_client, model_id=model_id, prompt="x" * 4001))


def test_a_class_that_was_edited_keeps_its_code_and_members(teachers_client, classroom, member):
    teachers_client.post(change_url(classroom), fields(title="5b"))
    classroom.refresh_from_db()
    assert (classroom.title, classroom.code, classroom.prompt) == ("5b", "ABC234", "")
    assert classroom.members.get() == member


def test_a_superuser_sets_the_owner_and_a_teacher_does_not(
    admin, teachers_client, superuser, teacher, second_teacher, django_user_model
):
    django_user_model.objects.create_user("student")
    page = shown(admin.get(LIST_URL + "add/"))
    assert ">colleague</option>" in page
    assert ">student</option>" not in page
    add(admin, title="given", owner=second_teacher.pk)
    add(admin, title="kept", owner="")
    add(teachers_client, title="own", owner=second_teacher.pk)
    owners = dict(Classroom.objects.values_list("title", "owner__username"))
    assert owners == {"given": "colleague", "kept": "head", "own": "teacher"}
    own = Classroom.objects.get(title="own")
    change(teachers_client, own, owner=second_teacher.pk)
    own.refresh_from_db()
    assert own.owner == teacher
    assert 'name="owner"' not in shown(teachers_client.get(change_url(own)))
    admin.post(change_url(own), fields(owner=second_teacher.pk))
    own.refresh_from_db()
    assert own.owner == second_teacher


def test_the_list_of_classes_shows_title_code_model_state_members_and_end(
    teachers_client, classroom
):
    page = shown(teachers_client.get(LIST_URL))
    for column in ("title", "code", "model_used", "state", "num_members", "expires_at", "links"):
        assert f"field-{column}" in page
    assert "field-owner" not in page
    assert "ABC234" in page
    assert "The server&#x27;s default" in page
    assert f"/classrooms/{classroom.pk}/wall" in page
    assert f"/classrooms/{classroom.pk}/sheet" in page


def test_the_list_counts_members_and_links_to_their_sessions(
    admin, classroom, wheel_runtime, session_id
):
    joined = [classrooms.join_classroom(code="ABC234").session.session_id for _ in range(3)]
    wheel_runtime.store.delete(wheel_runtime.store.read(joined[0]))
    url = f"{SESSIONS_URL}?classroom={classroom.pk}"
    assert f'<a href="{url}">2</a>' in shown(admin.get(LIST_URL))
    page = shown(admin.get(url))
    assert joined[1] in page
    assert session_id not in page


def test_a_store_that_is_down_is_reported_and_the_list_stays(teachers_client, classroom, member):
    with store_down():
        page = shown(teachers_client.get(LIST_URL))
    assert "The place where sessions are kept does not answer" in page
    assert "ABC234" in page


@pytest.mark.parametrize(
    ("query", "is_found"),
    [("?q=abc234", True), ("?q=4B", True), ("?q=xyz", False), ("?state__exact=closed", False)]
    + [(f"?o={column}", True) for column in range(1, 7)],
)
def test_the_list_of_classes_can_be_searched_filtered_and_sorted(
    teachers_client, classroom, query, is_found
):
    assert ("ABC234" in shown(teachers_client.get(LIST_URL + query))) == is_found


def test_classes_are_opened_frozen_and_closed_from_the_list(teachers_client, classroom, teacher):
    other = Classroom.objects.create(owner=teacher, title="5a")
    for action, state, sentence in (
        ("freeze_classes", "frozen", "1 class is frozen."),
        ("close_classes", "closed", "1 class is closed."),
        ("open_classes", "open", "1 class is open."),
    ):
        assert sentence in shown(act(teachers_client, action, classroom))
        assert Classroom.objects.get(pk=classroom.pk).state == state
        assert Classroom.objects.get(pk=other.pk).state == "open"
    assert "2 classes are closed." in shown(act(teachers_client, "close_classes", classroom, other))


def test_a_button_of_the_form_leads_back_to_the_form(teachers_client, classroom):
    answer = act(teachers_client, "freeze_classes", classroom, from_form="1")
    assert answer.redirect_chain[-1][0] == change_url(classroom)
    answer = act(teachers_client, "copy_classes", classroom, from_form="1")
    assert answer.redirect_chain[-1][0] == change_url(Classroom.objects.latest("pk"))


def test_a_copy_has_the_lesson_and_a_code_of_its_own_and_no_members(
    teachers_client, classroom, member, teacher
):
    Classroom.objects.update(title="x" * 100, state="closed", top_k=7, locked=["top_k"], version=9)
    classroom.refresh_from_db()
    assert "1 class was copied." in shown(act(teachers_client, "copy_classes", classroom))
    copy = Classroom.objects.latest("pk")
    assert copy.title == "x" * 93 + " (copy)"
    assert (copy.prompt, copy.top_k, copy.locked) == ("The cat", 7, ["top_k"])
    assert copy.owner == teacher
    assert copy.state == "open"
    assert copy.code != classroom.code
    assert copy.seed != classroom.seed
    assert (copy.version, copy.members.count()) == (0, 0)
    assert classroom.members.count() == 1


def test_a_copy_by_a_superuser_stays_with_its_teacher(admin, classroom, teacher):
    act(admin, "copy_classes", classroom)
    assert Classroom.objects.latest("pk").owner == teacher


def test_a_user_with_only_the_view_permission_changes_nothing(
    wheel_runtime, classroom, django_user_model
):
    user = django_user_model.objects.create_user("assistant", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_classroom"))
    Classroom.objects.update(owner=user)
    client = logged_in(user)
    assert "ABC234" in shown(client.get(LIST_URL))
    assert "The cat" in shown(client.get(change_url(classroom)))
    before = Classroom.objects.values().get()
    for action in ("close_classes", "copy_classes", "delete_selected"):
        act(client, action, classroom, post="yes")
        assert Classroom.objects.values().get() == before
    assert client.post(f"{LIST_URL}preview/", {"prompt": "The cat"}).status_code == 200


def test_titles_prompts_and_questions_are_text_not_html(admin):
    add(
        admin,
        title="<script>alert(1)</script>",
        prompt="</textarea><script>alert(2)</script>",
        question="<script>alert(3)</script>",
    )
    classroom = Classroom.objects.get()
    session = classrooms.join_classroom(code=classroom.code).session
    for path in (
        LIST_URL,
        change_url(classroom),
        f"{LIST_URL}{classroom.pk}/delete/",
        f"/classrooms/{classroom.pk}/sheet",
        SESSIONS_URL,
        f"{SESSIONS_URL}{session.session_id}/change/",
        f"{SESSIONS_URL}{session.session_id}/delete/",
    ):
        assert "<script>alert" not in shown(admin.get(path))


def test_a_session_of_no_class_is_listed_as_such(admin, classroom, session_id):
    joined = classrooms.join_classroom(code="ABC234").session.session_id
    without = shown(admin.get(SESSIONS_URL + "?classroom=none"))
    assert session_id in without
    assert joined not in without
    assert services.get_session(session_id=joined).session.classroom_id == classroom.pk


def shown_form(client, classroom):
    """What a browser sends back for the form as it is shown now, with its hidden fields."""
    html = shown(client.get(change_url(classroom)))
    inputs = [one.attributes for one in find_all(html, "input")]
    hidden = [
        (one["name"], one.get("value", ""))
        for one in inputs
        if one.get("type") == "hidden" and one["name"].startswith("initial-")
    ]
    lists = {name: [value for other, value in hidden if other == name] for name, _ in hidden}
    expiry = timezone.localtime(classroom.expires_at)
    return lists | {
        **fields(title=classroom.title, prompt=classroom.prompt, **at(expiry)),
        "locked": classroom.locked,
        "question": classroom.question,
    }


def fields_of(classroom):
    """All fields as they are stored, without the version."""
    row = Classroom.objects.filter(pk=classroom.pk).values().get()
    return {name: value for name, value in row.items() if name != "version"}


def test_a_form_opened_before_changes_on_the_wall_undoes_none_of_them(
    teachers_client, classroom, member
):
    Classroom.objects.update(locked=["prompt", "top_k"], question="What is\nnext?")
    classroom.refresh_from_db()
    form = shown_form(teachers_client, classroom)
    classrooms.set_state(classroom, ClassState.FROZEN)
    classrooms.set_names_hidden(classroom, is_hidden=True)
    classrooms.set_prompt_for_all(classroom, "The dog")
    classrooms.set_expiry(classroom, classroom.expires_at + timedelta(days=1))
    before = fields_of(classroom)
    answer = teachers_client.post(change_url(classroom), form | {"title": "New title"})
    assert answer.status_code == 302
    assert fields_of(classroom) == before | {"title": "New title"}


def test_a_field_that_is_changed_in_the_form_is_written_though_the_wall_changed_it_too(
    teachers_client, classroom
):
    form = shown_form(teachers_client, classroom)
    classrooms.set_state(classroom, ClassState.FROZEN)
    teachers_client.post(change_url(classroom), form | {"state": "closed"})
    classroom.refresh_from_db()
    assert classroom.state == ClassState.CLOSED


def test_the_luck_of_a_class_with_members_stays(teachers_client, classroom, member):
    page = shown(teachers_client.get(change_url(classroom)))
    assert "Copy the class to play with the other kind of luck." in page
    assert 'name="luck"' not in page
    assert change(teachers_client, classroom, luck="shared").status_code == 302
    classroom.refresh_from_db()
    assert classroom.luck == Luck.OWN


def test_the_luck_of_a_class_without_members_can_be_changed(teachers_client, classroom):
    assert "Copy the class to play" not in shown(teachers_client.get(change_url(classroom)))
    change(teachers_client, classroom, luck="shared")
    classroom.refresh_from_db()
    assert classroom.luck == Luck.SHARED


def test_the_preview_is_for_those_who_may_see_the_form(teachers_client, teacher):
    teacher.groups.clear()
    assert teachers_client.post(LIST_URL + "preview/", fields(prompt="x")).status_code == 403
