"""The lesson on the counting model in Chromium, as a pupil does it."""

import re

import pytest
from playwright.sync_api import expect

from tests.checkpoints import CORPUS
from tests.pages.browser import NOTE_LANDINGS, spin
from tests.pages.test_axe import serious_findings
from wheel import services

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

SIZES = {"phone": {"width": 360, "height": 740}, "laptop": {"width": 1280, "height": 800}}
WIDTH = "document.documentElement.scrollWidth"


@pytest.mark.parametrize("size", SIZES)
def test_a_pupil_makes_a_model_of_a_text_and_spins_it(open_wheel, live_server, size):
    page = open_wheel(viewport=SIZES[size])
    page.goto(f"{live_server.url}/lessons/counting-model")
    page.get_by_label("A few words at a time").check()
    page.get_by_label("Your own text").fill("\n".join(CORPUS))
    page.get_by_label("only the last token").check()
    page.get_by_label("The beginning of the story").fill("The cat sat on the")
    assert page.evaluate(WIDTH) <= SIZES[size]["width"]
    assert serious_findings(page) == []
    page.get_by_role("button", name="Let's see").click()
    page.wait_for_url(re.compile("prediction=pieces"))
    assert page.evaluate(WIDTH) <= SIZES[size]["width"]
    wheels = page.locator(".counting-wheels .disc")
    expect(wheels).to_have_count(2)
    tops = [wheels.nth(number).bounding_box()["y"] for number in range(2)]
    assert (tops[0] == tops[1]) == (size == "laptop")
    page.get_by_role("button", name="Let both models grow a story").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"seed=\d+"))
    expect(page.locator(".counting-stories > article")).to_have_count(2)
    page.locator(".counting-worked > summary").click()
    assert page.evaluate(WIDTH) <= SIZES[size]["width"]
    assert serious_findings(page) == []
    page.get_by_role("link", name="Spin it yourself").click()
    page.wait_for_url(re.compile("/wheel/"))
    session_id = page.url.rsplit("/", 1)[1]
    session = services.get_session(session_id=session_id).session
    assert (session.model_id, session.history) == ("counting-2", ())
    page.evaluate(NOTE_LANDINGS)
    assert spin(page) is not None
    session = services.get_session(session_id=session_id).session
    assert len(session.history) == 1
