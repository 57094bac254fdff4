"""POST /api/sessions/{id}/spin."""

import math

import pytest

from tests.api.helpers import (
    APPENDED_FIELDS,
    CHOSEN_FIELDS,
    OTHER_INFO_FIELDS,
    SPIN_FIELDS,
    append,
    assert_error,
    assert_field_error,
    new_session,
    ranked_tokens,
    spin,
    state,
    wheel,
)

LARGEST_U = math.nextafter(1, 0)
SOME_U = [0.0, 5e-324, 0.1, 0.25, 1 / 3, 0.5, 0.777, 0.99, 0.999999, LARGEST_U]
NEUTRAL = {"threshold": 0.01, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}


def post(api, url, **body):
    return api.post_json(f"{url}/spin", body)


def token_at(tokens, u):
    """The 0-based rank under the pointer, found by adding up arcs: the definition of the wheel."""
    end = 0.0
    for rank, token in enumerate(tokens):
        end += token["probability"]
        if u < end:
            return rank
    return max(rank for rank, token in enumerate(tokens) if token["probability"])


def test_a_spin_adds_the_token_it_stops_at(api, session_url):
    change = spin(api, session_url, u=0.5)
    assert set(change) >= APPENDED_FIELDS | {"spin"}
    assert set(change["appended_token"]) >= CHOSEN_FIELDS
    assert set(change["spin"]) >= SPIN_FIELDS
    assert change["spin"]["u"] == 0.5
    assert change["spin"]["angle_degrees"] == 180
    assert change["spin"]["settings"] == NEUTRAL
    assert change["previous_text"] == "The cat sat on the"
    assert change["current_text"] == "The cat sat on the" + change["appended_token"]["token_text"]
    assert change["token_history"][0]["spin"] == change["spin"]


def test_a_chosen_token_keeps_the_entropy_of_its_wheel(api, session_url):
    served = wheel(api, session_url, temperature=2)
    token = spin(api, session_url, u=0.5)["appended_token"]
    assert token["entropy_bits"] == served["entropy_bits"] > 0


@pytest.mark.parametrize("body", [{}, "", {"u": None}], ids=str)
def test_the_server_draws_where_no_u_is_given(api, session_url, body):
    changes = [api.post_json(f"{session_url}/spin", body).json() for _ in range(5)]
    drawn = {change["spin"]["u"] for change in changes}
    assert len(drawn) == 5
    assert all(0 <= u < 1 for u in drawn)


@pytest.mark.parametrize("u", SOME_U)
@pytest.mark.parametrize(
    "settings", [{}, {"temperature": 2.5}, {"top_k": 5}, {"threshold": 0.3, "top_p": 0.8}], ids=str
)
def test_the_pointer_reads_the_token_at_u(api, session_url, u, settings):
    tokens = ranked_tokens(api, session_url, **settings)
    num_above = len(wheel(api, session_url, **settings)["above_threshold_tokens"])
    rank = token_at(tokens, u)
    change = spin(api, session_url, u=u)
    assert change["appended_token"]["token_id"] == tokens[rank]["token_id"]
    assert change["appended_token"]["probability"] == tokens[rank]["probability"]
    assert change["appended_token"]["rank"] == rank + 1
    assert change["spin"]["segment_index"] == min(rank, num_above)
    assert change["spin"]["angle_degrees"] == u * 360


def test_other_category_info_comes_only_with_a_draw_from_other(api, session_url):
    served = wheel(api, session_url, threshold=0.05)
    above_prob = served["total_above_threshold_probability"]
    inside = spin(api, session_url, u=above_prob - 1e-6)
    assert inside["other_category_info"] is None
    assert inside["appended_token"]["category"] == "above_threshold"
    assert inside["appended_token"]["sampled_from_other"] is None
    api.post_json(f"{session_url}/undo")
    beyond = spin(api, session_url, u=above_prob + 1e-6)
    assert beyond["appended_token"]["category"] == "other"
    assert beyond["appended_token"]["sampled_from_other"] is True
    info = beyond["other_category_info"]
    assert set(info) >= OTHER_INFO_FIELDS
    assert info["total_probability"] == served["other_category"]["total_probability"]
    assert info["token_count"] == served["other_category"]["token_count"]
    assert info["selected_token_rank"] == len(served["above_threshold_tokens"]) + 1


