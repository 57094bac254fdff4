"""Lesson "Guess first": a token is named before its wheel is shown, in ten rounds.

GET   the next question, or with `round` in the query a round that was played, with its wheel
POST  a guess: its token is noted and the wheel is spun, in one change. With a typed text
      instead of a token, the tokens that it may stand for; nothing is changed.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wheel import services
from wheel.domain.guess import MAX_GUESSES
from wheel.error_statuses import status_of
from wheel.errors import ConflictError, InvalidFieldsError, InvalidInputError, StaleRevisionError
from wheel.pages.announcements import announce
from wheel.pages.forms import MAX_INTEGER, MAX_SEARCH_CHARACTERS, RevForm, sentences
from wheel.pages.lessons.forms import PredictionForm
from wheel.pages.lessons.guess_game import GuessGame, RevealedRound
from wheel.pages.lessons.lesson import Lesson
from wheel.pages.lessons.session_lesson import ExperimentView, SessionLesson
from wheel.pages.panels.search import FoundToken, find_tokens
from wheel.pages.problems import is_htmx_request, retarget
from wheel.pages.words.messages import sentence
from wheel.pages.words.numbers import bits, percent
from wheel.pages.words.spoken import spoken
from wheel.services import SessionState

LESSON = Lesson(
    key="guess-first",
    title=gettext_lazy("Guess first"),
    summary=gettext_lazy("Name the next token before you see the wheel. How well do you know it?"),
    question=gettext_lazy(
        "Can you guess what the model expects? Ten times you name the next token before its wheel "
        "appears. The less your guess surprises the model, the better."
    ),
    choices=(),
    look_for=gettext_lazy(
        "A guess of 1 bit has half of the wheel, and every further bit halves it again. Look at "
        "the rounds in which even the favourite of the model was dear: there the next token is "
        "open, for you and for the model."
    ),
    why=gettext_lazy(
        "Surprise in bits is what language models are trained with and measured by: the better a "
        "model knows a language, the fewer bits the next token costs it."
    ),
    minutes=15,
    prompt="The dog chased the",
)
SWAP_AT_ONCE = "innerHTML settle:0ms"  # a key pressed at once finds forms that htmx sends
EMPTY_GUESS = gettext_lazy("Type a word, or choose one of the tokens below.")


class RoundForm(PredictionForm):
    """`round`: the number of the round to show."""

    round = forms.IntegerField(min_value=1, max_value=MAX_GUESSES, required=False)


class GuessForm(RevForm):
    """A token, or a text that is to be read. `position`: the number of chosen tokens on the page,
    which tells a guess that is sent twice from a new one."""

    position = forms.IntegerField(min_value=0, max_value=MAX_INTEGER)
    token_id = forms.IntegerField(max_value=MAX_INTEGER, required=False)
    text = forms.CharField(required=False, strip=False, max_length=MAX_SEARCH_CHARACTERS)


class GuessView(ExperimentView):
    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        form = GuessForm(request.POST)
        if not form.is_valid():
            return self.refuse(sentences(form), status=400)
        if form.cleaned_data["token_id"] is None:
            return self.read(form)
        return self.guess(form)

    def guess(self, form: GuessForm) -> HttpResponse:
        data = form.cleaned_data
        try:
            change = services.guess(
                session_id=self.session_id, token_id=data["token_id"], rev=data["rev"]
            )
        except StaleRevisionError as error:
            return self.show_round_again(form) or self.refuse(sentence(error), status=409)
        except (InvalidInputError, ConflictError) as error:
            return self.refuse(sentence(error), status=status_of(error))
        return self.show_round(change.after, len(change.after.session.guesses))

    def show_round_again(self, form: GuessForm) -> HttpResponse | None:
        """The round of a guess that was sent twice; None if it is not this guess."""
        state = services.get_session(session_id=self.session_id)
        sent = form.cleaned_data["position"], form.cleaned_data["token_id"]
        for number, guess in enumerate(state.session.guesses, start=1):
            if (guess.position, guess.token_id) == sent:
                return self.show_round(state, number)
        return None

    def show_round(self, state: SessionState, number: int) -> HttpResponse:
        if not is_htmx_request(self.request):
            address = reverse(self.page.lesson.experiment_url_name, args=[self.session_id])
            return redirect(f"{address}?round={number}#experiment")
        return self.answer(GuessGame(state, number))

    def read(self, form: GuessForm) -> HttpResponse:
        """The tokens that the typed text may stand for, the likelier one first."""
        state = services.get_session(session_id=self.session_id)
        game, found, problem = GuessGame(state), [], ""
        try:
            found = self.find(game, form.cleaned_data["text"])
        except InvalidFieldsError as error:
            problem = sentence(error)
        if not found and not problem:
            problem = str(EMPTY_GUESS)
        status = 400 if problem else 200
        more = {"text": form.cleaned_data["text"], "readings": found, "reading_problem": problem}
        if not is_htmx_request(self.request):
            return self.answer(game, status=status, more=more)
        context = more | {"game": game, "lesson": LESSON, "session_id": self.session_id}
        response = render(self.request, "lessons/_guess_readings.html", context, status=status)
        retarget(response, "#readings", SWAP_AT_ONCE)
        return response

    def find(self, game: GuessGame, text: str) -> list[FoundToken]:
        if game.is_over or not text:
            return []
        return find_tokens(services.serve_wheel(state=game.state, is_stored=False), text)

    def refuse(self, problem: str, *, status: int) -> HttpResponse:
        """The game as it is, with the reason why nothing was changed."""
        game = GuessGame(services.get_session(session_id=self.session_id))
        return self.answer(game, problem=problem, status=status)

    def show(
        self,
        state: SessionState,
        form: PredictionForm,
        *,
        experiment: object = None,
        problem: str = "",
        status: int = 200,
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> HttpResponse:
        """For htmx the experiment alone."""
        more = {"is_fragment": is_htmx_request(self.request)} | dict(more)
        response = super().show(
            state, form, experiment=experiment, problem=problem, status=status, more=more
        )
        if not is_htmx_request(self.request):
            return response
        retarget(response, "#experiment", SWAP_AT_ONCE)
        revealed = experiment.revealed if isinstance(experiment, GuessGame) else None
        return announce(response, announcement(revealed) if revealed else "")

    @property
    def template_name(self) -> str:
        is_fragment = is_htmx_request(self.request)
        return "lessons/_guess_first.html" if is_fragment else self.page.template_name

    def answer(
        self,
        game: GuessGame,
        *,
        problem: str = "",
        status: int = 200,
        more: Mapping[str, object] = MappingProxyType({}),
    ) -> HttpResponse:
        form = RoundForm(self.page.lesson)
        return self.show(
            game.state, form, experiment=game, problem=problem, status=status, more=more
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    @property
    def session_id(self) -> str:
        session_id: str = self.kwargs["session_id"]
        return session_id


def announcement(played: RevealedRound) -> str:
    """A round for screen readers."""
    words = {
        "guess": spoken(played.guessed),
        "share": percent(played.guess_prob),
        "bits": bits(played.guess.surprisal_bits),
        "drawn": spoken(played.drawn),
        "drawn_bits": bits(played.drawn_bits),
    }
    return (
        _(
            "Your guess “%(guess)s” had %(share)s of the wheel: %(bits)s. The wheel stopped at "
            "“%(drawn)s”: %(drawn_bits)s."
        )
        % words
    )


class GuessFirst(SessionLesson[RoundForm]):
    lesson = LESSON
    template_name = "lessons/guess_first.html"
    form_class = RoundForm
    experiment_view = GuessView

    def experiment(self, state: SessionState, form: RoundForm) -> GuessGame:
        """A round that the session does not have, as after an undo, is not shown."""
        shown = form.cleaned_data["round"]
        is_played = shown is not None and shown <= len(state.session.guesses)
        game = GuessGame(state, shown if is_played else None)
        game.revealed, game.choices, game.result  # noqa: B018 - errors are answered here
        return game
