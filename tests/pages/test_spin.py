"""POST /wheel/<id>/spin."""

import pytest

from tests.pages.conftest import history, start_session
from wheel import services
from wheel.domain.spin import draw_u


def test_without_javascript_a_spin_is_a_post_a_redirect_and_a_page(visitor, wheel_page, session_id):
    response = visitor.send(wheel_page, "/spin", follow=False)
    assert response.status_code == 302
    assert response["Location"] == f"/wheel/{session_id}#dial"
    assert len(history(session_id)) == 1


def test_the_page_after_a_spin_shows_the_result_and_its_receipt(visitor, wheel_page, session_id):
    html = visitor.send(wheel_page, "/spin").content.decode()
    (chosen,) = history(session_id)
    assert f'data-result-token-id="{chosen.token_id}"' in html
    assert "bits of surprise" in html
    assert repr(draw_u(seed=1, draw_idx=0)) in html


def test_a_spin_from_the_grey_says_so(visitor):
    session_id = start_session()
    page = visitor.get(f"/wheel/{session_id}?threshold=1")
    assert "stopped in Other" in visitor.send(page, "/spin").content.decode()


def test_the_settings_of_the_wheel_on_show_hold_even_if_another_tab_has_changed_them(
    visitor, wheel_page, session_id
):
    visitor.get(f"/wheel/{session_id}", {"temperature": "9"})
    visitor.send(wheel_page, "/spin")
    assert history(session_id)[0].settings.temperature == 1.0


def test_the_second_click_of_two_changes_nothing_and_is_told(visitor, wheel_page, session_id):
    visitor.send(wheel_page, "/spin")
    response = visitor.send(wheel_page, "/spin")
    assert response.status_code == 409
    assert "The text has moved on" in response.content.decode()
    assert len(history(session_id)) == 1


def test_the_page_of_a_stale_click_carries_the_wheel_as_it_is(visitor, wheel_page, session_id):
    visitor.send(wheel_page, "/spin")
    stale = visitor.send(wheel_page, "/spin")
    assert visitor.send(stale, "/spin").status_code == 200
    assert len(history(session_id)) == 2


@pytest.mark.parametrize("rev", ["", "x", "1.5", "-1", "9" * 5000, "nan", None])
def test_a_spin_with_a_bad_revision_changes_nothing(visitor, session_id, rev):
    fields = {} if rev is None else {"rev": rev}
    response = visitor.post(f"/wheel/{session_id}/spin", fields)
    assert response.status_code in (400, 409)
    assert history(session_id) == ()


@pytest.mark.parametrize("temperature", ["nan", "0", "x", "1e999"])
def test_a_spin_with_bad_settings_changes_nothing(visitor, wheel_page, session_id, temperature):
    response = visitor.send(wheel_page, "/spin", temperature=temperature)
    assert response.status_code == 400
    assert history(session_id) == ()


def test_a_u_from_outside_is_not_looked_at(visitor, wheel_page, session_id):
    assert visitor.send(wheel_page, "/spin", u="0.5").status_code == 200
    assert history(session_id)[0].u == draw_u(seed=1, draw_idx=0)


def test_a_spin_of_an_unknown_session_is_a_404(visitor):
    assert visitor.post("/wheel/nonsense/spin", {"rev": "1"}).status_code == 404


def test_looking_at_the_address_of_a_spin_leads_to_the_wheel(visitor, session_id):
    response = visitor.get(f"/wheel/{session_id}/spin")
    assert response.status_code == 302
    assert history(session_id) == ()


def test_a_form_without_its_token_is_refused_in_plain_words(session_id):
    from tests.pages.conftest import Visitor

    response = Visitor(enforce_csrf_checks=True).post(f"/wheel/{session_id}/spin", {"rev": "1"})
    assert response.status_code == 403
    assert "too old to be sent" in response.content.decode()
    assert history(session_id) == ()


def test_the_forms_of_the_page_carry_the_token(session_id):
    from tests.pages.conftest import Visitor

    strict = Visitor(enforce_csrf_checks=True)
    page = strict.get(f"/wheel/{session_id}")
    assert strict.send(page, "/spin").status_code == 200
    assert len(services.get_session(session_id=session_id).session.history) == 1


def test_another_tab_s_knobs_do_not_reshape_this_page_s_next_wheel(api, session_url):
    session_id = session_url.rpartition("/")[2]
    url = f"/wheel/{session_id}"
    api.get(url, {"temperature": "2.5"})
    knobs = {"temperature": "1", "threshold": "0.01", "top_k": "0", "top_p": "1", "min_p": "0"}
    htmx = {"HX-Request": "true"}
    assert api.post(f"{url}/spin", knobs | {"rev": 1}, headers=htmx).status_code == 200
    assert api.get(url, knobs, headers=htmx).status_code == 200
    assert api.get(session_url).json()["settings"]["temperature"] == 1
