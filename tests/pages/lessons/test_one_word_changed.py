"""Lesson "One word changed": two sessions side by side."""

import html
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from tests.api.fakes import changed_runtime
from tests.checkpoints import write_hub_checkpoint
from tests.pages.classes import freeze, join, make_classroom
from tests.pages.conftest import start_session
from wheel import services
from wheel.engine.naive_engine import NaiveEngine
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import GPT2, GPT2_MEDIUM
from wheel.pages.lessons.one_word_changed import LESSON, verdict

BEGIN = "/lessons/one-word-changed"
SEGMENT = re.compile(
    r'<path class="segment segment-token hue-(\d+)"[^>]*data-start="([^"]+)" data-end="([^"]+)"'
    r'[^>]*data-token-id="(\d+)"'
)


def session_of(session_id):
    """Without its last access, which every use moves."""
    session = services.get_session(session_id=session_id).session
    return replace(session, last_accessed=session.created_at)


def address(first, second, prediction="some"):
    return f"{BEGIN}/{first}?prediction={prediction}&other={second}"


def shown(page):
    text = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


def next_probs(engine, session_id):
    """(vocabulary_size,) float64, through plain numpy."""
    return shares_of(engine, "gpt2", session_of(session_id).token_ids)


def shares_of(engine, model_id, token_ids):
    logits = engine.next_logits(model_id, token_ids).result(30)
    shares = np.exp(logits.astype(np.float64) - logits.max())
    return shares / shares.sum()


def in_percent(prob):
    if prob < 0.0001:
        return "1 in "
    return f"{prob * 100:.{1 if prob >= 0.01 else 2}f}%"


@pytest.fixture
def two(visitor):
    """The ids of two sessions."""
    return start_session("The cat sat on the"), start_session("The dog sat on the")


def wheels_on(page):
    """For each wheel, the (hue, start, end, token id) of its tokens."""
    discs = page.content.decode().split("data-disc")[1:]
    return [SEGMENT.findall(disc) for disc in discs]


def test_two_texts_begin_two_sessions_and_no_text_is_in_an_address(visitor):
    begin = visitor.get(BEGIN)
    page = visitor.send(
        begin, BEGIN, prompt="The quokka", other_prompt="A zebra", prediction="most"
    )
    url = page.redirect_chain[-1][0]
    [other] = parse_qs(urlsplit(url).query)["other"]
    first = urlsplit(url).path.rsplit("/", 1)[1]
    texts = [services.get_session(session_id=one).current_text for one in (first, other)]
    assert texts == ["The quokka", "A zebra"]
    assert "quokka" not in url
    assert [len(wheel) > 0 for wheel in wheels_on(page)] == [True, True]


def test_the_default_texts_differ_in_one_word(visitor):
    fields = visitor.form(visitor.get(BEGIN), BEGIN)["fields"]
    first, second = fields["prompt"].split(), fields["other_prompt"].split()
    assert sum(one != other for one, other in zip(first, second, strict=True)) == 1


@pytest.mark.parametrize("name", ["prompt", "other_prompt"])
def test_a_refused_text_is_explained_and_leaves_no_session(visitor, wheel_runtime, name):
    begin = visitor.get(BEGIN)
    for text in (" ", "x" * 5000):
        answer = visitor.send(begin, BEGIN, prediction="some", **{name: text})
        assert answer.status_code == 400
        assert f'id="id_{name}_error"' in answer.content.decode()
    assert services.refresh_session_index() == 0


