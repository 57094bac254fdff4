"""Answers that show the wall: the whole page, or for htmx the part of it that changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wheel.clock import utc_now
from wheel.models import Classroom, Half
from wheel.pages.problems import is_htmx_request
from wheel.pages.wall.cards import build_cards
from wheel.pages.wall.controls import Controls
from wheel.pages.wall.drawings import Drawings
from wheel.pages.wall.etag import current_etag
from wheel.pages.wall.guess_board import GuessBoard
from wheel.pages.wall.held import build_held
from wheel.pages.wall.join_strip import JoinStrip
from wheel.pages.wall.view_state import Order, ViewState
from wheel.pages.wall.wall import Wall

RELOAD_AFTER_S = 10  # of a page without JavaScript


def answer_wall(
    request: HttpRequest,
    classroom: Classroom,
    view: ViewState,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """`classroom` is as it was read before the stories: a change meanwhile makes another ETag.
    Without one of its wheels the answer has no ETag, so that the next poll tries again. Raises
    `StoreUnavailableError` and `ModelUnavailableError`."""
    etag = current_etag(classroom, view)
    wall = Wall.load(classroom, view)
    drawings = Drawings.of(wall)
    if drawings.has_obstacle:
        etag = ""
    template = "wall/_live.html" if is_htmx_request(request) else "wall/wall.html"
    context = build_context(request, wall, drawings) | {"etag": etag, "problem": problem}
    response = render(request, template, context, status=status)
    if etag:
        response["ETag"] = etag
    return response


def build_context(request: HttpRequest, wall: Wall, drawings: Drawings) -> dict[str, object]:
    classroom, controls = wall.classroom, Controls.of(wall, utc_now())
    return {
        "wall": wall,
        "reload_after_s": RELOAD_AFTER_S,
        "classroom": classroom,
        "address": reverse("wall", args=[classroom.pk]) + wall.view.query,
        "query": wall.view.query,
        "guesses": drawings.guesses,
        "spins": drawings.spins,
        "halves": drawings.halves,
        "pooled": drawings.pooled,
        "pooled_prompt_query": wall.address(fork=None),
        "tree": drawings.tree,
        "tree_halves": tree_halves(wall),
        "join": JoinStrip.of(request, wall),
        "held": build_held(wall),
        "cards": build_cards(wall),
        "controls": controls,
        "newest_first": wall.address(order=Order.NEWEST),
        "surprising_first": wall.address(order=Order.SURPRISE),
        "announced": announced(wall, controls, drawings.guesses),
    }


def tree_halves(wall: Wall) -> list[tuple[str, str, bool]]:
    """The name of each half, the query of the wall with its tree, and whether that is on show; none
    for a class with one prompt."""
    if not wall.classroom.has_halves:
        return []
    return [
        (str(half.label), wall.address(half=half, root=None, fork=None), half == wall.view.half)
        for half in Half
    ]


def announced(wall: Wall, controls: Controls, guesses: GuessBoard | None) -> dict[str, str]:
    """Sentences about the class, by the name of their subject. A screen reader gets one when it has
    changed."""
    num_members, progress = len(wall.stories), controls.progress
    is_shown = guesses is not None and not guesses.is_covered
    joined = ngettext("%(number)s has joined.", "%(number)s have joined.", num_members)
    return {
        "joined": joined % {"number": num_members},
        "state": state_sentence(wall),
        "spin": _("Everyone has spun.") if progress and not progress.num_waiting else "",
        "guesses": _("The guesses are on show.") if is_shown else "",
    }


def state_sentence(wall: Wall) -> str:
    if wall.is_closed:
        return _("The class is over.")
    return _("The class is frozen.") if wall.is_frozen else _("The class is open.")
