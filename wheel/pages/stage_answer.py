"""Answers that show the stage: the whole page, or for htmx the parts that may have changed.

The size of an answer to htmx does not depend on the length of the text. The page sends the revision
of the text that it shows; the answer contains only the chips that the page lacks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from wheel.domain.wheel_settings import SETTING_NAMES
from wheel.error_statuses import status_of
from wheel.errors import ConflictError, SettingLockedError
from wheel.pages.announcements import announce
from wheel.pages.forms import PromptForm, SettingsForm
from wheel.pages.panels.knobs import Knobs
from wheel.pages.panels.story import StoryChange
from wheel.pages.problems import is_htmx_request, retarget
from wheel.pages.stage import Stage, load_stage
from wheel.pages.words.messages import sentence

KNOBS_FORM_ID = "knobs-form"
SHOWN_REV_HEADER = "Shown-Rev"
CLASS_HEADER = "Class-Change"  # sent by a page that follows its class: what it has found changed
TEXT_CHANGED, RULES_CHANGED = "text", "rules"


@dataclass(frozen=True)
class Notes:
    """Messages beside the stage. A form is given if its values were refused."""

    problem: str = ""
    prompt_form: PromptForm | None = None
    settings_form: SettingsForm | None = None


@dataclass(frozen=True)
class StageAnswer:
    """The stage, in answer to a request.

    num_kept  if the request changed the text: the number of chosen tokens that stayed, counted from
              the first; None if the request did not change it, or replaced all of it
    are_locks_new  whether the page may lack locks of its class, so that it needs all knobs
    """

    stage: Stage
    notes: Notes = field(default_factory=Notes)
    status: int = 200
    more: Mapping[str, object] = field(default_factory=dict)
    num_kept: int | None = None
    are_locks_new: bool = False

    def context(self, *, are_in_query: bool = False) -> dict[str, object]:
        stage, notes = self.stage, self.notes
        return {
            "stage": stage,
            "problem": notes.problem,
            "prompt_form": notes.prompt_form or PromptForm(initial=self._prompt_initial()),
            "knobs": Knobs(
                stage.settings,
                notes.settings_form,
                are_in_query,
                stage.num_segments,
                stage.locked,
            ),
            **self.more,
        }

    def story_change(self, shown_rev: str | None) -> StoryChange | None:
        """What a page that shows the text of `shown_rev` has to change in it. None if it has to
        replace the whole text: another client has changed it, or the revision is unknown."""
        session = self.stage.state.session
        if shown_rev == str(session.rev):
            return StoryChange(self.stage.state, len(session.history))
        if shown_rev == str(session.rev - 1) and self.num_kept is not None:
            return StoryChange(self.stage.state, self.num_kept)
        return None

    def _prompt_initial(self) -> dict[str, object]:
        return {"prompt": self.stage.state.initial_prompt}


def answer_stage(request: HttpRequest, answer: StageAnswer) -> HttpResponse:
    """The whole page, or for htmx the parts that may have changed."""
    is_fragment = is_htmx_request(request)
    response = answer_parts(request, answer) if is_fragment else answer_page(request, answer)
    patch_vary_headers(response, ["HX-Request", SHOWN_REV_HEADER])
    return response


def answer_page(request: HttpRequest, answer: StageAnswer) -> HttpResponse:
    are_in_query = not request.GET.keys().isdisjoint(SETTING_NAMES)
    context = answer.context(are_in_query=are_in_query)
    return render(request, "pages/wheel.html", context, status=answer.status)


def answer_parts(request: HttpRequest, answer: StageAnswer) -> HttpResponse:
    is_refused = answer.notes.settings_form is not None
    shown_rev = request.headers.get(SHOWN_REV_HEADER)
    are_rules_new = request.headers.get(CLASS_HEADER) == RULES_CHANGED
    is_from_knobs = request.headers.get("HX-Trigger") == KNOBS_FORM_ID
    context = answer.context() | {
        "are_rules_new": are_rules_new,
        "is_from_knobs": is_from_knobs and not answer.are_locks_new,
        "is_refused": is_refused,
        "is_story_shown": shown_rev == str(answer.stage.rev),
        "story_change": answer.story_change(shown_rev),
    }
    response = render(request, "pages/_stage_answer.html", context, status=answer.status)
    retarget(response, "#wheel-area", "none" if is_refused else "outerHTML")
    return response


def show_paused(request: HttpRequest, session_id: str, error: ConflictError) -> HttpResponse:
    """The answer to a change that the class does not allow at the moment: the stage with the notice
    of the class, which is no error."""
    stage = load_stage(session_id)
    notes = Notes() if stage.is_paused else Notes(problem=sentence(error))
    response = answer_stage(request, StageAnswer(stage, notes, status=status_of(error)))
    return announce(response, sentence(error) if stage.is_paused else "")


def show_locks(request: HttpRequest, session_id: str, error: SettingLockedError) -> HttpResponse:
    """The answer to a request for another value than the class has fixed: the stage with the values
    of the class."""
    stage, notes = load_stage(session_id), Notes(problem=sentence(error))
    answer = StageAnswer(stage, notes, status=status_of(error), are_locks_new=True)
    return answer_stage(request, answer)
