"""The admin page of one session, read live from the store."""

import html
import uuid

import pytest

from tests.admin.conftest import LIST_URL
from tests.api.fakes import changed_runtime, store_down, store_later
from wheel import services
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import SessionIndexEntry
from wheel.pages.words.tokens import token_name

PROMPT = "<b>cat</b> & <script>alert(1)</script>"


def detail(client, session_id):
    answer = client.get(f"{LIST_URL}{session_id}/change/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_live_text_is_shown_escaped(admin, session_id):
    page = detail(admin, session_id)
    assert html.escape(PROMPT) in page
    assert "<script>alert" not in page
    assert "None yet." in page


def test_the_history_is_shown_as_it_is_now(admin, session_id, wheel_runtime):
    drawn = services.spin(session_id=session_id, u=0.3).chosen
    tokenizer = wheel_runtime.catalog.tokenizer("gpt2")
    picked = tokenizer.find_token("<")
    services.append_token(session_id=session_id, token_id=picked.token_id)
    page = detail(admin, session_id)
    for token in (tokenizer.token(drawn.token_id), picked):
        assert f"<code>{token_name(token)}</code>" in page
    assert ">&lt;</bdi>" in page
    assert f"<td>{drawn.prob:.6f}</td>" in page
    assert "spun" in page
    assert "chosen" in page


def test_reading_a_session_in_the_admin_does_not_prolong_it(admin, session_id):
    with store_later(minutes=50):
        assert html.escape(PROMPT) in detail(admin, session_id)
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


@pytest.mark.parametrize("session_id", ["7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57", "x", "_22", "%00"])
def test_an_unknown_session_leads_back_with_a_message(admin, session_id):
    answer = admin.get(f"{LIST_URL}{session_id}/change/")
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
