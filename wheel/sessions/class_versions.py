"""The version of a class, which grows with every change that its wall shows.

It grows after the change was written. If the process is killed between the two, the wall shows the
change with the next one, or after a minute.
"""

import logging

from django.db import DatabaseError
from django.db.models import F

from wheel.models import Classroom
from wheel.sessions.outages import log_failure

logger = logging.getLogger(__name__)


def note_change(classroom_id: int | None) -> None:
    """Nothing for None, the class of a session without one. A failure is logged."""
    if classroom_id is None:
        return
    try:
        Classroom.objects.filter(pk=classroom_id).update(version=F("version") + 1)
    except DatabaseError as error:
        log_failure(logger, "the version of a class could not be written", error)
