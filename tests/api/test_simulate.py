"""POST /api/sessions/{id}/simulate: many draws at once, true to the wheel, that change nothing."""

import random
from collections import Counter

import pytest
from scipy.stats import binomtest, chisquare

from tests.api.helpers import assert_error, assert_field_error, wheel

PROMPT = "The cat sat on the"


@pytest.fixture
def session(api):
    session_id = api.post_json("/api/sessions", {"seed": 3}).json()["session_id"]
    api.post_json(f"/api/sessions/{session_id}/set-prompt", {"prompt": PROMPT})
    return f"/api/sessions/{session_id}"


def simulate(api, session, **body):
    answer = api.post_json(f"{session}/simulate", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def counts_of(answer):
    own = {segment["token_id"]: segment["count"] for segment in answer["segments"]}
    inside = {token["token_id"]: token["count"] for token in answer["other"]["tokens"]}
    return Counter(own) + Counter(inside)


@pytest.mark.parametrize("settings", [{}, {"temperature": 1.7, "top_p": 0.9, "threshold": 0.05}])
def test_the_counts_are_those_of_single_spins_on_the_same_us(api, session, settings):
    answer = simulate(api, session, num_spins=40, seed=11, **settings)
    generator = random.Random("11")
    spun: Counter[int] = Counter()
    for _ in range(40):
        spin = api.post_json(f"{session}/spin", settings | {"u": generator.random()}).json()
        spun[spin["appended_token"]["token_id"]] += 1
        api.post_json(f"{session}/undo", {})
    assert counts_of(answer) == spun


def test_nothing_is_appended_and_the_next_spin_is_the_same(api, session):
    before = api.get(session).json()
    simulate(api, session, num_spins=100, temperature=1.7)
    after = api.get(session).json()
    assert before | {"last_accessed": None} == after | {"last_accessed": None}


def test_a_seed_gives_the_same_answer_and_none_gives_a_new_one_to_repeat(api, session):
    first = simulate(api, session, num_spins=500)
    again = simulate(api, session, num_spins=500, seed=first["seed"])
    assert again == first
    assert simulate(api, session, num_spins=500)["seed"] != first["seed"]


def test_the_expected_probabilities_are_those_of_the_wheel(
    api, session, reference_probs, tokenizer
):
    answer = simulate(api, session, num_spins=10, threshold=0.01)
    probs = reference_probs(tokenizer.encode(PROMPT))
    for segment in answer["segments"]:
        assert segment["expected_probability"] == pytest.approx(
            probs[segment["token_id"]], abs=1e-5
        )
    own = sum(segment["expected_probability"] for segment in answer["segments"])
    assert own + answer["other"]["expected_probability"] == pytest.approx(1)


def test_the_bounds_are_those_of_wilson(api, session):
    answer = simulate(api, session, num_spins=1000, seed=1)
    for segment in [*answer["segments"], answer["other"]]:
        interval = binomtest(segment["count"], 1000).proportion_ci(0.95, "wilson")
        assert (segment["low"], segment["high"]) == pytest.approx((interval.low, interval.high))


def test_ten_thousand_draws_follow_the_wheel(api, session):
    answer = simulate(api, session, num_spins=10_000, seed=5, threshold=0.02)
    rows = [*answer["segments"], answer["other"]]
    assert sum(row["count"] for row in rows) == 10_000
    expected = [row["expected_probability"] * 10_000 for row in rows]
    total = sum(expected)
    scaled = [value * 10_000 / total for value in expected]
    assert chisquare([row["count"] for row in rows], scaled).pvalue > 1e-4


def test_settings_shape_the_wheel_of_this_call_only(api, session):
    answer = simulate(api, session, num_spins=50, top_k=1)
    assert answer["settings"]["top_k"] == 1
    assert [segment["count"] for segment in answer["segments"]] == [50]
    assert api.get(session).json()["settings"]["top_k"] != 1


TOKEN_FIELDS = {"token_id", "token_text", "display_text", "bytes", "is_special"}
OBSERVED_FIELDS = {"expected_probability", "count", "low", "high"}
OF_A_TOKEN = ("token_id", "token_text", "display_text", "bytes", "is_special")


def test_the_answer_has_the_fields_of_the_contract(api, session):
    answer = simulate(api, session, num_spins=200, seed=9, threshold=0.05)
    assert set(answer) == {
        *("session_id", "num_spins", "seed", "settings", "segments", "other", "rev")
    }
    assert (answer["num_spins"], answer["seed"], answer["rev"]) == (200, 9, 1)
    assert session.endswith(answer["session_id"])
    assert all(set(segment) == TOKEN_FIELDS | OBSERVED_FIELDS for segment in answer["segments"])
    assert set(answer["other"]) == OBSERVED_FIELDS | {"tokens"}
    assert all(set(token) == TOKEN_FIELDS | {"count"} for token in answer["other"]["tokens"])


def test_segments_and_tokens_are_those_of_the_wheel_in_its_order(api, session):
    answer = simulate(api, session, num_spins=500, seed=2, threshold=0.02)
    shown = wheel(api, session, threshold=0.02)
    for segment, token in zip(answer["segments"], shown["above_threshold_tokens"], strict=True):
        assert segment["expected_probability"] == token["probability"]
        assert [segment[name] for name in OF_A_TOKEN] == [token[name] for name in OF_A_TOKEN]
    other = answer["other"]
    assert other["expected_probability"] == shown["other_category"]["total_probability"]
    assert answer["settings"] == {name: shown[name] for name in answer["settings"]}


def test_the_tokens_of_other_are_those_drawn_the_most_often_first(api, session):
    answer = simulate(api, session, num_spins=2000, seed=2, threshold=0.1)
    inside = answer["other"]["tokens"]
    assert len(inside) > 20
    assert sum(token["count"] for token in inside) == answer["other"]["count"]
    order = [(-token["count"], token["token_id"]) for token in inside]
    assert order == sorted(order)
    assert all(token["count"] > 0 for token in inside)
    own = {segment["token_id"] for segment in answer["segments"]}
    assert not own & {token["token_id"] for token in inside}


@pytest.mark.parametrize("settings", [{"threshold": 0}, {"top_k": 1}])
def test_a_wheel_from_whose_other_nothing_can_be_drawn_has_an_empty_one(api, session, settings):
    other = simulate(api, session, num_spins=100, seed=2, **settings)["other"]
    assert (other["expected_probability"], other["count"], other["tokens"]) == (0, 0, [])
    interval = binomtest(0, 100).proportion_ci(0.95, "wilson")
    assert (other["low"], other["high"]) == pytest.approx((interval.low, interval.high))


def test_a_wheel_without_own_segments_draws_all_from_other(api, session):
    answer = simulate(api, session, num_spins=100, seed=2, threshold=1)
    assert answer["segments"] == []
    assert (answer["other"]["expected_probability"], answer["other"]["count"]) == (1, 100)


def test_a_longer_simulation_begins_with_the_draws_of_a_shorter_one(api, session):
    short, long = (simulate(api, session, num_spins=n, seed=3) for n in (200, 300))
    assert not counts_of(short) - counts_of(long)


def test_settings_that_are_absent_or_null_are_those_of_the_wheel_last_served(api, session):
    wheel(api, session, temperature=0.5, top_k=7)
    answer = simulate(api, session, num_spins=5, temperature=None, top_k=None)
    assert (answer["settings"]["temperature"], answer["settings"]["top_k"]) == (0.5, 7)


@pytest.mark.parametrize("num_spins", [1, 10_000])
@pytest.mark.parametrize("seed", [0, 2**53 - 1])
def test_the_ends_of_the_ranges_are_accepted(api, session, num_spins, seed):
    answer = simulate(api, session, num_spins=num_spins, seed=seed)
    assert counts_of(answer).total() == num_spins
    assert answer["seed"] == seed


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{}", "num_spins"),
        *((f'{{"num_spins": {value}}}', "num_spins") for value in ("0", "-1", "10001", "1e999")),
        *((f'{{"num_spins": {value}}}', "num_spins") for value in ("1.5", "null", "true", '"x"')),
        *((f'{{"num_spins": {value}}}', "num_spins") for value in ("[5]", "{}", "9" * 400)),
        *(
            (f'{{"num_spins": 5, "seed": {value}}}', "seed")
            for value in ("-1", f"{2**53}", "0.5", "true", '"x"', "[1]", "1e999", "9" * 400)
        ),
        ('{"num_spins": 5, "temperature": 0}', "temperature"),
        ('{"num_spins": 5, "top_k": 100000}', "top_k"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_field(api, session, body, field):
    before = api.get(session).json() | {"last_accessed": None}
    assert_field_error(api.post_json(f"{session}/simulate", body), field)
    assert api.get(session).json() | {"last_accessed": None} == before


def test_a_session_without_a_prompt_has_no_wheel(api):
    session_id = api.start()
    answer = api.post_json(f"/api/sessions/{session_id}/simulate", {"num_spins": 5})
    assert_error(answer, 400, "no_prompt")


def test_a_full_context_has_no_wheel(api, session):
    room = api.get(session).json()
    for _ in range(room["context_length"] - len(room["token_ids"])):
        simulate(api, session, num_spins=1)
        assert api.post_json(f"{session}/append-token", {"token_id": 5}).status_code == 200
    answer = api.post_json(f"{session}/simulate", {"num_spins": 5})
    assert_error(answer, 400, "context_full")


def test_an_unknown_session_is_not_found(api):
    answer = api.post_json(
        "/api/sessions/00000000-0000-4000-8000-000000000000/simulate", {"num_spins": 5}
    )
    assert answer.status_code == 404
