"""Every visible text of every page passes through gettext."""

import pytest
from django.utils.translation import gettext_lazy

from tests.i18n.pages import ANSWERS, STATES, addresses
from tests.i18n.pseudo_locale import CLOSING, OPENING, UntranslatedText, pseudo_locale


@pytest.mark.parametrize("path", list(addresses()))
def test_every_text_of_an_address_passes_through_gettext(world, monkeypatch, path):
    with pseudo_locale(monkeypatch):
        response = world.head.get(world.address(path))
    if response.get("Content-Type", "").startswith(("text/html", "image/svg")):
        assert response.status_code != 500
        world.check(response)


@pytest.mark.parametrize("state", STATES)
def test_every_text_of_a_state_passes_through_gettext(world, monkeypatch, state):
    with pseudo_locale(monkeypatch):
        response = world.head.get(world.address(STATES[state]))
    if not response.get("Content-Type", "").startswith("text/csv"):
        world.check(response)


@pytest.mark.parametrize("name", ANSWERS)
def test_every_text_of_an_answer_passes_through_gettext(world, monkeypatch, name):
    with pseudo_locale(monkeypatch):
        response = ANSWERS[name](world)
    assert response.status_code != 500
    assert response.content
    world.check(response)


def test_a_text_that_is_not_translated_is_found(monkeypatch):
    with pseudo_locale(monkeypatch):
        text = str(gettext_lazy("Spin"))
    assert text == f"{OPENING}Spin{CLOSING}"
    html = f'<p title="{text}">{text} <b translate="no">cat</b> 18.0%</p>'
    assert UntranslatedText(html).found == []
    assert UntranslatedText('<p title="Spin">1</p><p>Undo</p>').found == [
        ("p title", "Spin"),
        ("p", "Undo"),
    ]
