"""The use cases of classrooms: joining, the teacher's actions, and the stories of the members."""

from wheel.services.classrooms.beginnings import Beginning, NextDraws, find_beginning
from wheel.services.classrooms.common_spin import (
    CommonSpin,
    RoundProgress,
    num_spun,
    round_progress,
    spin_everyone,
)
from wheel.services.classrooms.joining import (
    ClassroomSummary,
    NewMember,
    add_member,
    find_classroom,
    join_classroom,
    summarize_classroom,
)
from wheel.services.classrooms.ownership import classrooms_of
from wheel.services.classrooms.stories import (
    HeldCopy,
    Story,
    load_held_stories,
    load_stories,
)
from wheel.services.classrooms.teaching import (
    MAX_HELD_STORIES,
    MAX_VIRTUAL_MEMBERS,
    add_virtual_members,
    delete_classroom,
    hold_stories,
    release_stories,
    reset_all,
    set_expiry,
    set_names_hidden,
    set_prompt_for_all,
    set_state,
    set_story_hidden,
)

__all__ = [
    "MAX_HELD_STORIES",
    "MAX_VIRTUAL_MEMBERS",
    "Beginning",
    "ClassroomSummary",
    "CommonSpin",
    "HeldCopy",
    "NewMember",
    "NextDraws",
    "RoundProgress",
    "Story",
    "add_member",
    "add_virtual_members",
    "classrooms_of",
    "delete_classroom",
    "find_beginning",
    "find_classroom",
    "hold_stories",
    "join_classroom",
    "load_held_stories",
    "load_stories",
    "num_spun",
    "release_stories",
    "reset_all",
    "round_progress",
    "set_expiry",
    "set_names_hidden",
    "set_prompt_for_all",
    "set_state",
    "set_story_hidden",
    "spin_everyone",
    "summarize_classroom",
]
