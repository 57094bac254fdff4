"""Order of tokens on the screen in texts that are read from the right, and room for hints."""

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import expect

from tests.pages.browser import spin
from tests.pages.conftest import history
from wheel import services
from wheel.domain.token import Token
from wheel.pages.panels.story import Chip

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# The left edge of each element, and of each character inside it.
LEFT_EDGES = """
    (elements) => elements.map((element) => {
      const edges = [];
      for (const node of [...element.childNodes].filter((node) => node.nodeType === 3)) {
        for (let idx = 0; idx < node.length; idx += 1) {
          const range = document.createRange();
          range.setStart(node, idx);
          range.setEnd(node, idx + 1);
          edges.push(range.getBoundingClientRect().left);
        }
      }
      const { left, top } = element.getBoundingClientRect();
      return { left, top, text: element.textContent, edges };
    })
"""


def chips_of(page):
    return page.locator("[data-chips] .chip").evaluate_all(LEFT_EDGES)


def is_falling(numbers):
    return numbers == sorted(numbers, reverse=True)


def lines_of(chips):
    """The left edges of the chips, line by line."""
    tops = sorted({round(chip["top"]) for chip in chips})
    return [[chip["left"] for chip in chips if round(chip["top"]) == top] for top in tops]


@pytest.mark.parametrize("prompt", ["שלום", "مرحبا"])
def test_pieces_of_a_right_to_left_text_are_in_its_order_and_each_is_read_from_the_left(
    open_wheel, prompt
):
    page = open_wheel(prompt=prompt)
    page.locator("#tokens-panel button").first.click()
    expect(page.locator("button.chip")).to_have_count(1)
    chips = chips_of(page)
    assert len(chips) == len(prompt.encode()) + 1
    for line in lines_of(chips):
        assert is_falling(line)
    for chip in chips[:-1]:
        assert chip["text"].startswith("\\x")
        assert chip["edges"] == sorted(chip["edges"])
    wholes = page.locator(".chip-whole bdi").all_text_contents()
    assert "".join(wholes) == prompt


@pytest.mark.parametrize("texts", [[" שלום", " לכולם", " (", "היום", ")"], ["مرحبا", " بالعالم"]])
def test_words_of_a_right_to_left_text_are_read_from_the_right(open_wheel, texts):
    page = open_wheel(prompt="ש" if "ש" in texts[0] else "م")
    html = " ".join(
        render_to_string("pages/_chip.html", {"chip": Chip(Token.from_bytes(5, text.encode()))})
        for text in [*texts, "\t", " cat"]
    )
    page.evaluate("(html) => { document.querySelector('[data-chips]').innerHTML = html; }", html)
    *words, tab, cat = chips_of(page)
    assert is_falling([chip["left"] for chip in [*words, tab, cat]])
    for word in words:
        assert is_falling(word["edges"])
    assert cat["edges"] == sorted(cat["edges"])


def test_the_numbers_of_a_chip_name_it_in_its_own_direction(open_wheel):
    page = open_wheel(prompt="שלום")
    page.locator(".chip").nth(1).hover()
    name = page.locator("#chip-detail [data-name]")
    expect(name).to_have_text("\\xa9")
    expect(name).to_have_attribute("dir", "ltr")
    (shown,) = name.evaluate_all(LEFT_EDGES)
    assert shown["edges"] == sorted(shown["edges"])


def test_a_rewind_into_a_character_removes_the_rest_of_it(open_wheel):
    page = open_wheel()
    for token_id in services.get_session(session_id=page.session_id).tokenizer.encode("a🎡b"):
        services.append_token(session_id=page.session_id, token_id=token_id)
    page.reload()
    expect(page.locator(".chip-whole")).to_have_text(["= 🎡"])
    page.locator("button.chip").nth(4).click()
    expect(page.locator("button.chip")).to_have_count(4)
    expect(page.locator(".chip-whole")).to_have_count(0)
    page.click("#redo")
    expect(page.locator("button.chip")).to_have_count(5)
    expect(page.locator(".chip-whole")).to_have_text(["= 🎡"])


@pytest.mark.parametrize("width", [320, 360, 1280])
def test_a_hint_takes_no_room_from_the_wheel_and_goes_with_the_space(open_wheel, width):
    page = open_wheel(prompt="The cat sat on the ", viewport={"width": width, "height": 740})
    place = "document.getElementById('wheel-area').getBoundingClientRect().top"
    top = page.evaluate(place)
    hint, newest = page.locator("#prompt-hints form"), page.locator(".chip").last
    bottom = newest.evaluate("(chip) => chip.getBoundingClientRect().bottom")
    assert hint.evaluate("(form) => form.getBoundingClientRect().top") >= bottom
    page.get_by_role("button", name="Remove the space").click()
    expect(hint).to_have_count(0)
    assert page.evaluate(place) == top
    assert page.locator(".chip").all_text_contents()[-1] == "␣the"


def test_a_hint_goes_with_the_first_spin(open_wheel):
    page = open_wheel(prompt="The cat <|endoftext|>", reduced_motion="reduce")
    expect(page.locator("#prompt-hints")).to_contain_text("is read as plain text")
    spin(page)
    expect(page.locator("#prompt-hints")).to_have_text("")
    assert len(history(page.session_id)) == 1


@pytest.mark.parametrize(
    ("text", "is_right_to_left"), [("␣שלום", True), ("␣مرحبا", True), ("\\xd7\\x9d", False)]
)
def test_a_label_on_the_wheel_is_read_in_its_own_direction(open_wheel, text, is_right_to_left):
    page = open_wheel()
    lefts = page.locator(".label-text").first.evaluate(
        """(label, text) => {
          label.textContent = text;
          return [...text].map((_, idx) => label.getExtentOfChar(idx).x);
        }""",
        text,
    )
    assert lefts == sorted(lefts, reverse=is_right_to_left)
    assert len(set(lefts)) == len(lefts)