@pytest.mark.parametrize("temperature", [0.3, 1, 4])
def test_a_receipt_repeats_the_draw(api, session_url, temperature):
    receipt = spin(api, session_url, temperature=temperature, threshold=0.02)
    copy = new_session(api)
    again = spin(api, copy, u=receipt["spin"]["u"], **receipt["spin"]["settings"])
    same = ("token_id", "probability", "rank", "category", "sampled_from_other")
    assert [again["appended_token"][name] for name in same] == [
        receipt["appended_token"][name] for name in same
    ]
    assert again["spin"] == receipt["spin"]


def test_the_same_u_at_another_temperature_is_repeatable_too(api):
    u = spin(api, new_session(api))["spin"]["u"]
    hot = [spin(api, new_session(api), u=u, temperature=3) for _ in range(2)]
    assert hot[0]["appended_token"]["token_id"] == hot[1]["appended_token"]["token_id"]
    expected = token_at(ranked_tokens(api, new_session(api), temperature=3), u)
    assert hot[0]["appended_token"]["rank"] == expected + 1


def test_the_settings_of_the_wheel_last_served_hold(api, session_url):
    shown = {"threshold": 0.05, "temperature": 2.0, "top_k": 20, "top_p": 0.9, "min_p": 0.01}
    wheel(api, session_url, **shown)
    assert spin(api, session_url)["spin"]["settings"] == shown
    assert append(api, session_url, category="other")["spin"]["settings"] == shown


@pytest.mark.parametrize(
    ("name", "value"),
    [("threshold", 0.5), ("temperature", 0.7), ("top_k", 3), ("top_p", 0.4), ("min_p", 0.2)],
)
def test_each_setting_may_be_overridden_by_itself(api, session_url, name, value):
    shown = {"threshold": 0.05, "temperature": 2.0, "top_k": 20, "top_p": 0.9, "min_p": 0.01}
    wheel(api, session_url, **shown)
    assert spin(api, session_url, **{name: value})["spin"]["settings"] == shown | {name: value}


def test_no_token_that_a_filter_removed_is_ever_drawn(api):
    for u in SOME_U:
        assert spin(api, new_session(api), u=u, top_k=1)["appended_token"]["rank"] == 1


@pytest.mark.parametrize(
    "u", [1, 1.0000001, -1e-9, -1, 360, 10**30, "1e999", "abc", True, [0.5], {}]
)
def test_a_u_outside_the_circle_is_refused(api, session_url, u):
    before = state(api, session_url)
    assert_field_error(post(api, session_url, u=u), "u")
    assert state(api, session_url) == before


@pytest.mark.parametrize("u", ["1e999", "-1e999", "9" * 400])
def test_a_u_too_large_for_a_float_is_refused(api, session_url, u):
    assert_field_error(api.post_json(f"{session_url}/spin", f'{{"u": {u}}}'), "u")


def test_a_u_of_minus_zero_is_zero(api, session_url):
    answer = api.post_json(f"{session_url}/spin", '{"u": -0.0}').json()
    assert answer["appended_token"]["rank"] == 1


def test_a_spin_before_a_prompt_is_refused(api):
    assert_error(post(api, new_session(api, prompt=None)), 400, "no_prompt")


def test_a_full_context_takes_no_more_spins(api):
    url = new_session(api, "!" * 62)
    spin(api, url)
    spin(api, url)
    before = state(api, url)
    assert "64 of 64" in assert_error(post(api, url), 400, "context_full")["detail"]
    assert state(api, url) == before
