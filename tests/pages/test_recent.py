"""The cookie with the last wheels, and their list on the start page."""

import uuid
from datetime import timedelta

import pytest

from tests.api.fakes import changed_runtime, store_down, store_later
from tests.pages.conftest import start_session
from wheel import services
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2
from wheel.models import Classroom
from wheel.pages.recent import RecentWheel

HEADING = "Continue where you left off"
GONE = "7d0c1c0e-5b6f-4f0e-9a43-2f6d8e1b3a57"


def cookie_of(visitor):
    """The ids in the visitor's cookie; None where there is no cookie."""
    cookie = visitor.cookies.get("last_wheels")
    return cookie.value.split(".") if cookie and cookie.value else None


def set_cookie(visitor, *session_ids):
    visitor.cookies["last_wheels"] = ".".join(session_ids)


def listed(visitor):
    """The ids of the wheels that the start page lists, in order."""
    page = visitor.get("/")
    assert page.status_code == 200
    wheels = page.context["recent_wheels"]
    assert (HEADING in page.content.decode()) == bool(wheels)
    return [wheel.session_id for wheel in wheels]


def test_a_new_visitor_is_told_nothing_and_gets_no_cookie(visitor):
    assert listed(visitor) == []
    assert cookie_of(visitor) is None


def test_a_started_wheel_is_remembered_and_listed_with_a_link(visitor):
    response = visitor.send(visitor.get("/"), "/", follow=False, prompt="The <b>dog")
    session_id = response["Location"].removeprefix("/wheel/")
    assert cookie_of(visitor) == [session_id]
    html = visitor.get("/").content.decode()
    assert f'href="/wheel/{session_id}"' in html
    assert "The &lt;b&gt;dog" in html
    num_tokens = services.get_session(session_id=session_id).session.num_tokens
    assert f"GPT-2 · {num_tokens} tokens" in html


def test_a_class_that_was_joined_is_remembered(visitor):
    Classroom.objects.create(title="4b", code="ABC234")
    response = visitor.post("/join", {"code": "ABC234"})
    assert cookie_of(visitor) == [response["Location"].removeprefix("/wheel/")]
    assert "No text yet" in visitor.get("/").content.decode()


def test_a_wheel_that_was_only_opened_is_remembered_under_its_one_name(visitor, session_id):
    visitor.get(f"/wheel/{session_id.upper()}")
    assert cookie_of(visitor) == [session_id]


def test_the_last_three_wheels_are_kept_the_newest_first_and_none_twice(visitor):
    ids = [start_session() for _ in range(4)]
    for session_id in (*ids, ids[2]):
        visitor.get(f"/wheel/{session_id}")
    assert cookie_of(visitor) == [ids[2], ids[3], ids[1]]
    assert listed(visitor) == [ids[2], ids[3], ids[1]]


def test_the_cookie_is_for_the_server_alone_and_lives_as_long_as_a_session(visitor, wheel_page):
    cookie = wheel_page.cookies["last_wheels"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 3600
    assert cookie["path"] == "/"
    assert not cookie["secure"]


def test_a_cookie_set_over_https_is_sent_only_over_https(visitor, session_id):
    assert visitor.get(f"/wheel/{session_id}", secure=True).cookies["last_wheels"]["secure"]


def test_a_next_wheel_renews_the_cookie_so_that_it_lasts_as_long_as_the_session(
    visitor, wheel_page, session_id
):
    answer = visitor.get(f"/wheel/{session_id}", headers={"HX-Request": "true"})
    assert answer.cookies["last_wheels"].value == session_id


def test_a_wheel_that_is_not_there_is_not_remembered(visitor):
    assert visitor.get(f"/wheel/{GONE}").status_code == 404
    assert cookie_of(visitor) is None


def test_a_wheel_that_is_gone_is_left_out_of_the_list_and_of_the_cookie(visitor, session_id):
    deleted = start_session()
    set_cookie(visitor, deleted, session_id, GONE)
    services.delete_session(session_id=deleted)
    assert listed(visitor) == [session_id]
    assert cookie_of(visitor) == [session_id]


def test_when_all_recent_wheels_are_gone_the_cookie_is_deleted(visitor):
    set_cookie(visitor, GONE)
    assert listed(visitor) == []
    assert cookie_of(visitor) is None


def test_while_all_recent_wheels_exist_the_start_page_leaves_the_cookie_alone(visitor, session_id):
    set_cookie(visitor, session_id)
    assert "last_wheels" not in visitor.get("/").cookies


def test_the_list_of_a_server_at_the_root_of_the_site_is_left_alone(visitor, session_id, settings):
    """Browsers send its cookie to a server under a prefix too."""
    set_cookie(visitor, GONE)
    settings.WHEEL_COOKIE_NAME = "tokenwheel_last_wheels"
    visitor.get(f"/wheel/{session_id}")
    assert visitor.cookies["tokenwheel_last_wheels"].value == session_id
    assert listed(visitor) == [session_id]
    assert cookie_of(visitor) == [GONE]


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "..", "a.b.c", "../etc", "%00", "<script>", '"', "." * 5000, f"{{{GONE}}}", "é"],
)
def test_a_cookie_that_makes_no_sense_is_ignored(visitor, cookie):
    set_cookie(visitor, cookie)
    assert listed(visitor) == []
    assert cookie_of(visitor) is None


