"""A flood is stopped, and harms nobody else, also behind one address."""

import uuid

import pytest
from django.test import Client
from limits import parse

from tests.api.helpers import assert_error
from tests.conftest import ApiClient
from tokenwheel.middleware.throttling import KnownSessions


@pytest.fixture
def limited(settings, wheel_runtime, db):
    """Makes clients of a server with these limits; middleware reads them as it is made."""

    def with_limits(make=ApiClient, **limits):
        settings.LIMITS = {name: parse(limit) for name, limit in limits.items()}
        api = make()

        def another(address):
            client = make(REMOTE_ADDR=address)
            client.handler = api.handler  # the same server
            return client

        api.another = another
        return api

    return with_limits


def statuses(call, times):
    return [call().status_code for _ in range(times)]


def test_a_flood_on_one_session_is_stopped_and_its_neighbours_are_not(limited):
    api = limited(session="5/minute", address="100/minute")
    flooded, other = (f"/api/sessions/{api.start('The cat')}" for _ in range(2))
    assert 429 in statuses(lambda: api.get(flooded), 6)
    assert_error(api.get(flooded), 429, "throttled")
    assert statuses(lambda: api.get(other), 4) == [200] * 4


def test_the_answer_says_when_to_try_again(limited):
    api = limited(address="1/minute")
    api.get("/api/models")
    answer = api.get("/api/models", headers={"Origin": "https://notebook.example"})
    assert_error(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer["Access-Control-Allow-Origin"] == "*"  # so that a page elsewhere can read it


def test_whoever_has_a_wheel_keeps_it_while_a_neighbour_floods_the_address(limited):
    api = limited(session="1000/minute", address="20/minute")
    url = f"/api/sessions/{api.start('The cat')}"
    assert api.get(url).status_code == 200
    for _ in range(50):
        api.get(f"/api/sessions/{uuid.uuid4()}")
    assert api.get("/api/models").status_code == 429
    assert statuses(lambda: api.post_json(f"{url}/spin"), 10) == [200] * 10


@pytest.mark.parametrize("method", ["options", "put", "get", "delete"])
def test_an_id_that_was_made_up_counts_against_the_address_whatever_is_done_with_it(
    limited, method
):
    api = limited(address="5/minute")
    made_up = f"/api/sessions/{uuid.uuid4()}"
    assert 429 in statuses(lambda: getattr(api, method)(made_up), 8)


def test_a_session_is_one_however_its_id_is_written(limited):
    api = limited(session="6/minute")
    session_id = api.start()
    for text in (session_id.upper(), session_id.replace("-", ""), session_id):
        statuses(lambda text=text: api.get(f"/api/sessions/{text}"), 2)
    assert api.get(f"/api/sessions/{session_id}").status_code == 429


def test_starting_sessions_without_end_is_stopped(limited):
    api = limited(starts="3/minute")
    assert statuses(lambda: api.post_json("/api/sessions"), 5) == [201, 201, 201, 429, 429]
    assert api.get("/api/models").status_code == 200


def test_another_address_is_another_client(limited):
    api = limited(address="3/minute")
    assert 429 in statuses(lambda: api.get("/api/models"), 4)
    assert api.another("192.0.2.8").get("/api/models").status_code == 200


def test_all_addresses_of_one_ipv6_network_are_one_client(limited):
    api = limited(address="2/minute")
    for last in ("1", "2"):
        api.another(f"2001:db8:0:7::{last}").get("/api/models")
    assert api.another("2001:db8:0:7:ffff::3").get("/api/models").status_code == 429
    assert api.another("2001:db8:0:8::3").get("/api/models").status_code == 200


def test_guessing_a_password_is_stopped_and_keeps_nobody_else_from_logging_in(limited, admin_user):
    client = limited(Client, logins="3/minute")

    def log_in(username, password):
        return client.post(
            "/admin/login/", {"username": username, "password": password}
        ).status_code

    assert [log_in("teacher", str(guess)) for guess in range(4)] == [200, 200, 200, 429]
    assert log_in("admin", "password") == 302


def test_probes_and_files_are_not_counted(limited):
    api = limited(address="1/minute")
    for path in ("/health", "/ready", "/static/css/none.css"):
        assert 429 not in statuses(lambda path=path: api.get(path), 3)
    assert 429 in statuses(lambda: api.get("/healthy"), 3)


def test_a_page_says_it_in_words_and_a_part_of_a_page_beside_the_wheel(limited):
    client = limited(Client, address="1/minute")
    client.get("/")
    page = client.get("/")
    assert page.status_code == 429
    assert page["Retry-After"]
    assert "very fast" in page.content.decode()
    part = client.get("/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Retarget"]) == (429, "#problem")


def test_without_limits_nothing_is_counted(limited):
    api = limited()
    assert statuses(lambda: api.get("/api/models"), 50) == [200] * 50


def test_known_sessions_do_not_grow_without_end():
    known = KnownSessions(max_size=3)
    for name in "abcad":
        known.add(name)
    assert [name in known for name in "abcd"] == [True, False, True, True]
    assert len(known) == 3
