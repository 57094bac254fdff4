"""Actions on one session, each a form of the wheel page: spin, choose, undo, redo, rewind, go
back to a branch, set prompt, find, delete.

Without JavaScript an action is a POST, a redirect and a page. A request of htmx gets the changed
part of the page.
"""

from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.gzip import gzip_page

from wheel import services
from wheel.error_statuses import status_of
from wheel.errors import (
    BranchNotFoundError,
    ClassroomClosedError,
    ClassroomFrozenError,
    ConflictError,
    InvalidFieldsError,
    InvalidInputError,
    SettingLockedError,
    TokenWheelError,
)
from wheel.pages import announcements, recent
from wheel.pages.forms import (
    ChooseForm,
    FindForm,
    PromptForm,
    RestoreForm,
    RevForm,
    RewindForm,
    SpinForm,
    sentences,
)
from wheel.pages.landing import Landing
from wheel.pages.panels.search import FoundToken, find_tokens
from wheel.pages.problems import is_htmx_request, render_error, retarget
from wheel.pages.stage import Stage, build_stage, load_stage
from wheel.pages.stage_answer import Notes, StageAnswer, answer_stage, show_locks, show_paused
from wheel.pages.words.messages import sentence
from wheel.services import SessionState, TokenChange

FormT = TypeVar("FormT", bound=RevForm)


