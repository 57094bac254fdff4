"""Names of segments as they are read aloud."""

from django.utils.translation import gettext as _


def segment_name(text: str, share: str) -> str:
    """ "␣mat, 18.0 %" """
    return _("%(what)s, %(share)s") % {"what": text, "share": share}