def test_every_number_is_computed_from_the_logits(visitor, two, engine):
    before, after = (next_probs(engine, one) for one in two)
    page = visitor.get(address(*two))
    text, source = shown(page), html.unescape(page.content.decode())
    distance = np.abs(after - before).sum() / 2
    assert f"{in_percent(distance)} of the wheel changes hands" in text
    assert f"can be right {in_percent((1 + distance) / 2)} of the time" in text
    changes = after - before
    order = np.argsort(-changes, kind="stable")
    expected = [*order[:6], *order[-6:]]
    tokens = services.get_session(session_id=two[0]).tokenizer.tokens
    rows = re.findall(r"<tr>\s*<th scope=\"row\" class=\"col-token\">(.*?)</tr>", source, re.DOTALL)
    assert len(rows) == 12
    for row, token_id in zip(rows, expected, strict=True):
        cells = re.findall(r'<td class="col-share">\s*(.*?)\s*</td>', row)
        assert tokens[token_id].display_text in row
        assert cells[0].startswith(in_percent(before[token_id]))
        assert cells[1].startswith(in_percent(after[token_id]))
        change = changes[token_id] * 100
        sign = "+" if change > 0 else "−"
        assert cells[2] == f"{sign}{abs(change):.{1 if abs(change) >= 1 else 2}f}"
    bars = re.findall(r'class="change-bar[^>]*x="([\d.]+)"[^>]*width="([\d.]+)"', source)
    scale = 112 / np.abs(changes[expected]).max()
    for (x, width), token_id in zip(bars, expected, strict=True):
        assert float(width) == pytest.approx(abs(changes[token_id]) * scale, abs=0.01)
        assert float(x) == pytest.approx(170 + min(0, changes[token_id]) * scale, abs=0.01)


def test_the_wheels_are_those_of_the_logits_and_a_token_has_one_colour(visitor, two, engine):
    drawn = wheels_on(visitor.get(address(*two)))
    hues: dict[str, set[str]] = {}
    for session_id, wheel in zip(two, drawn, strict=True):
        probs = next_probs(engine, session_id)
        assert len(wheel) == (probs >= 0.01).sum()
        for hue, start, end, token_id in wheel:
            assert float(end) - float(start) == pytest.approx(probs[int(token_id)], abs=1e-5)
            hues.setdefault(token_id, set()).add(hue)
    assert {len(one) for one in hues.values()} == {1}
    assert len({token_id for *_rest, token_id in drawn[0]} & {one[3] for one in drawn[1]}) > 0


@pytest.mark.parametrize(
    ("distance", "answers"),
    [
        (0.05, ["is right", "not quite", "quite different"]),
        (0.1, ["not quite", "is right", "not quite"]),
        (0.3, ["not quite", "is right", "not quite"]),
        (0.5, ["quite different", "not quite", "is right"]),
    ],
)
def test_the_prediction_is_answered(distance, answers):
    for choice, answer in zip(LESSON.choices, answers, strict=True):
        assert answer in verdict(choice.key, distance)


def test_equal_texts_have_equal_wheels(visitor, two):
    page = visitor.get(address(two[0], two[0]))
    assert "The two wheels are the same" in shown(page)
    assert "change-chart" not in page.content.decode()


@pytest.mark.parametrize(("which", "changed"), [("first", 0), ("second", 1)])
def test_either_text_can_be_changed_again(visitor, two, which, changed):
    answer = change(visitor, two, which, "The bird sat on the", follow=True)
    assert answer.status_code == 200
    texts = [services.get_session(session_id=one).current_text for one in two]
    assert texts[changed] == "The bird sat on the"
    assert texts[1 - changed] != texts[changed]
    assert "The bird sat on the" in shown(answer)
    assert answer.redirect_chain[-1][0] == f"{address(*two)}#experiment"


def change(visitor, two, which, prompt, rev=1, **options):
    fields = {"which": which, "rev": rev, "prompt": prompt}
    return visitor.post(address(*two), fields, **options)


