"""POST /wheel/<id>/undo."""

from tests.pages.conftest import history


def test_an_undo_takes_the_last_token_back(visitor, wheel_page, session_id):
    wheel_page = visitor.send(visitor.send(wheel_page, "/spin"), "/spin")
    first, _ = history(session_id)
    html = visitor.send(wheel_page, "/undo").content.decode()
    assert history(session_id) == (first,)
    assert f'data-result-token-id="{first.token_id}"' in html


def test_an_undo_where_only_the_prompt_is_left_says_so(visitor, wheel_page):
    response = visitor.send(wheel_page, "/undo")
    assert response.status_code == 400
    assert "There is nothing to take back" in response.content.decode()


def test_an_undo_with_a_stale_revision_changes_nothing(visitor, wheel_page, session_id):
    visitor.send(wheel_page, "/spin")
    assert visitor.send(wheel_page, "/undo").status_code == 409
    assert len(history(session_id)) == 1


def test_an_undo_of_an_unknown_session_is_a_404(visitor):
    assert visitor.post("/wheel/nonsense/undo", {"rev": "1"}).status_code == 404
