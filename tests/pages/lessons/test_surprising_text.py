"""Lesson "How surprising is this text?": every number on the page, from the logits."""

import json
import re

import numpy as np
import pytest

from tests.pages.markup import find_all, find_one
from tests.pages.plain_scores import plain_scores
from wheel.pages.lessons.surprising_text import EXAMPLES, RATIOS
from wheel.pages.words.numbers import bits, count, decimals, percent

URL = "/lessons/surprising-text"
HTMX = {"HX-Request": "true"}
CONTEXT_LENGTH = 64
TEXTS = ["The cat sat on the mat.", "Zoë 🎡 of of\n\tof", "the dog <b> & the log"]


@pytest.fixture
def tokenizer(catalog):
    return catalog.tokenizer("gpt2")


@pytest.fixture
def measure(visitor):
    def measure(text, prediction="twice"):
        answer = visitor.post(URL, {"prediction": prediction, "text": text})
        assert answer.status_code == 200
        return answer.content.decode()

    return measure


def shown(token):
    return " ".join(token.display_text.split())


def rows_of(html):
    """The cells of the table of all tokens, by line; the first two lines are the head and the token
    that nothing came before."""
    table = html[html.index('<table class="tokens scores">') :]
    rows = re.findall(r"<tr>.*?</tr>", table[: table.index("</table>")], re.DOTALL)
    return [
        [cell.text for cell in find_all(row, "td")] + [th.text for th in find_all(row, "th")]
        for row in rows
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_the_table_has_the_figures_of_the_logits(measure, wheel_runtime, tokenizer, text):
    token_ids = tokenizer.encode(text)
    scores = plain_scores(wheel_runtime.engine, token_ids)
    _head, first, *rows = rows_of(measure(text))
    tokens = tokenizer.tokens
    assert first == ["1", "nothing came before it", shown(tokens[token_ids[0]])]
    assert rows == [
        [
            str(number),
            bits(score.bits),
            percent(score.prob),
            count(score.rank),
            f"{shown(tokens[score.expected_id])} {percent(score.expected_prob)}",
            shown(tokens[score.token_id]),
        ]
        for number, score in enumerate(scores, start=2)
    ]


@pytest.mark.parametrize("text", TEXTS)
def test_the_sums_are_those_of_the_logits(measure, wheel_runtime, tokenizer, text):
    html = measure(text)
    scores = plain_scores(wheel_runtime.engine, tokenizer.encode(text))
    total = sum(score.bits for score in scores)
    mean = total / len(scores)
    figures = {
        name: find_one(html, "dd", data_measure=name).text
        for name in ("total", "per-character", "perplexity")
    }
    assert figures == {
        "total": bits(total),
        "per-character": decimals(total / len(text), 2),
        "perplexity": decimals(2**mean, 1),
    }
    words = " ".join(dd.text for dd in find_all(html, "dd", with_class="measure-words"))
    assert f"{decimals(total, 0)} coin tosses" in words
    assert f"{bits(mean)} of surprise on average" in words
    assert f"a wheel of {decimals(2**mean, 1)} equal segments" in words


@pytest.mark.parametrize("text", TEXTS)
def test_the_chips_have_the_colours_and_the_figures_of_the_logits(
    measure, wheel_runtime, tokenizer, text
):
    first, *chips = find_all(measure(text), "span", with_class="chip")
    scores = plain_scores(wheel_runtime.engine, tokenizer.encode(text))
    assert first.attributes["title"].startswith("nothing came before it")
    for chip, score in zip(chips, scores, strict=True):
        title = chip.attributes["title"]
        assert title.startswith(f"{percent(score.prob)} · {bits(score.bits)} of surprise")
        assert f"rank {count(score.rank)} · id {score.token_id} ·" in title
        assert title.endswith(f", {percent(score.expected_prob)}")
        level = sum(score.bits >= step for step in (1, 3, 6, 10))
        assert f"level-{level}" in chip.classes


@pytest.mark.parametrize("text", TEXTS)
def test_the_most_surprising_place_is_named_with_what_was_expected_there(
    measure, wheel_runtime, tokenizer, text
):
    html = measure(text)
    scores = plain_scores(wheel_runtime.engine, tokenizer.encode(text))
    peak = max(scores, key=lambda score: score.bits)
    (mark,) = find_all(html, "mark", with_class="peak-token")
    assert mark.text == shown(tokenizer.tokens[peak.token_id])
    section = html[html.index('class="peak"') :]
    sentence = find_all(section[: section.index("</section>")], "p")[-1].text
    expected = shown(tokenizer.tokens[peak.expected_id])
    assert sentence == (
        f"The model expected {expected}, with {percent(peak.expected_prob)}. It read {mark.text}, "
        f"number {count(peak.rank)} on its list: {percent(peak.prob)}, {bits(peak.bits)} of "
        "surprise."
    )


@pytest.mark.parametrize("text", TEXTS)
def test_the_line_has_a_step_for_each_token_at_its_surprise(
    measure, wheel_runtime, tokenizer, text
):
    html = measure(text)
    scores = plain_scores(wheel_runtime.engine, tokenizer.encode(text))
    (top_tick,) = re.findall(r'class="surprisal-ticks".*?<li>(\d+)', html, re.DOTALL)
    top = int(top_tick)
    path = find_one(html, "path", with_class="surprisal-steps").attributes["d"]
    steps = re.findall(r"V(\S+?)H(\d+\.\d+)", path)
    assert len(steps) == len(scores)
    for (y, x), (idx, score) in zip(steps, enumerate(scores, start=1), strict=True):
        assert float(x) == pytest.approx(100 * idx / len(scores), abs=0.01)
        assert top * (1 - float(y) / 100) == pytest.approx(score.bits, abs=top * 1e-4)


def bits_per_character(engine, tokenizer, text):
    """Of as much of the text as the model can read."""
    token_ids = tokenizer.encode(text)[: CONTEXT_LENGTH + 1]
    num_characters = len(tokenizer.decode(token_ids))
    return sum(score.bits for score in plain_scores(engine, token_ids)) / num_characters


@pytest.mark.parametrize("prediction", RATIOS)
def test_the_prediction_is_answered_by_the_ratio_of_the_examples(
    measure, wheel_runtime, tokenizer, prediction
):
    html = measure("The cat sat", prediction)
    rhyme, letters = (
        bits_per_character(wheel_runtime.engine, tokenizer, example.text)
        for example in (EXAMPLES[1], EXAMPLES[2])
    )
    verdict = find_one(html, "p", with_class="verdict-text").text
    ratio = letters / rhyme
    assert f"{decimals(letters, 2)} bits of surprise per character" in verdict
    assert f"nursery rhyme has {decimals(rhyme, 2)}: that is {decimals(ratio, 1)} times" in verdict
    closest = min(RATIOS, key=lambda key: abs(np.log(RATIOS[key] / ratio)))
    assert verdict.startswith("You were right.") == (prediction == closest)


def test_the_text_is_compared_with_each_example(measure, wheel_runtime, tokenizer):
    html = measure("The cat sat on the mat.")
    table = html[html.index('<table class="bars">') :]
    table = table[: table.index("</table>")]
    names = [th.text for th in find_all(table, "th")][2:]
    numbers = [span.text for span in find_all(table, "span", with_class="bar-number")]
    texts = {"Your text": "The cat sat on the mat."} | {
        str(example.name): example.text for example in EXAMPLES
    }
    values = {
        name: bits_per_character(wheel_runtime.engine, tokenizer, text)
        for name, text in texts.items()
    }
    by_value = sorted(texts, key=lambda name: -values[name])
    assert (names, numbers) == (by_value, [decimals(values[name], 2) for name in by_value])
    widths = [
        float(bar.attributes["width"]) for bar in find_all(table, "rect", with_class="bar-fill")
    ]
    expected = [100 * values[name] / max(values.values()) for name in by_value]
    assert widths == pytest.approx(expected, abs=0.01)


def test_of_a_long_text_the_beginning_is_measured_and_the_page_says_how_much(
    measure, wheel_runtime, tokenizer
):
    text = "The cat sat on the mat and the dog sat on the log. " * 20
    read = tokenizer.decode(tokenizer.encode(text)[: CONTEXT_LENGTH + 1])
    html = measure(text)
    assert find_one(html, "p", with_class="cut-note").text == (
        f"The model can read {CONTEXT_LENGTH + 1} tokens at once. That is the first {len(read)} of "
        f"your {count(len(text))} characters; the rest is not measured."
    )
    assert len(rows_of(html)) == 1 + CONTEXT_LENGTH + 1
    value = bits_per_character(wheel_runtime.engine, tokenizer, text)
    per_character = find_one(html, "dd", data_measure="per-character").text
    assert per_character == decimals(value, 2)


def test_a_text_of_one_token_has_nothing_to_measure(measure):
    html = measure("a")
    assert "This text is a single token." in html
    assert "data-measure" not in html


def test_the_page_announces_what_it_has_measured(visitor, wheel_runtime, tokenizer):
    text = "The cat sat on the mat."
    part = visitor.post(URL, {"prediction": "twice", "text": text}, headers=HTMX)
    said = json.loads(part["HX-Trigger-After-Swap"])["announcement"]
    value = bits_per_character(wheel_runtime.engine, tokenizer, text)
    assert said.startswith(f"{decimals(value, 2)} bits per character.")


def test_the_examples_are_scored_once(visitor, measure, wheel_runtime, monkeypatch):
    measure("The cat sat")
    scored = []
    score = wheel_runtime.engine.score

    def note(*asked):
        scored.append(asked)
        return score(*asked)

    monkeypatch.setattr(wheel_runtime.engine, "score", note)
    measure("The dog sat")
    assert len(scored) == 1
