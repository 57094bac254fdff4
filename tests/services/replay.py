"""Whether a story is true: every token drawn again, on the ids before it, by the model alone."""

import pytest
import torch

from wheel.domain.sampling import shape_distribution
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin


def wheel_after(model, token_ids, settings):
    with torch.no_grad():
        logits = model(torch.tensor([token_ids])).logits[0, -1].numpy()
    return Wheel(shape_distribution(logits, settings), settings.threshold)


def assert_every_token_was_drawn_where_it_stands(model, session):
    for place, chosen in enumerate(session.history):
        token_ids = session.token_ids[: len(session.prompt_token_ids) + place]
        wheel = wheel_after(model, token_ids, chosen.settings)
        spin = Spin.at(wheel, chosen.u)
        assert (chosen.token_id, chosen.segment_index) == (spin.token_id, spin.segment_index)
        assert chosen.prob == pytest.approx(wheel.distribution.probs[chosen.token_id], abs=1e-6)
        assert chosen.rank == wheel.distribution.rank_of(chosen.token_id) + 1
        assert chosen.is_above == (chosen.prob >= wheel.threshold)
