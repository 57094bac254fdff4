"""POST /api/sessions/{id}/undo."""

from tests.api.helpers import (
    CHOSEN_FIELDS,
    append,
    assert_error,
    new_session,
    ranked_tokens,
    spin,
    state,
)


def undo(api, url):
    answer = api.post_json(f"{url}/undo")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_an_undo_removes_the_last_token(api, session_url):
    before = state(api, session_url)
    change = append(api, session_url, token_id=7)
    undone = undo(api, session_url)
    assert set(undone) >= {
        "session_id",
        "previous_text",
        "removed_token",
        "current_text",
        "token_history",
        "message",
    }
    assert set(undone["removed_token"]) >= CHOSEN_FIELDS
    assert undone["removed_token"] == change["appended_token"]
    assert undone["previous_text"] == change["current_text"]
    assert undone["current_text"] == change["previous_text"] == "The cat sat on the"
    assert undone["token_history"] == []
    assert undone["message"] == "Last token removed successfully"
    assert state(api, session_url) == before | {"rev": before["rev"] + 2}


def test_undos_remove_tokens_one_by_one_down_to_the_prompt(api, session_url):
    texts = [spin(api, session_url, u=u)["previous_text"] for u in (0.1, 0.5, 0.9)]
    for text in reversed(texts):
        assert undo(api, session_url)["current_text"] == text
    error = assert_error(api.post_json(f"{session_url}/undo"), 400, "nothing_to_undo")
    assert error["detail"]
    assert state(api, session_url)["current_text"] == "The cat sat on the"


def test_the_other_items_of_the_history_stay_as_they_were(api, session_url):
    spin(api, session_url, u=0.1)
    history = spin(api, session_url, u=0.5)["token_history"]
    spin(api, session_url, u=0.9)
    assert undo(api, session_url)["token_history"] == history


def test_nothing_can_be_undone_before_a_prompt_or_after_a_new_one(api, session_url):
    assert_error(api.post_json(f"{new_session(api, prompt=None)}/undo"), 400, "nothing_to_undo")
    spin(api, session_url)
    api.post_json(f"{session_url}/set-prompt", {"prompt": "Once"})
    assert_error(api.post_json(f"{session_url}/undo"), 400, "nothing_to_undo")


def test_the_wheel_after_an_undo_is_the_wheel_before(api, session_url):
    before = ranked_tokens(api, session_url)
    append(api, session_url, token_id=7)
    assert ranked_tokens(api, session_url) != before
    undo(api, session_url)
    assert ranked_tokens(api, session_url) == before


def test_an_undone_end_of_text_has_not_ended_the_text(api, session_url):
    append(api, session_url, token_id=0)
    assert undo(api, session_url)["ended"] is False


def test_an_undone_draw_is_not_drawn_again(api):
    url = new_session(api, seed=7)
    first = spin(api, url)["spin"]["u"]
    undo(api, url)
    assert spin(api, url)["spin"]["u"] != first


def test_an_undo_needs_no_body(api, session_url):
    spin(api, session_url)
    assert api.generic("POST", f"{session_url}/undo").status_code == 200