@method_decorator(gzip_page, name="dispatch")
class SessionActionView(View):
    """A POST to a session. A GET, such as a reload after an error, leads to the wheel page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.redirect_to_wheel()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self.act()
        except TokenWheelError as error:
            return render_error(request, error)

    @property
    def session_id(self) -> str:
        session_id: str = self.kwargs["session_id"]
        return session_id

    def redirect_to_wheel(self) -> HttpResponse:
        """To the wheel on the page, which may be below the edge of a small screen."""
        return redirect(f"{reverse('wheel', args=[self.session_id])}#dial")

    def act(self) -> HttpResponse:
        raise NotImplementedError


class SessionChangeView(SessionActionView, Generic[FormT]):
    """A change of the session, described by a form of `form_class`.

    If the change is refused, the answer shows the unchanged session with an explanation. Subclasses
    implement `carry_out`, and may override the answer (`show`), the sentence for screen readers
    (`announcement`) and the explanation (`explain`). `num_added` is the number of tokens that the
    change adds at the end of the text; None if it replaces the text.
    """

    form_class: type[FormT]
    num_added: int | None = None

    def act(self) -> HttpResponse:
        form = self.form_class(self.request.POST)
        if not form.is_valid():
            return self.refuse(form, sentences(form), status=400)
        try:
            state = self.carry_out(form)
        except (ClassroomFrozenError, ClassroomClosedError) as error:
            return show_paused(self.request, self.session_id, error)
        except SettingLockedError as error:
            return show_locks(self.request, self.session_id, error)
        except (InvalidInputError, ConflictError, BranchNotFoundError) as error:
            return self.refuse(form, sentence(error), status=status_of(error))
        if not is_htmx_request(self.request):
            return self.redirect_to_wheel()
        return announcements.announce(self.show(form, state), self.announcement(state))

    def carry_out(self, form: FormT) -> SessionState:
        """The session after the change."""
        raise NotImplementedError

    def show(self, form: FormT, state: SessionState) -> HttpResponse:
        return self.answer(build_stage(state))

    def answer(self, stage: Stage) -> HttpResponse:
        """The stage after the change."""
        num_chosen, num_added = len(stage.state.session.history), self.num_added
        num_kept = None if num_added is None else num_chosen - num_added
        return answer_stage(self.request, StageAnswer(stage, num_kept=num_kept))

    def announcement(self, state: SessionState) -> str:
        """Sentence for screen readers about the change; empty if the answer has it elsewhere."""
        return ""

    def refuse(self, form: FormT, problem: str, *, status: int) -> HttpResponse:
        notes = self.explain(form, problem, status)
        answer = StageAnswer(load_stage(self.session_id), notes, status=status)
        return answer_stage(self.request, answer)

    def explain(self, form: FormT, problem: str, status: int) -> Notes:
        return Notes(problem=problem)


class SpinView(SessionChangeView[SpinForm]):
    """Answers htmx with the stop of the wheel only. The page requests the next wheel separately,
    while this one is still turning."""

    form_class = SpinForm
    change: TokenChange

    def carry_out(self, form: SpinForm) -> SessionState:
        self.change = services.spin(
            session_id=self.session_id, overrides=form.overrides(), rev=form.cleaned_data["rev"]
        )
        return self.change.after

    def show(self, form: SpinForm, state: SessionState) -> HttpResponse:
        change = self.change
        assert change.view is not None
        landing = Landing(change.after, change.view, change.chosen)
        context = {"landing": landing, "is_opened": form.cleaned_data["is_opened"]}
        return render(self.request, "pages/_landing.html", context)


class ChooseView(SessionChangeView[ChooseForm]):
    form_class = ChooseForm
    num_added = 1

    def carry_out(self, form: ChooseForm) -> SessionState:
        return services.append_token(
            session_id=self.session_id,
            token_id=form.cleaned_data["token_id"],
            overrides=form.overrides(),
            rev=form.cleaned_data["rev"],
        ).after

    def show(self, form: ChooseForm, state: SessionState) -> HttpResponse:
        """The next wheel with the settings of this page, which another tab may have changed."""
        return self.answer(build_stage(state, form.overrides()))

    def announcement(self, state: SessionState) -> str:
        return announcements.after_choice(state)


class UndoView(SessionChangeView[RevForm]):
    form_class = RevForm
    num_added = 0

    def carry_out(self, form: RevForm) -> SessionState:
        return services.undo(session_id=self.session_id, rev=form.cleaned_data["rev"]).after

    def announcement(self, state: SessionState) -> str:
        return announcements.after_undo(state)


class RedoView(SessionChangeView[RevForm]):
    form_class = RevForm
    num_added = 1

    def carry_out(self, form: RevForm) -> SessionState:
        return services.redo(session_id=self.session_id, rev=form.cleaned_data["rev"]).after

    def announcement(self, state: SessionState) -> str:
        return announcements.after_redo(state)


class RewindView(SessionChangeView[RewindForm]):
    """Back to just before the token that was clicked."""

    form_class = RewindForm
    num_added = 0

    def carry_out(self, form: RewindForm) -> SessionState:
        num_kept, rev = form.cleaned_data["num_kept"], form.cleaned_data["rev"]
        return services.rewind(session_id=self.session_id, num_kept=num_kept, rev=rev)

    def announcement(self, state: SessionState) -> str:
        return announcements.after_rewind(state)


class RestoreBranchView(SessionChangeView[RestoreForm]):
    """Back to the end of a branch. The answer replaces the whole text."""

    form_class = RestoreForm

    def carry_out(self, form: RestoreForm) -> SessionState:
        number, rev = form.cleaned_data["branch"], form.cleaned_data["rev"]
        return services.restore_branch(session_id=self.session_id, number=number, rev=rev).after

    def announcement(self, state: SessionState) -> str:
        return announcements.after_restore(state)


class SetPromptView(SessionChangeView[PromptForm]):
    form_class = PromptForm

    def carry_out(self, form: PromptForm) -> SessionState:
        prompt, rev = form.cleaned_data["prompt"], form.cleaned_data["rev"]
        return services.set_prompt(session_id=self.session_id, prompt=prompt, rev=rev)

    def announcement(self, state: SessionState) -> str:
        return announcements.after_new_prompt(state)

    def explain(self, form: PromptForm, problem: str, status: int) -> Notes:
        """Beside the prompt if the problem concerns it, else beside the wheel."""
        if status != 400 or "rev" in form.errors:
            return super().explain(form, problem, status)
        if not form.errors:
            form.add_error("prompt", problem)
        return Notes(prompt_form=form)


class FindView(SessionActionView):
    """The place of a typed text's first token on the wheel. It changes nothing, but is a POST, so
    that no log of addresses contains the text."""

    def act(self) -> HttpResponse:
        form, stage = FindForm(self.request.POST), load_stage(self.session_id)
        found = search(stage, form)
        status = 400 if form.errors else 200
        more = {"found": found, "find_form": form, "stage": stage}
        if not is_htmx_request(self.request):
            return answer_stage(self.request, StageAnswer(stage, status=status, more=more))
        response = render(self.request, "pages/_found.html", more, status=status)
        retarget(response, "#found", "innerHTML")
        return response


def search(stage: Stage, form: FindForm) -> list[FoundToken]:
    """The tokens that the form searches for. A text without tokens for it becomes an error of
    the form."""
    if not form.is_valid() or stage.view is None:
        return []
    try:
        return find_tokens(stage.view, form.cleaned_data["text"])
    except InvalidFieldsError as error:
        form.add_error("text", sentence(error))
        return []


class DeleteView(SessionActionView):
    def act(self) -> HttpResponse:
        services.delete_session(session_id=self.session_id)
        response = redirect(f"{reverse('start')}?deleted")
        return recent.remove_sessions(self.request, response, [self.session_id])
