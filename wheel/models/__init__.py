"""Database models: classrooms, and index rows of wheel sessions for the admin.

They hold no text that a student has written; the sessions themselves are in the session store.
"""

from wheel.models.classroom import (
    LOCKABLE_NAMES,
    PROMPT,
    Classroom,
    ClassState,
    Half,
    HeldStory,
    Luck,
    Member,
)
from wheel.models.session_index import SessionIndexEntry

__all__ = [
    "LOCKABLE_NAMES",
    "PROMPT",
    "ClassState",
    "Classroom",
    "Half",
    "HeldStory",
    "Luck",
    "Member",
    "SessionIndexEntry",
]