def test_of_a_cookie_that_makes_half_sense_the_sense_is_taken(visitor, session_id):
    set_cookie(visitor, "x", session_id, session_id)
    assert listed(visitor) == [session_id]


def test_a_cookie_that_is_too_long_is_not_looked_at(visitor, session_id):
    set_cookie(visitor, *[session_id] * 4)
    assert listed(visitor) == []
    visitor.get(f"/wheel/{session_id}")
    assert cookie_of(visitor) == [session_id]


def test_listing_a_session_does_not_prolong_its_life(visitor, session_id):
    set_cookie(visitor, session_id)
    with store_later(minutes=50):
        assert listed(visitor) == [session_id]
    with store_later(minutes=62):
        assert listed(visitor) == []


def test_a_store_that_is_down_leaves_the_start_page_and_the_cookie_as_they_are(visitor, session_id):
    set_cookie(visitor, session_id)
    with store_down():
        assert listed(visitor) == []
    assert listed(visitor) == [session_id]


def test_a_session_whose_model_is_not_here_is_not_listed_but_not_forgotten(
    visitor, session_id, tmp_path
):
    set_cookie(visitor, session_id)
    with changed_runtime(catalog=ModelCatalog([GPT2], tmp_path)):
        assert listed(visitor) == []
    assert listed(visitor) == [session_id]


def test_all_recent_wheels_are_read_at_once(visitor, wheel_runtime, monkeypatch):
    ids = [start_session() for _ in range(3)]
    set_cookie(visitor, *ids)
    asked = []
    load_many = wheel_runtime.store.load_many

    def noted(session_ids):
        asked.append(session_ids)
        return load_many(session_ids)

    monkeypatch.setattr(wheel_runtime.store, "load_many", noted)
    assert listed(visitor) == ids
    assert asked == [ids]


def test_recent_wheels_are_listed_beside_a_refused_prompt_too(visitor, wheel_page):
    response = visitor.post("/", {"prompt": ""})
    assert response.status_code == 400
    assert HEADING in response.content.decode()


def test_the_cookie_lives_as_long_as_the_settings_say(visitor, session_id, store):
    store.ttl = timedelta(days=30)
    cookie = visitor.get(f"/wheel/{session_id}").cookies["last_wheels"]
    assert cookie["max-age"] == 30 * 24 * 3600


def recent_wheel(text):
    return RecentWheel(str(uuid.uuid4()), text, "GPT-2", 5)


def test_of_a_long_text_the_end_is_shown_from_the_beginning_of_a_word():
    ending = recent_wheel("Once upon a time, " * 20 + "the end").ending
    assert ending.startswith("…")
    assert ending.endswith("a time, the end")
    assert len(ending) <= 91
    assert ending[1:].split()[0] in ("Once", "upon", "a", "time,")


def test_a_long_text_without_spaces_is_cut_all_the_same():
    assert recent_wheel("日" * 200).ending == "…" + "日" * 90


def test_a_short_text_is_shown_whole_and_in_its_direction():
    assert recent_wheel(" The cat\n").ending == "The cat"
    assert recent_wheel("مرحبا").text_direction == "rtl"
