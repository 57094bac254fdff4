"""Texts in other scripts in Chromium: drawn with real glyphs, on chips and on the wheel."""

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TEXTS = {
    "Chinese": "今天天气很好",
    "Japanese": "これはカタカナです",
    "Hindi": "नमस्ते दुनिया",
    "Hebrew": "שלום עולם",
    "Arabic": "مرحبا بالعالم",
    "Greek": "Καλημέρα",
    "Cyrillic": "Добрый день",
}

# The drawing of each character in the fonts of an element, and of a character that no font has.
DRAW = """(text) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 40;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const draw = (selector, character) => {
    context.clearRect(0, 0, 40, 40);
    context.font = `24px ${getComputedStyle(document.querySelector(selector)).fontFamily}`;
    context.fillText(character, 8, 28);
    return context.getImageData(0, 0, 40, 40).data.join("");
  };
  const selectors = [".chip", ".label-text", "table.tokens bdi"];
  return selectors.map((selector) => ({
    selector,
    missing: draw(selector, "\\u{e123}"),
    drawn: [...new Set(text)].map((character) => draw(selector, character)),
  }));
}"""


@pytest.mark.parametrize("script", TEXTS)
def test_every_character_has_a_glyph_in_the_fonts_of_texts_labels_and_lists(open_wheel, script):
    letters = "".join(TEXTS[script].split())
    page = open_wheel(prompt=TEXTS[script])
    for fonts in page.evaluate(DRAW, letters):
        assert any(letter != fonts["missing"] for letter in fonts["drawn"])
        assert fonts["missing"] not in fonts["drawn"], fonts["selector"]
        num_different = len(set(fonts["drawn"]))
        assert num_different > len(set(letters)) * 0.8, fonts["selector"]


def test_a_character_that_no_font_has_is_told_from_the_others(open_wheel):
    """The proof that the comparison can fail."""
    page = open_wheel()
    for fonts in page.evaluate(DRAW, "a\ue124"):
        assert fonts["missing"] in fonts["drawn"]
