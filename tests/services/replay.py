"""Whether a story is true: every token drawn again, on the ids before it, by the model alone.

Sums of 32-bit numbers come out a little differently by the processor and by what else is in a
forward pass, so tokens that are as likely as each other, but for that, may have changed places.
"""

import pytest
import torch

from wheel.domain.sampling import shape_distribution

PROMISED = 1e-5  # how far a probability may be from that of a plain forward pass
ALIKE = 1e-4  # tokens whose probabilities differ by less than this, relatively, may change places


def probs_after(model, token_ids, settings):
    with torch.no_grad():
        logits = model(torch.tensor([token_ids])).logits[0, -1].numpy()
    return shape_distribution(logits, settings).probs


def assert_every_token_was_drawn_where_it_stands(model, session):
    for place, chosen in enumerate(session.history):
        token_ids = session.token_ids[: len(session.prompt_token_ids) + place]
        assert_was_drawn(chosen, probs_after(model, token_ids, chosen.settings))


def assert_was_drawn(chosen, probs):
    own = probs[chosen.token_id]
    more_likely, as_likely = probs > own * (1 + ALIKE), probs >= own * (1 - ALIKE)
    assert chosen.prob == pytest.approx(own, abs=PROMISED)
    assert more_likely.sum() < chosen.rank <= as_likely.sum()
    start, end = probs[more_likely].sum(), probs[as_likely].sum()
    assert start - PROMISED <= chosen.u < end + PROMISED
    assert chosen.is_above == (chosen.prob >= chosen.settings.threshold)
    if chosen.is_above:
        assert chosen.segment_index == chosen.rank - 1
    else:  # in Other, which comes after all that have a segment of their own
        threshold = chosen.settings.threshold
        certain, perhaps = probs > threshold + PROMISED, probs > threshold - PROMISED
        assert certain.sum() <= chosen.segment_index <= perhaps.sum()
