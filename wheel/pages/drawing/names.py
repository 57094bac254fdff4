"""Names of segments as they are read aloud."""

from django.utils.translation import gettext as _

from wheel.domain.token import Token


def token_name(token: Token) -> str:
    return token.display_text


def segment_name(what: str, share: str) -> str:
    """ "␣mat, 18.0 %" """
    return _("%(what)s, %(share)s") % {"what": what, "share": share}
