"""QR codes of the address where a class is joined, as inline SVG."""

from urllib.parse import urlencode

import segno
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from wheel.models import Classroom

QUIET_ZONE = 4  # modules of white margin, as ISO/IEC 18004 requires
ERROR_CORRECTION = "m"  # 15 % of the code may be hidden or dirty


def join_url(request: HttpRequest, classroom: Classroom) -> str:
    """The full address that joins this class, as the client of this request reaches the server."""
    path = f"{reverse('join')}?{urlencode({'code': classroom.code})}"
    return request.build_absolute_uri(path)


def qr_svg(url: str) -> SafeString:
    """Black on white in both colour schemes, since many readers do not find an inverted code. The
    picture has no size of its own and no inline style, which the content security policy forbids;
    it is hidden from screen readers, for which the address stands beside it."""
    code = segno.make_qr(url, error=ERROR_CORRECTION)
    svg = code.svg_inline(
        border=QUIET_ZONE, light="#fff", omitsize=True, svgclass="qr-code", lineclass=None
    )
    hidden = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return mark_safe(hidden)  # noqa: S308 - segno's own drawing; the address is in its modules only
