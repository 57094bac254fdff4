"""Lesson "Tokens are not words": every number on the page, from the tokenizer's own backend."""

import json
import re

import pytest
import tokenizers

from tests.pages.markup import find_all, find_one
from wheel.pages.lessons.tokens_are_not_words import ASKED_TEXT, NUMBERS, PIECES, TRANSLATIONS

URL = "/lessons/tokens-are-not-words"
HTMX = {"HX-Request": "true"}
TEXTS = ["The cat sat", " two  spaces ", "Zoë 🎡 naïve\n\tend", "שלום <b>", "x" * 60]


@pytest.fixture(scope="module")
def encode(models_dir):
    """Token ids by the library alone."""
    (path,) = models_dir.glob("models--openai-community--gpt2/snapshots/*/tokenizer.json")
    backend = tokenizers.Tokenizer.from_file(str(path))
    backend.encode_special_tokens = True
    return lambda text: backend.encode(text, add_special_tokens=False).ids


@pytest.fixture
def cut(visitor):
    def cut(text="The cat", prediction="words", **fields):
        answer = visitor.post(URL, {"prediction": prediction, "text": text} | fields)
        assert answer.status_code == 200
        return answer.content.decode()

    return cut


def between(html, start, end):
    html = html[html.index(start) :]
    return html[: html.index(end)]


def tiles_of(html):
    """Id and bytes of each tile."""
    ids = [int(span.text) for span in find_all(html, "span", with_class="tile-id")]
    return ids, [bytes.fromhex(one.text) for one in find_all(html, "span", with_class="tile-bytes")]


def part(html, element_id):
    return between(html, f'id="{element_id}"', "</form>")


@pytest.mark.parametrize("text", TEXTS)
def test_the_tiles_are_the_tokens_of_the_text(cut, encode, text):
    first_tiles = between(part(cut(text), "experiment"), "<ol", "</ol>")
    ids, pieces = tiles_of(first_tiles)
    assert ids == encode(text)
    assert b"".join(pieces).decode() == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_text_is_counted_in_words_characters_bytes_and_tokens(cut, encode, text):
    html = cut(text)
    counts = {
        name: int(find_one(html, "dd", data_count=name).text)
        for name in ("words", "characters", "bytes", "tokens")
    }
    assert counts == {
        "words": len(re.findall(r"\S+", text)),
        "characters": len(text),
        "bytes": len(text.encode("utf-8")),
        "tokens": len(encode(text)),
    }


def test_a_very_long_text_is_counted_whole_and_shown_in_part(cut, encode):
    text = "🎡" * 4000
    html = cut(text)
    num_tokens = len(encode(text))
    assert find_one(html, "dd", data_count="tokens").text == f"{num_tokens:,}"
    assert len(find_all(between(html, "<ol", "</ol>"), "li")) == 400
    assert f"And {num_tokens - 400:,} more tokens" in html


def test_each_language_has_the_tokens_that_its_sentence_costs(cut, encode):
    table = between(cut(), '<table class="bars languages">', "</table>")
    costs = {one: len(encode(one.text)) for one in TRANSLATIONS}
    by_cost = sorted(TRANSLATIONS, key=costs.__getitem__)
    sentences = find_all(table, "bdi", with_class="language-text")
    assert [one.text for one in sentences] == [one.text for one in by_cost]
    assert [one.attributes["lang"] for one in sentences] == [one.code for one in by_cost]
    directions = {one.attributes["lang"]: one.attributes["dir"] for one in sentences}
    assert [code for code, direction in directions.items() if direction == "rtl"] == ["ar"]
    numbers = [span.text for span in find_all(table, "span", with_class="bar-number")]
    assert numbers == [f"{costs[one]} tokens" for one in by_cost]
    english = costs[TRANSLATIONS[0]]
    for one, note in zip(by_cost, find_all(table, "span", with_class="bar-note"), strict=True):
        times = f" · {costs[one] / english:.1f} times the tokens of English"
        assert note.text == f"{len(one.text)} characters{times if costs[one] != english else ''}"
    widths = [
        float(bar.attributes["width"]) for bar in find_all(table, "rect", with_class="bar-fill")
    ]
    expected = [100 * costs[one] / max(costs.values()) for one in by_cost]
    assert widths == pytest.approx(expected, abs=0.01)


def test_characters_are_shown_with_the_pieces_that_make_them(cut, encode):
    rows = between(cut(), '<ul class="pieces">', "</ul>").split('class="pieces-sign')[1:]
    assert len(rows) == len(PIECES)
    for row, sign in zip(rows, PIECES, strict=True):
        assert f"{len(sign.encode())} bytes" in row
        ids, pieces = tiles_of(
            f"<p><span>{row.split('<ol', 1)[1].split('>', 1)[1]}".split("</ol>")[0]
        )
        assert ids == encode(sign)
        assert b"".join(pieces).decode() == sign


@pytest.mark.parametrize(
    ("word", "letter", "number"),
    [("strawberry", "r", 3), ("Rhabarber", "r", 3), ("Ääh", "ä", 2), ("cat", "z", 0)],
)
def test_letters_are_counted_beside_what_the_model_sees(cut, encode, word, letter, number):
    html = cut(word=word, letter=letter)
    letters = part(html, "letters")
    ids, _ = tiles_of(between(letters, "<ol", "</ol>"))
    assert ids == encode(word)
    seen = find_one(html, "span", with_class="letters-ids").text
    assert seen == " · ".join(map(str, encode(word)))
    assert f"finds <strong>{number}</strong>" in letters


def test_without_a_word_there_is_one_to_begin_with(cut):
    assert "finds <strong>3</strong>" in part(cut(word=" ", letter=""), "letters")


@pytest.mark.parametrize("wrong", [{"letter": "rr"}, {"word": "x" * 41}])
def test_a_word_or_letter_that_is_too_long_is_refused(visitor, wrong):
    data = {"prediction": "words", "text": "a"} | wrong
    assert visitor.post(URL, data).status_code == 400
    answer = visitor.post(URL, data, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (400, "#problem")


@pytest.mark.parametrize("prediction", NUMBERS)
def test_the_prediction_is_answered_by_the_number_of_tokens(cut, encode, prediction):
    verdict = find_one(cut(prediction=prediction), "p", with_class="verdict-text").text
    number = len(encode(ASKED_TEXT))
    assert verdict.endswith(f"reads it as {number} tokens.")
    factors = {key: max(one, number) / min(one, number) for key, one in NUMBERS.items()}
    assert verdict.startswith("You were right.") == (
        prediction == min(factors, key=factors.__getitem__)
    )


def test_typing_gets_the_tokens_and_the_letters_and_not_the_languages(visitor, encode):
    data = {"prediction": "words", "text": "The cat", "word": "tree", "letter": "e"}
    answer = visitor.post(URL, data, headers=HTMX)
    html = answer.content.decode()
    assert "languages" not in html
    assert re.search(r'id="letters"[^>]*hx-swap-oob="true"', html)
    assert "finds <strong>2</strong>" in html
    said = json.loads(answer["HX-Trigger-After-Swap"])["announcement"]
    assert said == f"{len(encode('The cat'))} tokens"
