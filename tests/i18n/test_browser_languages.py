"""Start, wheel, lesson and error on a phone in every language: nothing is cut, nothing covered."""

import pytest
from django.conf import settings

from tests.pages.browser import NOTE_LANDINGS, guide_seen, new_context, spin
from tests.pages.conftest import start_session
from tests.pages.test_browser_layout import faults

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LANGUAGES = [code for code, _ in settings.LANGUAGES]
PHONE = {"width": 360, "height": 740}

# Controls and headings whose text is wider than they are.
CUT = """() => [...document.querySelectorAll("button, .button, summary, label, h1, h2, .spin")]
  .filter((element) => element.checkVisibility({ visibilityProperty: true }))
  .filter((element) => !element.closest(".visually-hidden, .skip-link"))
  .filter((element) => element.clientWidth > 2 && element.scrollWidth > element.clientWidth + 1)
  .map((element) => `${element.id} ${element.className} ${element.textContent.trim()}`)"""

# Controls that reach beyond the padding of the panel that they are in.
OUTSIDE = """() => [...document.querySelectorAll("main section, main form, main fieldset")]
  .flatMap((panel) => {
    const padding = parseFloat(getComputedStyle(panel).paddingRight);
    const edge = panel.getBoundingClientRect().right - padding;
    return [...panel.querySelectorAll("a, button, input, textarea, select, summary, p")]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => !element.closest(".visually-hidden, svg, [popover], dialog"))
      .filter((element) => element.getBoundingClientRect().right > edge + 1)
      .map((element) => `${element.tagName} ${element.className} ${element.textContent.trim()}`);
  })"""


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def phone(chromium, live_server, wheel_runtime, language):
    """A page of a browser in this language, which has seen the guided start."""
    state = guide_seen(live_server.url)
    context = new_context(chromium, viewport=PHONE, locale=language, storage_state=state)
    yield context.new_page()
    context.close()


def cut(page, state):
    return [f"{state}: cut: {text}" for text in page.evaluate(CUT)]


def outside(page, state):
    return [f"{state}: leaves its panel: {name}" for name in page.evaluate(OUTSIDE)]


def problems(page, state):
    return faults(page, state) + cut(page, state)


def test_nothing_is_cut_or_covered_on_a_phone(phone, live_server, language):
    phone.goto(live_server.url)
    assert phone.get_attribute("html", "lang") == language
    found = problems(phone, "start")
    phone.goto(f"{live_server.url}/wheel/{start_session(prompt='The cat ')}")
    found += problems(phone, "wheel with a hint")
    phone.evaluate(NOTE_LANDINGS)
    spin(phone)
    found += problems(phone, "wheel after a spin")
    phone.click("#knobs > summary")
    found += cut(phone, "knobs")
    phone.goto(f"{live_server.url}/lessons/many-spins/{start_session()}?prediction=seldom")
    phone.wait_for_selector("#experiment")
    found += problems(phone, "a lesson") + outside(phone, "a lesson")
    phone.goto(f"{live_server.url}/lessons/guess-first/{start_session()}")
    found += problems(phone, "guesses") + outside(phone, "guesses")
    phone.goto(f"{live_server.url}/wheel/nowhere")
    found += problems(phone, "a missing wheel")
    assert found == []


def test_the_menu_changes_the_language_without_a_script(chromium, live_server, wheel_runtime):
    context = new_context(chromium, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    address = f"{live_server.url}/wheel/{start_session()}?rank=1"
    page.goto(address)
    page.click("text=Deutsch")
    page.wait_for_url(address)
    assert page.get_attribute("html", "lang") == "de"
    assert page.inner_text("#spin").strip().startswith("Drehen")
    context.close()
