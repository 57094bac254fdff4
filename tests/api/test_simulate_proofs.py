"""POST /api/sessions/{id}/simulate against the model's own distribution, and against single spins.

All seeds are fixed, so each test sees the same draws every time and cannot fail by chance.
"""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from tests.api.helpers import append, new_session, spin
from wheel.domain.simulated_draws import seeded_us

pytestmark = pytest.mark.slow

PROMPT = "The cat sat on the"
NUM_SEEDS = 100
NUM_SPINS = 2000
MIN_EXPECTED = (
    5  # draws of a bin, the usual rule for the approximation by a chi-square distribution
)
TAIL = 0.001  # of the quantiles that bound a statistic, on either side


@pytest.fixture(scope="module")
def probs(reference_probs, catalog):
    """(vocabulary_size,) by token id, of the wheel after the prompt: from transformers alone."""
    return reference_probs(catalog.tokenizer("gpt2").encode(PROMPT))


def simulated_counts(api, url, **body):
    """(vocabulary_size,) by token id, those of Other too."""
    answer = api.post_json(f"{url}/simulate", body)
    assert answer.status_code == 200, answer.content
    fields = answer.json()
    counts = Counter({token["token_id"]: token["count"] for token in fields["segments"]})
    counts.update({token["token_id"]: token["count"] for token in fields["other"]["tokens"]})
    assert counts.total() == fields["num_spins"] == body["num_spins"]
    return +counts


def chi_square(counts, probs):
    """The statistic and its degrees of freedom. Tokens that are expected less than `MIN_EXPECTED`
    times share one bin."""
    observed = np.array([counts[token_id] for token_id in range(len(probs))])
    expected = probs / probs.sum() * observed.sum()
    is_rare = expected < MIN_EXPECTED
    observed = np.append(observed[~is_rare], observed[is_rare].sum())
    expected = np.append(expected[~is_rare], expected[is_rare].sum())
    assert expected.min() >= MIN_EXPECTED
    return float(((observed - expected) ** 2 / expected).sum()), len(expected) - 1


def statistics(api, probs, **settings):
    """The chi-square statistics of all seeds, and the degrees of freedom of one."""
    url = new_session(api, PROMPT)
    found = [
        chi_square(
            simulated_counts(api, url, num_spins=NUM_SPINS, seed=seed, **settings),
            probs,
        )
        for seed in range(NUM_SEEDS)
    ]
    return np.array([statistic for statistic, _ in found]), found[0][1]


def test_over_many_seeds_the_counts_vary_as_draws_from_the_distribution_do(api, probs):
    """Neither more nor less: the sum of the statistics is between two quantiles of its chi-square
    distribution, and their p-values are spread evenly (Kolmogorov and Smirnov)."""
    found, num_degrees = statistics(api, probs, threshold=0.02)
    low, high = chi2.ppf([TAIL, 1 - TAIL], num_degrees * NUM_SEEDS)
    assert low < found.sum() < high
    assert kstest(chi2.sf(found, num_degrees), "uniform").pvalue > TAIL


def test_the_statistic_notices_a_slightly_different_distribution(api, probs):
    """So the test above can fail."""
    found, num_degrees = statistics(api, probs, temperature=1.05)
    assert found.sum() > chi2.ppf(1 - TAIL, num_degrees * NUM_SEEDS)


def test_a_thousand_draws_are_a_thousand_single_spins_by_the_same_generator(api):
    """Each spin is undone, so the wheel is the same one."""
    url = new_session(api, PROMPT)
    spun: Counter[int] = Counter()
    for u in seeded_us(11, 1000).tolist():
        answer = spin(api, url, u=u)
        spun[answer["appended_token"]["token_id"]] += 1
        assert api.post_json(f"{url}/undo").status_code == 200
    assert simulated_counts(api, url, num_spins=1000, seed=11) == spun


def test_a_simulation_is_of_the_present_text_and_not_of_the_prompt(api, reference_probs, tokenizer):
    url = new_session(api, PROMPT)
    append(api, url, token_id=tokenizer.encode(" dog")[0])
    probs = reference_probs(api.get(url).json()["token_ids"])
    counts = simulated_counts(api, url, num_spins=10_000, seed=1)
    statistic, num_degrees = chi_square(counts, probs)
    assert statistic < chi2.ppf(1 - TAIL, num_degrees)
