"""Temperature, top-k, top-p and min-p over the API: their order, and the tokens that they keep."""

import math

import pytest

from tests.api.helpers import append, ranked_tokens, wheel


def test_temperature_changes_the_wheel_and_not_the_raw_probabilities(api, session_url):
    plain = ranked_tokens(api, session_url)
    hot = ranked_tokens(api, session_url, temperature=2)
    assert [t["token_id"] for t in plain] == [t["token_id"] for t in hot]
    assert hot[0]["probability"] < plain[0]["probability"]
    assert [t["raw_probability"] for t in hot] == [t["probability"] for t in plain]
    powers = [t["probability"] ** 0.5 for t in plain]
    expected = [power / math.fsum(powers) for power in powers]
    assert [t["probability"] for t in hot] == pytest.approx(expected, abs=1e-12)


def test_top_k_keeps_the_first_tokens_and_shares_the_circle_among_them(api, session_url):
    plain = ranked_tokens(api, session_url)
    kept = ranked_tokens(api, session_url, top_k=3)
    share = sum(token["probability"] for token in plain[:3])
    assert [t["probability"] for t in kept[:3]] == pytest.approx(
        [t["probability"] / share for t in plain[:3]]
    )
    assert {t["probability"] for t in kept[3:]} == {0.0}
    assert {t["log_probability"] for t in kept[3:]} == {None}


@pytest.mark.parametrize("filters", [{"top_k": 1}, {"top_p": 0.001}, {"min_p": 1}], ids=str)
def test_removed_tokens_are_listed_and_ranked_by_the_models_own_distribution(
    api, session_url, filters
):
    plain = ranked_tokens(api, session_url)
    kept = ranked_tokens(api, session_url, **filters)
    assert [t["probability"] for t in kept] == [1.0] + [0.0] * (len(plain) - 1)
    assert [t["token_id"] for t in kept] == [t["token_id"] for t in plain]
    assert [t["rank"] for t in kept] == list(range(1, len(plain) + 1))
    assert [t["raw_probability"] for t in kept] == [t["probability"] for t in plain]


@pytest.mark.parametrize("rank", [2, 3, 40])
def test_a_removed_token_that_is_appended_has_the_models_own_rank(api, session_url, rank):
    token = ranked_tokens(api, session_url)[rank - 1]
    appended = append(api, session_url, token_id=token["token_id"], top_k=1)["appended_token"]
    assert (appended["rank"], appended["probability"]) == (rank, 0.0)
    assert appended["raw_probability"] == token["probability"]
    assert appended["surprisal_bits"] is None


def test_top_p_keeps_the_fewest_tokens_that_reach_it(api, session_url):
    plain = ranked_tokens(api, session_url)
    first_three = sum(token["probability"] for token in plain[:3])
    for top_p, num_kept in ((first_three - 1e-6, 3), (first_three + 1e-6, 4), (1, len(plain))):
        kept = ranked_tokens(api, session_url, top_p=repr(top_p))
        assert sum(t["probability"] > 0 for t in kept) == num_kept


def test_min_p_keeps_tokens_down_to_a_share_of_the_likeliest(api, session_url):
    plain = ranked_tokens(api, session_url)
    ratio = plain[4]["probability"] / plain[0]["probability"]
    for min_p, num_kept in ((ratio - 1e-6, 5), (ratio + 1e-6, 4), (1, 1)):
        kept = ranked_tokens(api, session_url, min_p=repr(min_p))
        assert sum(t["probability"] > 0 for t in kept) == num_kept


def test_top_p_applies_to_the_tokens_that_top_k_kept(api, session_url):
    plain = ranked_tokens(api, session_url)
    first_two = sum(t["probability"] for t in plain[:2])
    top_p = plain[0]["probability"] / first_two - 1e-6
    kept = ranked_tokens(api, session_url, top_k=2, top_p=repr(top_p))
    assert sum(t["probability"] > 0 for t in kept) == 1


def test_the_entropy_is_that_of_the_wheel_and_of_the_raw_distribution(api, session_url):
    answer = wheel(api, session_url, top_k=1)
    assert answer["entropy_bits"] == 0
    tokens = ranked_tokens(api, session_url)
    expected = math.fsum(t["probability"] * t["surprisal_bits"] for t in tokens)
    assert answer["raw_entropy_bits"] == pytest.approx(expected)
