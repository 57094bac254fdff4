"""Sessions with a counting model in the admin."""

import xml.etree.ElementTree as ET

import pytest

from tests.admin.conftest import LIST_URL, shown
from tests.api.fakes import engine_that_raises
from tests.checkpoints import CORPUS
from wheel import services
from wheel.errors import EngineBusyError


@pytest.fixture
def session_id(wheel_runtime, db):
    session = services.start_counting(text=" ".join(CORPUS), prompt="The cat", order=3)
    services.spin(session_id=session.session_id, u=0.3)
    return session.session_id


def test_the_list_names_the_model_and_filters_by_it(admin, session_id):
    assert "counting-3" in shown(admin.get(LIST_URL))
    assert session_id in shown(admin.get(f"{LIST_URL}?model_id=counting-3"))
    assert session_id not in shown(admin.get(f"{LIST_URL}?model_id=gpt2"))


def test_the_page_of_a_session_has_its_figures_and_nothing_of_the_counted_text(admin, session_id):
    page = shown(admin.get(f"{LIST_URL}{session_id}/change/"))
    assert "0.300000" in page
    assert "capital of France" not in page


def test_the_picture_of_a_step_is_the_wheel_of_the_counting_model(admin, session_id):
    services.undo(session_id=session_id)
    view = services.next_wheel(session_id=session_id)
    services.redo(session_id=session_id)
    with engine_that_raises(EngineBusyError()):  # that of the language model, which is not asked
        drawing = ET.fromstring(shown(admin.get(f"{LIST_URL}{session_id}/wheels/1.svg")))
    svg = "{http://www.w3.org/2000/svg}"
    group = drawing.find(f"{svg}g")
    assert group is not None
    segments = group.findall(f"{svg}path")
    assert len(segments) == len([one for one in view.wheel.segments if one.end > one.start])


def test_it_is_deleted_as_any_other(admin, session_id, wheel_runtime):
    answer = admin.post(f"{LIST_URL}{session_id}/delete/", {"post": "yes"}, follow=True)
    assert answer.status_code == 200
    assert services.find_sessions(session_ids=[session_id]) == []
