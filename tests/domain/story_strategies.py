"""Stories of classes, from small vocabularies so that they have beginnings in common."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from wheel.domain.story_tree import MemberStory, NodeName, find_node
from wheel.domain.wheel_session import ChosenToken
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS

SELECTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


def chosen(token_id, prob=0.5, raw_prob=0.25):
    return ChosenToken(
        token_id=token_id,
        prob=prob,
        log_prob=None,
        rank=1,
        entropy_bits=1.0,
        is_above=True,
        settings=NEUTRAL_SETTINGS,
        selected_at=SELECTED_AT,
        u=0.5,
        segment_index=0,
        raw_prob=raw_prob,
    )


def story(member_id, *token_ids):
    return MemberStory(member_id, tuple(map(chosen, token_ids)))


def node_of(root, member_id, depth):
    """A node that exists."""
    node = find_node(root, NodeName(member_id, depth))
    assert node is not None
    return node


steps = st.builds(
    chosen,
    st.integers(0, 2),
    st.sampled_from([0.0, 0.2, 0.5, 1.0]),
    st.none() | st.sampled_from([0.1, 0.3]),
)


@st.composite
def classes(draw, max_members=14):
    """Stories of distinct members, in any order."""
    member_ids = draw(st.lists(st.integers(1, 1000), unique=True, max_size=max_members))
    stories = st.lists(steps, max_size=7)
    return [MemberStory(member_id, tuple(draw(stories))) for member_id in member_ids]
