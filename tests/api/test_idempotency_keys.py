"""The header `Idempotency-Key` on spin and append-token."""

import pytest

from tests.api.fakes import InterruptedEngine, changed_runtime, engine_that_raises
from tests.api.helpers import (
    APPEND_TOKEN,
    NEXT_TOKEN_PROBS,
    SPIN,
    append,
    assert_error,
    assert_field_error,
    new_session,
    spin,
    state,
    wheel,
)
from wheel import services
from wheel.errors import EngineBusyError
from wheel.sessions.store import SessionStore

KEY = "0a9f-first.try"
REQUESTS = {
    "spin": ("/spin", {}),
    "spin at u": ("/spin", {"u": 0.75}),
    "spin into Other": ("/spin", {"u": 0.999, "threshold": 0.05}),
    "append by id": ("/append-token", {"token_id": 5}),
    "append by text": ("/append-token", {"token_text": " the"}),
    "append from Other": ("/append-token", {"category": "other", "temperature": 2}),
}
every_request = pytest.mark.parametrize(("tail", "body"), REQUESTS.values(), ids=REQUESTS.keys())


def post(api, url, tail="/spin", body=None, key=KEY, query=""):
    return api.post(
        f"{url}{tail}{query}",
        body or {},
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


def succeed(api, url, tail="/spin", body=None, key=KEY, query=""):
    answer = post(api, url, tail, body, key, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@every_request
def test_a_repetition_is_answered_as_the_first_time_and_changes_nothing(
    api, session_url, tail, body
):
    append(api, session_url, token_id=3)
    first = post(api, session_url, tail, body)
    after = state(api, session_url)
    second = post(api, session_url, tail, body)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.content == first.content
    assert state(api, session_url) == after


def test_another_key_is_another_request(api, session_url):
    assert succeed(api, session_url, key="a")["rev"] == 2
    assert succeed(api, session_url, key="b")["rev"] == 3
    assert succeed(api, session_url, key="a")["rev"] == 2


def test_two_sessions_may_use_the_same_key(api):
    urls = [new_session(api), new_session(api)]
    assert [succeed(api, url)["rev"] for url in urls] == [2, 2]


def undo(api, url):
    assert api.post_json(f"{url}/undo").status_code == 200


def set_prompt(api, url):
    assert api.post_json(f"{url}/set-prompt", {"prompt": "Once upon"}).status_code == 200


def redo(api, url):
    undo(api, url)
    services.redo(session_id=url.rpartition("/")[2])


def rewind(api, url):
    append(api, url, token_id=7)
    services.rewind(session_id=url.rpartition("/")[2], num_kept=0)


def append_something(api, url):
    append(api, url, token_id=9)


def take_another_way(api, url):
    """The repeated token is gone, and cannot be redone."""
    undo(api, url)
    append(api, url, token_id=9)


def show_another_wheel(api, url):
    wheel(api, url, temperature=3, threshold=0.2)


LATER = [undo, set_prompt, redo, rewind, append_something, take_another_way, show_another_wheel]


@pytest.mark.parametrize("later", LATER, ids=lambda later: later.__name__)
@every_request
def test_later_changes_do_not_change_the_answer_of_a_repetition(
    api, session_url, tail, body, later
):
    append(api, session_url, token_id=3)
    first = succeed(api, session_url, tail, body)
    later(api, session_url)
    after = state(api, session_url)
    assert succeed(api, session_url, tail, body) == first
    assert state(api, session_url) == after


def test_a_key_of_the_last_twenty_changes_is_a_repetition_and_an_older_one_is_new(api, session_url):
    first = succeed(api, session_url, body={"u": 0.5})
    for _ in range(19):
        spin(api, session_url)
    assert succeed(api, session_url, body={"u": 0.5}) == first
    spin(api, session_url)
    again = succeed(api, session_url, body={"u": 0.5})
    assert again["rev"] == first["rev"] + 21
    assert succeed(api, session_url, body={"u": 0.5}) == again


def test_a_repetition_with_a_revision_is_answered_though_the_revision_is_stale(api, session_url):
    rev = state(api, session_url)["rev"]
    first = succeed(api, session_url, body={"rev": rev})
    assert succeed(api, session_url, body={"rev": rev}) == first


def test_a_new_request_with_a_key_still_respects_the_revision(api, session_url):
    assert_error(post(api, session_url, body={"rev": 0}), 409, "stale_revision")
    assert len(state(api, session_url)["token_history"]) == 0


def test_the_revision_is_not_a_part_of_the_request_that_a_key_names(api, session_url):
    first = succeed(api, session_url)
    assert succeed(api, session_url, body={"rev": first["rev"]}) == first


def test_fields_that_mean_the_same_are_the_same_request(api, session_url):
    first = succeed(api, session_url, body={"u": 0.5, "temperature": 2})
    body = '{"temperature": 2.0, "unknown": 1, "top_k": null, "u": 5e-1}'
    assert succeed(api, session_url, body=body) == first


@pytest.mark.parametrize(
    ("tail", "body"),
    [
        ("/spin", {"u": 0.5}),
        ("/spin", {"temperature": 2}),
        ("/spin", {"threshold": 0.01}),
        ("/append-token", {"token_id": 5}),
        ("/append-token", {"category": "other"}),
    ],
    ids=str,
)
def test_a_key_of_another_request_is_refused_and_changes_nothing(api, session_url, tail, body):
    succeed(api, session_url)
    after = state(api, session_url)
    assert_error(post(api, session_url, tail, body), 400, "idempotency_key_reused")
    assert state(api, session_url) == after


def test_a_request_that_failed_may_be_repeated_with_its_key(api, session_url):
    with engine_that_raises(EngineBusyError()):
        assert_error(post(api, session_url), 503, "engine_busy")
    assert succeed(api, session_url)["rev"] == 2


def test_a_refused_request_leaves_its_key_free_for_another_one(api, session_url):
    body = {"token_id": 10**6}
    assert_error(post(api, session_url, "/append-token", body), 400, "invalid_token_id")
    assert succeed(api, session_url, "/append-token", {"token_id": 5})["rev"] == 2


def test_a_repetition_needs_no_engine(api, session_url):
    first = succeed(api, session_url)
    with engine_that_raises(EngineBusyError()):
        assert succeed(api, session_url) == first


def test_a_repetition_is_answered_when_the_context_is_full(api, session_url, catalog):
    while len(state(api, session_url)["token_ids"]) < catalog.context_length("gpt2"):
        last = succeed(api, session_url, key=str(state(api, session_url)["rev"]))
    assert_error(post(api, session_url, key="new"), 400, "context_full")
    assert succeed(api, session_url, key=str(last["rev"] - 1)) == last


def test_a_repetition_repeats_as_much_of_the_history_as_it_asks_for(api, session_url):
    append(api, session_url, token_id=3)
    first = succeed(api, session_url)
    assert len(first["token_history"]) == 2
    for part, shown in (("none", []), ("last", first["token_history"][-1:])):
        answer = succeed(api, session_url, query=f"?history={part}")
        assert answer == first | {"token_history": shown}


def test_an_answer_says_that_a_text_had_ended_at_that_time(api, session_url):
    first = succeed(api, session_url)
    append(api, session_url, token_id=0)
    assert first["ended"] is False
    assert succeed(api, session_url) == first


def test_two_equal_requests_at_the_same_moment_make_one_change(api, session_url, engine):
    """The second request comes while the engine computes for the first."""
    answers = []

    def send_it_again():
        with changed_runtime(engine=engine):
            answers.append(succeed(api, session_url))

    with changed_runtime(engine=InterruptedEngine(engine, send_it_again)):
        answers.append(succeed(api, session_url))
    assert answers[0] == answers[1]
    assert len(state(api, session_url)["token_history"]) == 1


def test_two_requests_of_one_key_at_the_same_moment_make_one_change(api, session_url, engine):
    def send_another():
        with changed_runtime(engine=engine):
            succeed(api, session_url, "/append-token", {"token_id": 5})

    with changed_runtime(engine=InterruptedEngine(engine, send_another)):
        assert_error(post(api, session_url), 400, "idempotency_key_reused")
    assert len(state(api, session_url)["token_history"]) == 1


def test_a_key_is_gone_with_its_session(api, session_url):
    succeed(api, session_url)
    api.delete(session_url)
    assert_error(post(api, session_url), 404, "session_not_found")


@pytest.mark.parametrize("key", ["!", "~" * 64, '"quoted"', "a,b", "8e03978e-40d5-43dd-bc93"])
def test_up_to_64_visible_ascii_characters_are_a_key(api, session_url, key):
    first = succeed(api, session_url, key=key)
    assert succeed(api, session_url, key=key) == first


@pytest.mark.parametrize("endpoint", [SPIN, APPEND_TOKEN], ids=str)
@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 65, "a\tb", "caf\xe9", "\x7f", "a\n"])
def test_any_other_key_is_refused_and_changes_nothing(api, session_url, endpoint, key):
    before = state(api, session_url)
    answer = post(api, session_url, endpoint.tail, endpoint.body, key)
    assert_field_error(answer, "Idempotency-Key")
    assert state(api, session_url) == before


def test_other_calls_ignore_the_header(api, session_url):
    answer = api.get(session_url + NEXT_TOKEN_PROBS.tail, headers={"Idempotency-Key": "not a key"})
    assert answer.status_code == 200


def test_a_repetition_extends_the_life_of_the_session(api, session_url, clock, wheel_runtime):
    clock.time = wheel_runtime.store.now()
    later = SessionStore(wheel_runtime.store._cache, ttl=wheel_runtime.store.ttl, now=clock)
    with changed_runtime(store=later):
        first = succeed(api, session_url)
        for _ in range(3):
            clock.advance(minutes=50)
            assert succeed(api, session_url) == first
