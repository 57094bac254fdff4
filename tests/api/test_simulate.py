"""POST /api/sessions/{id}/simulate: many draws at once, true to the wheel, that change nothing."""

import random
from collections import Counter

import pytest
from scipy.stats import binomtest, chisquare

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
    inside = answer["other"]["tokens"] if answer["other"] else []
    return Counter(own) + Counter({token["token_id"]: token["count"] for token in inside})


def test_the_counts_are_those_of_single_spins_on_the_same_us(api, session):
    answer = simulate(api, session, num_spins=40, seed=11)
    generator = random.Random("11")
    spun: Counter[int] = Counter()
    for _ in range(40):
        spin = api.post_json(f"{session}/spin", {"u": generator.random()}).json()
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


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "num_spins"),
        ({"num_spins": 0}, "num_spins"),
        ({"num_spins": 10_001}, "num_spins"),
        ({"num_spins": 1.5}, "num_spins"),
        ({"num_spins": 5, "seed": -1}, "seed"),
        ({"num_spins": 5, "seed": 2**53}, "seed"),
        ({"num_spins": 5, "temperature": 0}, "temperature"),
    ],
)
def test_a_value_out_of_range_is_refused(api, session, body, field):
    answer = api.post_json(f"{session}/simulate", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_session_without_a_prompt_has_no_wheel(api):
    session_id = api.post_json("/api/sessions", {}).json()["session_id"]
    answer = api.post_json(f"/api/sessions/{session_id}/simulate", {"num_spins": 5})
    assert (answer.status_code, answer.json()["code"]) == (400, "no_prompt")


def test_an_unknown_session_is_not_found(api):
    answer = api.post_json(
        "/api/sessions/00000000-0000-4000-8000-000000000000/simulate", {"num_spins": 5}
    )
    assert answer.status_code == 404
