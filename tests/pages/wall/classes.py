"""Classes with real sessions, for tests of the wall's drawings."""

from unittest.mock import patch

from wheel import services
from wheel.models import Classroom, Member
from wheel.services import classrooms

PROMPT = "The cat sat on the"


def make_class(num_members, *, prompt=PROMPT, **fields):
    classroom = Classroom.objects.create(title="4b", prompt=prompt, model_id="gpt2", **fields)
    for _ in range(num_members):
        classrooms.add_member(classroom)
    return classroom


def member_of(classroom, idx):
    return list(classroom.members.order_by("pk"))[idx]


def session_id_of(classroom, idx):
    return str(member_of(classroom, idx).session_id)


def next_view(classroom, idx, **overrides):
    """The wheel of a member with the settings of its class."""
    settings = classroom.wheel_settings.with_overrides(overrides)
    return services.next_wheel(
        session_id=session_id_of(classroom, idx), settings=settings, is_stored=False
    )


def draw(classroom, idx, *ranks, **overrides):
    """Let a member draw the tokens of these 0-based ranks, one after the other. Returns the token
    ids."""
    drawn = []
    for rank in ranks:
        distribution = next_view(classroom, idx, **overrides).wheel.distribution
        ends = [0.0, *distribution.cumulative[: rank + 1].tolist()]
        with patch("wheel.services.states.draw_u", return_value=(ends[-2] + ends[-1]) / 2):
            change = services.spin(
                session_id=session_id_of(classroom, idx),
                overrides=classroom.wheel_settings.as_dict() | overrides,
            )
        drawn.append(change.chosen.token_id)
    return drawn


def choose(classroom, idx, *token_ids):
    """Let a member choose tokens by hand."""
    for token_id in token_ids:
        services.append_token(session_id=session_id_of(classroom, idx), token_id=token_id)


def hide(classroom, *idxs):
    ids = [member_of(classroom, idx).pk for idx in idxs]
    Member.objects.filter(pk__in=ids).update(is_hidden=True)
