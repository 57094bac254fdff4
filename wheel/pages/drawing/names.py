"""Names of segments as they are read aloud."""

from django.utils.translation import gettext as _


def segment_name(what: str, share: str) -> str:
    """ "space, mat, 18.0%" """
    return _("%(what)s, %(share)s") % {"what": what, "share": share}
