"""The ETag of the wall, which one query decides: no session is read for it.

It also changes every minute. So members whose sessions have ended disappear, and a change whose
version was not written, because the process was killed, is shown at last.
"""

from datetime import datetime
from hashlib import sha256

from django.forms.models import model_to_dict
from django.utils.http import quote_etag
from django.utils.translation import get_language

from wheel.clock import utc_now
from wheel.installation import VERSION
from wheel.models import Classroom
from wheel.pages.wall.view_state import ViewState


def current_etag(classroom: Classroom, view: ViewState) -> str:
    return etag_at(utc_now(), classroom, view)


def etag_at(now: datetime, classroom: Classroom, view: ViewState) -> str:
    """From everything of the class that its teacher can set, also in the admin, its version, the
    view state, the minute, and the program and language that make the page."""
    parts = (
        VERSION,
        get_language(),
        classroom.pk,
        classroom.version,
        sorted(model_to_dict(classroom).items()),
        view,
        now.replace(second=0, microsecond=0),
    )
    return quote_etag(sha256(repr(parts).encode()).hexdigest()[:32])
