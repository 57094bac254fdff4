"""Tokens as elements of a page: isolated from the direction of the text around them, and exempt
from the browser's translator, which would show other tokens than the model's."""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wheel.domain.token import Token
from wheel.pages.words.directions import token_direction

register = template.Library()


@register.filter
def token_name(token: Token) -> SafeString:
    """The token with everything visible."""
    return format_html(
        '<bdi class="notranslate" translate="no" dir="{}">{}</bdi>',
        token_direction(token) or "auto",
        token.display_text,
    )


@register.filter
def typed_texts(texts: Iterable[str]) -> SafeString:
    """Texts that a user has typed, with commas between them."""
    names = ((text,) for text in texts)
    return format_html_join(
        ", ", '<bdi class="notranslate" translate="no" dir="auto">{}</bdi>', names
    )


@register.filter
def token_note(token: Token) -> str:
    """An explanation of a token that is no text by itself; empty for other tokens."""
    if token.ends_text:
        return _("the model wants to stop here")
    if token.is_special:
        return _("a control sign of the model, not text")
    return _("a piece of a character") if token.is_piece else ""
