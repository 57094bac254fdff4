"""Tokens as elements of a page: isolated from the direction of the text around them, and exempt
from the browser's translator, which would show other tokens than the model's."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

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