def test_with_htmx_the_answer_is_the_experiment_alone(visitor, two):
    answer = change(visitor, two, "first", "The bird", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert answer["HX-Retarget"] == "#experiment"
    assert "changes hands" in answer["HX-Trigger-After-Swap"]
    assert "Two" not in answer.content.decode()[:50]
    assert len(wheels_on(answer)) == 2


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_refused_change_is_explained_at_its_text_and_changes_nothing(visitor, two, headers):
    before = [session_of(one) for one in two]
    answer = change(visitor, two, "second", "  ", headers=headers)
    assert answer.status_code == 400
    assert 'id="second-prompt_error"' in answer.content.decode()
    stale = change(visitor, two, "second", "The bird", rev=0, headers=headers)
    assert stale.status_code == 409
    assert "The text has moved on" in shown(stale)
    assert change(visitor, two, "third", "The bird", headers=headers).status_code == 400
    assert [session_of(one) for one in two] == before


@pytest.mark.parametrize("other", ["nonsense", "00000000-0000-4000-8000-000000000000"])
def test_a_second_session_that_is_missing_is_not_found(visitor, two, other):
    assert visitor.get(address(two[0], other)).status_code == 404
    assert change(visitor, (two[0], other), "second", "The bird").status_code == 404


def test_without_a_second_session_the_lesson_begins_with_the_text_of_the_first(visitor, two):
    page = visitor.get(f"{BEGIN}/{two[0]}?prediction=some")
    fields = visitor.form(page, BEGIN)["fields"]
    assert fields["prompt"] == fields["other_prompt"] == "The cat sat on the"


def test_a_member_cannot_change_the_text_that_its_class_fixes(visitor, two):
    classroom = make_classroom(locked=["prompt"])
    member = join(classroom)
    page = visitor.get(address(member, two[1]))
    assert 'id="first-prompt"' not in page.content.decode()
    assert 'id="second-prompt"' in page.content.decode()
    before = session_of(member)
    answer = change(visitor, (member, two[1]), "first", "The bird", rev=before.rev)
    assert answer.status_code == 400
    assert session_of(member) == before


def test_a_member_cannot_change_its_text_while_the_class_is_frozen(visitor, two):
    classroom = make_classroom()
    member = join(classroom)
    freeze(classroom)
    before = session_of(member)
    answer = change(visitor, (member, two[1]), "first", "The bird", rev=before.rev)
    assert answer.status_code == 409
    assert "Your teacher has paused the class" in shown(answer)
    assert session_of(member) == before


@pytest.fixture(scope="module")
def two_models(tmp_path_factory):
    """A catalog with two models, whose engine computes each by a whole pass."""
    folder = tmp_path_factory.mktemp("two")
    write_hub_checkpoint(folder, "openai-community/gpt2")
    write_hub_checkpoint(folder, "openai-community/gpt2-medium", seed=1)
    catalog = ModelCatalog([GPT2, GPT2_MEDIUM], folder)
    engine = NaiveEngine(catalog.runner)
    engine.start()
    yield catalog, engine
    engine.stop()


def test_one_text_in_two_models_has_the_wheel_of_each(visitor, two_models):
    catalog, engine = two_models
    with changed_runtime(catalog=catalog, engine=engine):
        begin = visitor.get(BEGIN)
        assert begin.content.decode().count("<select") == 2
        texts = {"prompt": "The cat sat", "other_prompt": "The cat sat"}
        models = {"model": "gpt2", "other_model": "gpt2-medium"}
        page = visitor.send(begin, BEGIN, prediction="most", **texts, **models)
        first = urlsplit(page.redirect_chain[-1][0]).path.rsplit("/", 1)[1]
        token_ids = session_of(first).token_ids
    probs = [shares_of(engine, model_id, token_ids) for model_id in models.values()]
    distance = np.abs(probs[0] - probs[1]).sum() / 2
    assert distance > 0.01
    assert f"{in_percent(distance)} of the wheel changes hands" in shown(page)
    for wheel, of_model in zip(wheels_on(page), probs, strict=True):
        for _hue, start, end, token_id in wheel:
            assert float(end) - float(start) == pytest.approx(of_model[int(token_id)], abs=1e-5)
