"""GET /wheel/<id>/knob-steps: the wheel at every step of one knob's slider, as JSON.

The wheel page fetches it when a knob is touched, and interpolates between its steps while the knob
is moved. It changes nothing in the session.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from wheel import services
from wheel.errors import InvalidFieldsError
from wheel.pages.drawing.knob_steps import KnobSteps
from wheel.pages.forms import KnobStepsForm
from wheel.pages.problems import errors_answered_by, json_error


@gzip_page
@require_safe
@errors_answered_by(json_error)
def show_knob_steps(request: HttpRequest, session_id: str) -> HttpResponse:
    """Query: `knob`, the name of a setting, and the other settings, which stay; those not given are
    those of the wheel last served."""
    form = KnobStepsForm(request.GET)
    if not form.is_valid():
        raise InvalidFieldsError(form.sentences_by_field())
    state = services.get_session(session_id=session_id)
    settings = state.session.settings.with_overrides(form.overrides())
    name = form.cleaned_data["knob"]
    steps = services.next_slider_steps(state=state, settings=settings, name=name)
    return JsonResponse(KnobSteps(state, steps).answer())
