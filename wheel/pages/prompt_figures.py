"""GET /wheel/<id>/prompt-figures: the surprise of the prompt's tokens, as JSON.

The wheel page fetches it after it is shown, if it has been rendered without them (decision 0047).
Without a script, a link leads here and back to the page, which then has them. It changes nothing in
the session.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from wheel import services
from wheel.pages.panels.prompt_figures import prompt_figures, prompt_key
from wheel.pages.problems import errors_answered_by, json_error, render_errors


@gzip_page
@require_safe
def show_prompt_figures(request: HttpRequest, session_id: str) -> HttpResponse:
    answer = answer_script if "prompt" in request.GET else answer_link
    return answer(request, session_id)


@errors_answered_by(json_error)
def answer_script(request: HttpRequest, session_id: str) -> HttpResponse:
    """Query: `prompt`, the key of the prompt on the page. 204 if the session has another one by
    now."""
    state = services.get_session(session_id=session_id)
    if request.GET["prompt"] != prompt_key(state):
        return HttpResponse(status=204)
    return JsonResponse(prompt_figures(state, services.prompt_scores(state)))


@render_errors
def answer_link(_request: HttpRequest, session_id: str) -> HttpResponse:
    state = services.get_session(session_id=session_id)
    services.prompt_scores(state)
    return redirect("wheel", session_id)
