"""Rate limits stop a flood and leave other sessions and addresses alone."""

import uuid
from urllib.parse import urlencode

import pytest
from django.test import Client
from limits import parse

from tests.api.classes import new_classroom
from tests.api.helpers import assert_error
from tests.conftest import ApiClient
from tests.pages.conftest import start_session
from tokenwheel.middleware.costs import COSTS
from tokenwheel.middleware.counters import MemoryCounters
from tokenwheel.middleware.known_keys import LocalKnownKeys


@pytest.fixture
def limited(settings, wheel_runtime, db):
    """Make a client of a server that has these limits: middleware reads them when it is built."""

    def with_limits(make=ApiClient, **limits):
        settings.LIMITS = {name: parse(limit) for name, limit in limits.items()}
        api = make()

        def client_at(address):
            client = make(REMOTE_ADDR=address)
            client.handler = api.handler  # the same server
            return client

        api.client_at = client_at
        return api

    return with_limits


def statuses(call, times):
    return [call().status_code for _ in range(times)]


def test_a_flood_on_one_session_is_stopped_and_other_sessions_go_on(limited):
    api = limited(session="5/hour", address="100/hour")
    flooded, other = (f"/api/sessions/{api.start('The cat')}" for _ in range(2))
    assert 429 in statuses(lambda: api.get(flooded), 6)
    assert_error(api.get(flooded), 429, "throttled")
    assert statuses(lambda: api.get(other), 4) == [200] * 4


