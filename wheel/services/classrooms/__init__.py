"""The use cases of classrooms: joining, the teacher's actions, and the stories of the members."""

from wheel.services.classrooms.beginnings import Beginning, NextDraws, find_beginning
from wheel.services.classrooms.class_draws import ClassDraws, find_class_draws
from wheel.services.classrooms.common_spin import (
    CommonSpin,
    RoundProgress,
    round_progress,
    spin_everyone,
)
from wheel.services.classrooms.following import (
    ClassStatus,
    class_status,
    missed_common_spin,
    rules_digest,
)
from wheel.services.classrooms.guess_rounds import (
    GuessRound,
    MemberGuess,
    find_guess_round,
    show_guesses,
)
from wheel.services.classrooms.joining import (
    ClassroomSummary,
    NewMember,
    add_member,
    find_classroom,
    find_members,
    join_classroom,
    summarize_classroom,
)
from wheel.services.classrooms.ownership import CHANGE, VIEW, classrooms_of
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
    copy_classroom,
    delete_classroom,
    delete_classrooms,
    edit_classroom,
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
    "CHANGE",
    "MAX_HELD_STORIES",
    "MAX_VIRTUAL_MEMBERS",
    "VIEW",
    "Beginning",
    "ClassDraws",
    "ClassStatus",
    "ClassroomSummary",
    "CommonSpin",
    "GuessRound",
    "HeldCopy",
    "MemberGuess",
    "NewMember",
    "NextDraws",
    "RoundProgress",
    "Story",
    "add_member",
    "add_virtual_members",
    "class_status",
    "classrooms_of",
    "copy_classroom",
    "delete_classroom",
    "delete_classrooms",
    "edit_classroom",
    "find_beginning",
    "find_class_draws",
    "find_classroom",
    "find_guess_round",
    "find_members",
    "hold_stories",
    "join_classroom",
    "load_held_stories",
    "load_stories",
    "missed_common_spin",
    "release_stories",
    "reset_all",
    "round_progress",
    "rules_digest",
    "set_expiry",
    "set_names_hidden",
    "set_prompt_for_all",
    "set_state",
    "set_story_hidden",
    "show_guesses",
    "spin_everyone",
    "summarize_classroom",
]
