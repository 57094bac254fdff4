"""Replaying a session: each token is checked against the model's plain forward pass.

Sums of 32-bit floats depend on the processor and on the rest of the batch, so tokens of nearly the
same probability may have changed ranks.
"""

import pytest
import torch

from wheel.domain.sampling import shape_distribution

MAX_ERROR = 1e-5  # of a probability, compared with a plain forward pass
NEARLY_EQUAL = 1e-4  # tokens with a smaller relative difference may change ranks


def probs_after(model, token_ids, settings):
    with torch.no_grad():
        logits = model(torch.tensor([token_ids])).logits[0, -1].numpy()
    return shape_distribution(logits, settings).probs


def assert_every_token_was_drawn_from_its_context(model, session):
    for index, chosen in enumerate(session.history):
        token_ids = session.token_ids[: len(session.prompt_token_ids) + index]
        assert_was_drawn(chosen, probs_after(model, token_ids, chosen.settings))


def assert_was_drawn(chosen, probs):
    own = probs[chosen.token_id]
    more_likely, as_likely = probs > own * (1 + NEARLY_EQUAL), probs >= own * (1 - NEARLY_EQUAL)
    assert chosen.prob == pytest.approx(own, abs=MAX_ERROR)
    assert more_likely.sum() < chosen.rank <= as_likely.sum()
    start, end = probs[more_likely].sum(), probs[as_likely].sum()
    assert start - MAX_ERROR <= chosen.u < end + MAX_ERROR
    assert chosen.is_above == (chosen.prob >= chosen.settings.threshold)
    if chosen.is_above:
        assert chosen.segment_index == chosen.rank - 1
    else:  # in Other, the last segment
        threshold = chosen.settings.threshold
        certain, perhaps = probs > threshold + MAX_ERROR, probs > threshold - MAX_ERROR
        assert certain.sum() <= chosen.segment_index <= perhaps.sum()
