"""The admin page of one session: figures and pictures; texts after a recorded click."""

import html
import re
import uuid
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from tests.admin.conftest import LIST_URL
from tests.api.fakes import changed_runtime, engine_that_raises, store_down, store_later
from wheel import services
from wheel.admin.session_steps import STEPS_PER_PAGE
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import EngineBusyError
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import SessionIndexEntry
from wheel.pages.words.tokens import token_name

PROMPT = "<b>cat</b> & <script>alert(1)</script>"
SVG = "{http://www.w3.org/2000/svg}"


def detail(client, session_id, query=""):
    answer = client.get(f"{LIST_URL}{session_id}/change/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def detail_with_text(client, session_id, **data):
    answer = client.post(f"{LIST_URL}{session_id}/text/", data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def picture(client, session_id, step):
    answer = client.get(f"{LIST_URL}{session_id}/wheels/{step}.svg")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    return ET.fromstring(answer.content)


def test_figures_are_shown_and_no_text(admin, session_id, wheel_runtime):
    drawn = services.spin(session_id=session_id, u=0.3).chosen
    page = detail(admin, session_id)
    assert html.escape(PROMPT) not in page
    assert "<code>" not in page
    assert "0.300000" in page
    assert f"<td>{drawn.rank}</td>" in page
    assert not LogEntry.objects.exists()


def test_the_text_is_shown_escaped_after_a_click_and_the_click_is_recorded(
    admin, session_id, superuser
):
    page = detail_with_text(admin, session_id)
    assert html.escape(PROMPT) in page
    assert "<script>alert" not in page
    assert "None yet." in page
    record = LogEntry.objects.get()
    assert (record.user, record.object_id) == (superuser, session_id)
    assert "cat" not in str(LogEntry.objects.values().get())


def test_a_reload_hides_the_text_again(admin, session_id, member):
    assert html.escape(PROMPT) in detail_with_text(admin, session_id)
    assert html.escape(PROMPT) not in detail(admin, session_id)
    admin.post(f"{LIST_URL}{session_id}/text/")
    assert "The cat" not in detail(admin, member.session_id)  # another session's page


def test_the_address_of_the_text_alone_shows_nothing(admin, session_id):
    answer = admin.get(f"{LIST_URL}{session_id}/text/", follow=True)
    assert html.escape(PROMPT) not in answer.content.decode()
    assert not LogEntry.objects.exists()


def test_the_tokens_are_shown_as_they_are_now(admin, session_id, wheel_runtime):
    drawn = services.spin(session_id=session_id, u=0.3).chosen
    tokenizer = wheel_runtime.catalog.tokenizer("gpt2")
    picked = tokenizer.find_token("<")
    services.append_token(session_id=session_id, token_id=picked.token_id)
    page = detail_with_text(admin, session_id)
    for token in (tokenizer.token(drawn.token_id), picked):
        assert f"<code>{token_name(token)}</code>" in page
    assert ">&lt;</bdi>" in page
    assert "picked by hand" in page


def test_settings_are_named_where_they_are_not_neutral(admin, session_id):
    services.next_wheel(session_id=session_id, settings=WheelSettings(temperature=0.7, top_k=40))
    services.spin(session_id=session_id, u=0.3)
    assert "temperature 0.7, top_k 40" in detail(admin, session_id)


def test_the_picture_of_a_step_is_its_wheel_with_the_pointer_at_u(admin, session_id):
    services.next_wheel(session_id=session_id, settings=WheelSettings(threshold=0.05))
    view = services.next_wheel(session_id=session_id, is_stored=False)
    services.spin(session_id=session_id, u=0.25)
    services.spin(session_id=session_id, u=0.5)
    drawing = picture(admin, session_id, 1)
    segments = drawing.find(f"{SVG}g").findall(f"{SVG}path")
    assert len(segments) == len([one for one in view.wheel.segments if one.end > one.start])
    assert drawing.findall(f"{SVG}path")[-1].get("d") == "M60.00 -0.00L104.00 -0.00"
    assert "title" not in ET.tostring(drawing).decode()


def test_the_picture_of_a_picked_token_has_no_pointer(admin, session_id):
    services.append_token(session_id=session_id, token_id=5)
    assert len(picture(admin, session_id, 1).findall(f"{SVG}path")) == 1


@pytest.mark.parametrize("step", [0, 2, 10**30])
def test_there_is_no_picture_of_a_step_that_does_not_exist(admin, session_id, step):
    services.spin(session_id=session_id, u=0.3)
    assert admin.get(f"{LIST_URL}{session_id}/wheels/{step}.svg").status_code == 404


def test_without_an_engine_the_figures_are_shown_all_the_same(admin, session_id):
    services.spin(session_id=session_id, u=0.3)
    with engine_that_raises(EngineBusyError()):
        assert "0.300000" in detail(admin, session_id)
        assert admin.get(f"{LIST_URL}{session_id}/wheels/1.svg").status_code == 503


def test_many_steps_are_on_pages_and_none_of_them_takes_a_forward_pass(
    admin, session_id, wheel_runtime
):
    chosen = services.spin(session_id=session_id, u=0.3).chosen
    stored = wheel_runtime.store.read(session_id)
    history = (chosen,) * (2 * STEPS_PER_PAGE + 1)
    wheel_runtime.store.replace(stored, replace(stored.session, history=history))
    with engine_that_raises(EngineBusyError()):
        for query, steps in (("", (1, 50)), ("?page=2", (51, 100)), ("?page=3", (101, 101))):
            found = re.findall(r"wheels/(\d+)\.svg", detail(admin, session_id, query))
            assert (int(found[0]), int(found[-1])) == steps
        page = detail_with_text(admin, session_id, page="3")
    assert re.findall(r"wheels/(\d+)\.svg", page) == ["101"]
    assert html.escape(PROMPT) in page


def test_reading_a_session_in_the_admin_does_not_prolong_it(admin, session_id):
    with store_later(minutes=50):
        assert html.escape(PROMPT) in detail_with_text(admin, session_id)
    with store_later(minutes=62):
        assert "Session does not exist" in detail(admin, session_id)


def test_a_session_deleted_meanwhile_is_reported(admin, session_id, wheel_runtime):
    wheel_runtime.store.delete(wheel_runtime.store.read(session_id))
    assert "Session does not exist" in detail(admin, session_id)


def test_a_store_that_is_down_is_reported(admin, session_id):
    with store_down():
        assert "The place where sessions are kept does not answer" in detail(admin, session_id)


def test_a_missing_model_is_reported(admin, session_id, tmp_path):
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        assert "download_models gpt2" in detail(admin, session_id)


@pytest.mark.parametrize("tail", ["change/", "text/", "wheels/1.svg"])
@pytest.mark.parametrize("session_id", ["7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57", "x", "_22", "%00"])
def test_an_unknown_session_leads_back_with_a_message(admin, session_id, tail):
    answer = admin.get(f"{LIST_URL}{session_id}/{tail}")
    assert answer.status_code == 302
    assert answer["Location"] == "/admin/"


def test_a_session_cannot_be_edited(admin, session_id):
    page = detail(admin, session_id)
    assert 'name="_save"' not in page
    before = SessionIndexEntry.objects.values().get()
    data = {"model_id": "x", "num_tokens": 99, "session_id": str(uuid.uuid4())}
    answer = admin.post(f"{LIST_URL}{session_id}/change/", data)
    assert answer.status_code in (302, 403)
    assert SessionIndexEntry.objects.values().get() == before


def test_the_pages_of_the_admin_need_no_foreign_origin(admin, session_id):
    page = detail(admin, session_id)
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_a_teacher_without_the_group_leaves_no_record_of_a_text_shown(
    teachers_client, teacher, member
):
    teacher.groups.clear()
    address = f"{LIST_URL}{member.session_id}/"
    assert teachers_client.post(f"{address}text/").status_code == 403
    assert teachers_client.get(f"{address}wheels/1.svg").status_code in (302, 403)
    assert not LogEntry.objects.exists()


def test_the_permission_for_classes_alone_shows_no_text_and_no_picture(
    teachers_client, teacher, member
):
    services.refresh_session_index()
    teacher.groups.clear()
    teacher.user_permissions.add(Permission.objects.get(codename="view_classroom"))
    address = f"{LIST_URL}{member.session_id}/"
    assert teachers_client.post(f"{address}text/").status_code == 403
    assert teachers_client.get(f"{address}wheels/1.svg").status_code == 403
    assert not LogEntry.objects.exists()