@pytest.mark.parametrize(("num_steps", "num_spare"), [(1, 5), (2, 0)])
def test_the_steps_of_a_knob_count_as_five_requests_of_their_session(limited, num_steps, num_spare):
    api = limited(session="10/hour")
    session_id = start_session(prompt="The cat")
    steps = f"/wheel/{session_id}/knob-steps?knob=top_k"
    assert statuses(lambda: api.get(steps), num_steps) == [200] * num_steps
    assert statuses(lambda: api.get(f"/api/sessions/{session_id}"), num_spare) == [200] * num_spare
    answer = api.get(steps)
    assert_error(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 3600


def test_a_limit_below_the_weight_of_a_request_admits_one(limited):
    api = limited(session="2/hour")
    steps = f"/wheel/{start_session(prompt='The cat')}/knob-steps?knob=top_k"
    assert statuses(lambda: api.get(steps), 2) == [200, 429]


def test_a_throttled_answer_says_when_to_try_again(limited):
    api = limited(address="1/hour")
    api.get("/api/models")
    answer = api.get("/api/models", headers={"Origin": "https://notebook.example"})
    assert_error(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 3600
    assert answer["Access-Control-Allow-Origin"] == "*"  # so that a page elsewhere can read it


def test_a_known_session_goes_on_while_its_address_is_flooded(limited):
    api = limited(session="1000/hour", address="20/hour")
    url = f"/api/sessions/{api.start('The cat')}"
    assert api.get(url).status_code == 200
    for _ in range(50):
        api.get(f"/api/sessions/{uuid.uuid4()}")
    assert api.get("/api/models").status_code == 429
    assert statuses(lambda: api.post_json(f"{url}/spin"), 10) == [200] * 10


@pytest.mark.parametrize("method", ["options", "put", "get", "delete"])
def test_a_made_up_session_id_counts_against_the_address_with_every_method(limited, method):
    api = limited(address="5/hour")
    made_up = f"/api/sessions/{uuid.uuid4()}"
    assert 429 in statuses(lambda: getattr(api, method)(made_up), 8)


def test_every_spelling_of_a_session_id_counts_against_the_same_session(limited):
    api = limited(session="6/hour")
    session_id = api.start()
    for text in (session_id.upper(), session_id.replace("-", ""), session_id):
        statuses(lambda text=text: api.get(f"/api/sessions/{text}"), 2)
    assert api.get(f"/api/sessions/{session_id}").status_code == 429


@pytest.mark.parametrize("tail", ["/nothing", "/spin/", "/"])
@pytest.mark.parametrize("prefix", ["/api/sessions/", "/wheel/"])
def test_an_unknown_path_below_a_known_session_counts_against_the_address(limited, prefix, tail):
    api = limited(address="4/hour")
    session_id = api.start()
    assert api.get(f"/api/sessions/{session_id}").status_code == 200
    assert statuses(lambda: api.get(f"/api/sessions/{session_id}"), 5) == [200] * 5
    assert 429 in statuses(lambda: api.get(f"{prefix}{session_id}{tail}"), 5)


@pytest.mark.parametrize(
    "spell", [str.upper, lambda text: text.replace("-", "")], ids=["upper case", "no dashes"]
)
@pytest.mark.parametrize("prefix", ["/api/sessions/", "/wheel/"])
def test_a_known_session_is_known_under_every_spelling_of_its_id(limited, prefix, spell):
    api = limited(address="3/hour")
    session_id = api.start()
    assert api.get(f"/api/sessions/{session_id}").status_code == 200
    assert 429 in statuses(lambda: api.get("/api/models"), 3)
    assert api.get(f"{prefix}{spell(session_id)}").status_code == 200


def test_a_deleted_session_counts_against_the_address_again(limited):
    api = limited(address="4/hour")
    url = f"/api/sessions/{api.start()}"
    assert statuses(lambda: api.get(url), 5) == [200] * 5
    api.delete(url)
    assert api.get(url).status_code == 404
    assert 429 in statuses(lambda: api.get(url), 4)


def test_starts_of_sessions_are_limited_per_address(limited):
    api = limited(starts="3/hour")
    assert statuses(lambda: api.post_json("/api/sessions"), 5) == [201, 201, 201, 429, 429]
    assert api.get("/api/models").status_code == 200
    assert api.client_at("192.0.2.8").post_json("/api/sessions").status_code == 201


@pytest.mark.parametrize("path", ["/", "/join", "/api/sessions", "/api/classrooms/ABC234/sessions"])
def test_every_way_to_start_a_session_is_limited(limited, path):
    client = limited(Client, starts="2/hour")
    new_classroom(code="ABC234")
    assert 429 not in statuses(lambda: client.get(path), 4)
    assert statuses(lambda: client.post(path, {"code": "ABC234", "is_another": "on"}), 3)[2] == 429


CODE_CALLS = {
    "look up": lambda api, code: api.get(f"/api/classrooms/{code}"),
    "look up by HEAD": lambda api, code: api.head(f"/api/classrooms/{code}"),
    "join": lambda api, code: api.post_json(f"/api/classrooms/{code}/sessions"),
    "look up on the page": lambda api, code: api.get(f"/join?code={code}"),
    "join on the page": lambda api, code: api.post("/join", {"code": code, "is_another": "on"}),
}
every_code_call = pytest.mark.parametrize("call", CODE_CALLS.values(), ids=CODE_CALLS)


@every_code_call
def test_wrong_codes_are_limited_and_a_right_one_is_answered_all_the_same(limited, call):
    api = limited(codes="3/hour")
    new_classroom(code="ABC234")
    assert statuses(lambda: call(api, "XYZ234"), 5) == [404] * 3 + [429] * 2
    assert 1 <= int(call(api, "ABC23")["Retry-After"]) <= 3600
    assert statuses(lambda: call(api, "abc-234"), 5) == [call(api, "ABC234").status_code] * 5
    assert call(api, "ABC234").status_code in (200, 201, 302)
    assert call(api, "XYZ234").status_code == 429


def test_wrong_codes_are_counted_together_wherever_they_are_sent(limited):
    api = limited(codes="5/hour")
    found = [call(api, "XYZ234").status_code for call in CODE_CALLS.values()]
    assert found == [404] * 5
    again = [call(api, "XYZ234").status_code for call in CODE_CALLS.values()]
    assert again == [429] * 5


@every_code_call
def test_above_the_limit_of_look_ups_a_right_and_a_wrong_code_are_answered_alike(limited, call):
    api = limited(lookups="3/hour")
    new_classroom(code="ABC234")
    assert statuses(lambda: call(api, "XYZ234"), 4) == [404] * 3 + [429]
    assert call(api, "ABC234").status_code == 429
    assert call(api.client_at("192.0.2.8"), "ABC234").status_code in (200, 201, 302)


@every_code_call
def test_a_class_that_is_known_at_an_address_is_not_blocked_by_wrong_codes(limited, call):
    api = limited(lookups="3/hour", codes="3/hour", starts="100/hour")
    new_classroom(code="ABC234")
    assert api.get("/join?code=abc-234").status_code == 200
    assert 429 in statuses(lambda: call(api, "XYZ234"), 5)
    for _ in range(5):
        assert call(api, "ABC234").status_code in (200, 201, 302)


def test_a_class_that_has_ended_is_no_longer_known(limited):
    api = limited(lookups="2/hour")
    classroom = new_classroom(code="ABC234")
    assert api.get("/api/classrooms/ABC234").status_code == 200
    classroom.delete()
    assert statuses(lambda: api.get("/api/classrooms/ABC234"), 3) == [404, 404, 429]


@every_code_call
def test_wrong_codes_use_up_no_starts(limited, call):
    api = limited(starts="2/hour")
    assert statuses(lambda: call(api, "XYZ234"), 5) == [404] * 5
    assert api.post_json("/api/sessions").status_code == 201


def test_the_page_for_typing_a_code_is_no_look_up(limited):
    api = limited(lookups="1/hour")
    assert statuses(lambda: api.get("/join"), 3) == [200] * 3
    assert api.get("/join?code=XYZ234").status_code == 404


def test_right_codes_are_not_counted_among_the_wrong_ones(limited):
    api = limited(codes="2/hour")
    new_classroom(code="ABC234")
    for call in CODE_CALLS.values():
        statuses(lambda call=call: call(api, "ABC234"), 5)
    assert api.get("/api/classrooms/XYZ234").status_code == 404


def test_wrong_codes_of_one_address_leave_another_one_alone(limited):
    api = limited(codes="2/hour")
    assert statuses(lambda: api.get("/api/classrooms/XYZ234"), 3) == [404, 404, 429]
    assert api.client_at("192.0.2.8").get("/api/classrooms/XYZ234").status_code == 404


def test_other_missing_addresses_are_no_wrong_codes(limited):
    api = limited(codes="2/hour")
    for path in ("/api/classrooms/", "/api/classrooms/ABC234/nothing", "/api/nothing", "/nothing"):
        assert statuses(lambda path=path: api.get(path), 3) == [404] * 3
    assert api.get("/api/classrooms/XYZ234").status_code == 404


def test_too_many_wrong_codes_are_told_to_clients_and_to_pupils(limited):
    api = limited(codes="1/hour")
    statuses(lambda: api.get("/api/classrooms/XYZ234"), 1)
    assert_error(api.get("/api/classrooms/XYZ234"), 429, "too_many_codes")
    page = api.post("/join", {"code": "XYZ234"})
    assert page.status_code == 429
    assert "the right code still works" in page.content.decode()


COSTLY_CALLS = {
    "tokenize": lambda api, _: api.post_json("/api/tokenize", {"text": "The cat"}),
    "score": lambda api, _: api.post_json("/api/score", {"text": "The cat"}),
    "session-simulate": lambda api, session_id: api.post_json(
        f"/api/sessions/{session_id}/simulate", {"num_spins": 5}
    ),
    "lesson-text-surprising-text": lambda api, _: lesson_on_text(api, "surprising-text", "twice"),
    "lesson-text-tokens-are-not-words": lambda api, _: lesson_on_text(
        api, "tokens-are-not-words", "words"
    ),
}
BODY_LEN = len('{"text": "The cat"}')
FORM_LENS = {
    "lesson-text-surprising-text": len("prediction=twice&text=The+cat"),
    "lesson-text-tokens-are-not-words": len("prediction=words&text=The+cat"),
}


def lesson_on_text(api, key, prediction):
    """A page's form, whose body is longer."""
    body = urlencode({"prediction": prediction, "text": "The cat"})
    return api.post(f"/lessons/{key}", body, content_type="application/x-www-form-urlencoded")


every_costly_call = pytest.mark.parametrize("name", COSTLY_CALLS)


def cost_of_short(name):
    body_len = FORM_LENS.get(name, BODY_LEN)
    return COSTS[name].per_call + COSTS[name].per_kilobyte * body_len // 1000


def test_every_costly_call_is_tested():
    assert COSTS.keys() == COSTLY_CALLS.keys()


@every_costly_call
def test_costly_calls_are_limited_and_other_calls_go_on(limited, name):
    api = limited(costly=f"{3 * cost_of_short(name)}/hour")
    session_id = api.start("The cat")

    def call(client=api):
        return COSTLY_CALLS[name](client, session_id)

    assert statuses(call, 5) == [200] * 3 + [429] * 2
    assert 1 <= int(call()["Retry-After"]) <= 3600
    assert api.get("/api/models").status_code == 200
    assert api.post_json(f"/api/sessions/{session_id}/spin").status_code == 200
    assert api.post_json("/api/sessions").status_code == 201
    assert call(api.client_at("192.0.2.8")).status_code == 200


def test_costly_calls_of_all_kinds_are_added_up(limited):
    api = limited(costly=f"{sum(map(cost_of_short, COSTLY_CALLS))}/hour")
    session_id = api.start("The cat")
    found = [call(api, session_id).status_code for call in COSTLY_CALLS.values()]
    assert found == [200] * len(COSTLY_CALLS)
    found = [call(api, session_id).status_code for call in COSTLY_CALLS.values()]
    assert found == [429] * len(COSTLY_CALLS)


def test_simulations_of_a_known_session_are_costly_too(limited):
    api = limited(costly=f"{2 * COSTS['session-simulate'].per_call}/hour", address="4/hour")
    urls = [f"/api/sessions/{api.start('The cat')}" for _ in range(2)]
    assert [api.get(url).status_code for url in urls] == [200] * 2  # known from now on
    assert 429 in statuses(lambda: api.get("/api/models"), 5)
    found = [api.post_json(f"{url}/simulate", {"num_spins": 5}).status_code for url in urls * 2]
    assert found == [200, 200, 429, 429]
    assert [api.get(url).status_code for url in urls] == [200] * 2


def test_a_long_text_costs_more_than_a_short_one(limited):
    text = "The cat sat on the mat. " * 8  # 192 characters
    cost = COSTS["score"].per_call + COSTS["score"].per_kilobyte * (len(text) + 12) // 1000
    assert cost > 2 * cost_of_short("score")
    api = limited(costly=f"{2 * cost - 1}/hour")
    long = statuses(lambda: api.post_json("/api/score", {"text": text}), 2)
    assert long == [200, 429]
    short = statuses(lambda: api.post_json("/api/score", {"text": "The cat"}), 1)
    assert short == [200]


def test_a_simulation_counts_against_its_session_as_one_request(limited):
    api = limited(session="4/hour")
    url = f"/api/sessions/{api.start('The cat')}"  # sets the prompt, which is one request
    found = statuses(lambda: api.post_json(f"{url}/simulate", {"num_spins": 5}), 4)
    assert found == [200] * 3 + [429]


@pytest.mark.parametrize("method", ["get", "options", "put"])
def test_other_methods_of_a_costly_address_cost_nothing(limited, method):
    api = limited(costly=f"{cost_of_short('score')}/hour")
    assert 429 not in statuses(lambda: getattr(api, method)("/api/score"), 5)
    assert COSTLY_CALLS["score"](api, None).status_code == 200


@pytest.mark.parametrize("length", ["abc", "-1", "\u00b2", ""])
def test_a_length_that_is_no_number_costs_the_call_alone(limited, length):
    api = limited(costly=f"{COSTS['score'].per_call}/hour")
    answer = api.post("/api/score", b"{}", content_type="application/json", CONTENT_LENGTH=length)
    assert answer.status_code == 400
    assert COSTLY_CALLS["score"](api, None).status_code == 429


def test_another_address_is_another_client(limited):
    api = limited(address="3/hour")
    assert 429 in statuses(lambda: api.get("/api/models"), 4)
    assert api.client_at("192.0.2.8").get("/api/models").status_code == 200


def test_all_addresses_of_one_ipv6_network_are_one_client(limited):
    api = limited(address="2/hour")
    for last in ("1", "2"):
        api.client_at(f"2001:db8:0:7::{last}").get("/api/models")
    assert api.client_at("2001:db8:0:7:ffff::3").get("/api/models").status_code == 429
    assert api.client_at("2001:db8:0:8::3").get("/api/models").status_code == 200


def test_ipv4_addresses_that_are_mapped_to_ipv6_are_clients_of_their_own(limited):
    """A server that listens on `::` sees all IPv4 clients so; they are not one network."""
    api = limited(address="2/hour")
    assert 429 in statuses(lambda: api.client_at("::ffff:192.0.2.7").get("/api/models"), 3)
    assert api.client_at("::ffff:192.0.2.8").get("/api/models").status_code == 200


def test_password_guesses_for_one_name_are_stopped_and_other_names_can_log_in(limited, admin_user):
    client = limited(Client, logins="3/hour")

    def log_in(username, password):
        return client.post(
            "/admin/login/", {"username": username, "password": password}
        ).status_code

    assert [log_in("teacher", str(guess)) for guess in range(4)] == [200, 200, 200, 429]
    assert log_in("admin", "password") == 302


def test_probes_and_files_are_not_counted(limited):
    api = limited(address="1/hour")
    for path in ("/health", "/ready", "/metrics", "/static/css/none.css"):
        assert 429 not in statuses(lambda path=path: api.get(path), 3)
    assert 429 in statuses(lambda: api.get("/healthy"), 3)


def test_a_throttled_page_is_a_sentence_and_an_htmx_answer_goes_to_the_problem_box(limited):
    client = limited(Client, address="1/hour")
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


def test_requests_above_the_limit_of_an_address_make_no_counters_of_sessions(limited, monkeypatch):
    counted = []
    hit = MemoryCounters.hit

    def recorded(counters, limit, *key, cost=1):
        counted.append(key[0])
        return hit(counters, limit, *key, cost=cost)

    monkeypatch.setattr(MemoryCounters, "hit", recorded)
    api = limited(address="3/hour", session="100/hour")
    for _ in range(10):
        api.get(f"/api/sessions/{uuid.uuid4()}")
    assert counted.count("session") == 3


def test_known_keys_evict_the_least_recently_seen():
    known = LocalKnownKeys(max_size=3)
    for name in "abcad":
        known.add(name)
    assert [name in known for name in "abcd"] == [True, False, True, True]
    assert len(known) == 3
