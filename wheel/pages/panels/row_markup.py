"""Markup of the rows of tokens in the table of a wheel, of which an answer has more than twenty. As
templates they took a third of its time (decision 0052)."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wheel.pages.panels.table import TokenRow
from wheel.pages.words.numbers import percent
from wheel.pages.words.spoken import spoken
from wheel.pages.words.tokens import token_name, token_note

register = template.Library()

PAUSED = " disabled data-paused"


@register.simple_tag
def token_rows(rows: Iterable[TokenRow], *, is_paused: bool) -> SafeString:
    """`is_paused`: whether the class lets its members only look."""
    return SafeString("\n".join(row_of(row, is_paused=is_paused) for row in rows))


@register.simple_tag
def token_row(row: TokenRow, *, is_paused: bool) -> SafeString:
    return SafeString(row_of(row, is_paused=is_paused))


def row_of(row: TokenRow, *, is_paused: bool) -> str:
    name = spoken(row.token)
    return (
        f'<tr>\n<th scope="row" class="col-token" {token_cell(row, name)}</th>\n'
        f'<td class="col-id">{row.token.token_id}</td>\n'
        f'<td class="col-bar">\n{bar(row)}</td>\n{figure_cells(row)}\n'
        f'<td class="col-choose">\n{choose_button(row, name, is_paused=is_paused)}</td>\n</tr>'
    )


def token_cell(row: TokenRow, name: str) -> str:
    note = token_note(row.token)
    spoken_note = f", {escape(note)}" if note else ""
    visible_note = f'\n<span class="token-note">{escape(note)}</span>\n' if note else ""
    swatch = "swatch-other" if row.hue_index is None else f"hue-{row.hue_index}"
    return (
        f'aria-label="{escape(name)}{spoken_note}">\n<span class="token-cell">'
        f'<span class="swatch {swatch}"></span>{token_name(row.token)}</span>{visible_note}'
    )


def bar(row: TokenRow) -> str:
    raw = mark = ""
    if row.is_reshaped:
        raw = f'<span class="bar-raw">{in_model(percent(row.figures.raw_prob or 0))}</span>\n'
        mark = f'<rect class="bar-mark" x="{row.raw_mark}" width="1" height="8" />\n'
    hue = "" if row.hue_index is None else f"hue-{row.hue_index}"
    return (
        f'<span class="bar-number">{escape(percent(row.figures.prob))}</span>\n{raw}'
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">\n'
        '<rect class="bar-ground" width="100" height="8" />\n'
        f'<rect class="bar-fill {hue}" width="{row.bar_width}" height="8" />\n{mark}</svg>\n'
    )


def figure_cells(row: TokenRow) -> str:
    figures = row.figures
    if figures.is_removed and not figures.is_excluded:
        log_prob, bits = (
            in_model(figures.plain_log_probability),
            in_model(figures.plain_surprise),
        )
    else:
        log_prob, bits = escape(figures.log_probability), escape(figures.surprise)
    return f'<td class="col-log">{log_prob}</td>\n<td class="col-bits">{bits}</td>'


def choose_button(row: TokenRow, name: str, *, is_paused: bool) -> str:
    label = escape(_("Choose %(token)s") % {"token": name})
    return (
        f'<button type="submit" id="choose-{row.rank}" class="button button-small"'
        f' name="token_id" value="{row.token.token_id}"{PAUSED if is_paused else ""}'
        f' aria-label="{label}">\n{escape(_("Choose"))}\n</button>\n'
    )


def in_model(share: str) -> str:
    return escape(_("model: %(share)s") % {"share": share})
