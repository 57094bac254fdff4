"""The surprise of the prompt's tokens on the wheel page."""

import re
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.api.fakes import engine_that_raises, engine_without_answer
from tests.pages.conftest import start_session
from tests.pages.markup import find_all
from tests.pages.plain_scores import plain_scores
from tests.remote_engine.plain_service import TOKEN, PlainService
from tests.serving import serving
from wheel import runtime, services
from wheel.errors import EngineBusyError
from wheel.pages.words.numbers import bits, count, log_probability, percent
from wheel.remote_engine.client import EngineClient
from wheel.remote_engine.protocol import ModelReport, Vocabulary
from wheel.remote_engine.remote_engine import RemoteEngine

LEVELS = ((1, 0), (3, 1), (6, 2), (10, 3), (float("inf"), 4))


def prompt_ids(session_id):
    return services.get_session(session_id=session_id).session.prompt_token_ids


def figures_url(page):
    (text,) = find_all(page.content.decode(), "p", with_class="story-text")
    return text.attributes.get("data-prompt-figures")


def prompt_chips(page):
    return find_all(page.content.decode(), "span", with_class="chip-prompt")


def expected_chips(engine, token_ids):
    """Level and facts of each token, with the figures of the logits."""
    chips: list[tuple[int | None, list[str]]] = [
        (None, ["nothing came before it", "from the prompt"])
    ]
    for score in plain_scores(engine, token_ids):
        level = next(level for most, level in LEVELS if score.bits < most)
        facts = [percent(score.prob), f"{bits(score.bits)} of surprise", "from the prompt"]
        more = [f"rank {count(score.rank)}", f"ln p {log_probability(score.log_prob)}"]
        chips.append((level, facts + more))
    return chips


def assert_figures(chips, expected):
    """`chips`: (level, title) of each."""
    assert len(chips) == len(expected)
    for (level, title), (expected_level, facts) in zip(chips, expected, strict=True):
        assert level == expected_level
        parts = re.split(r" · |\n", title)
        assert [fact for fact in facts if fact not in parts] == []


def answered_chips(answer):
    return [(chip["level"], chip["title"]) for chip in answer.json()["chips"]]


@pytest.mark.parametrize("prompt", ["The cat sat on the", "Zoë 🎡\nnaïve", "of of of of"])
def test_every_figure_is_that_of_the_logits(visitor, wheel_runtime, prompt):
    session_id = start_session(prompt=prompt)
    answer = visitor.get(figures_url(visitor.get(f"/wheel/{session_id}")))
    assert answer.status_code == 200
    expected = expected_chips(wheel_runtime.engine, prompt_ids(session_id))
    assert_figures(answered_chips(answer), expected)


def test_the_next_page_has_the_same_figures_at_once(visitor, wheel_page, session_id):
    chips = prompt_chips(wheel_page)
    assert not any("level-" in chip.attributes["class"] for chip in chips)
    answer = visitor.get(figures_url(wheel_page))
    page = visitor.get(f"/wheel/{session_id}")
    assert figures_url(page) is None
    levels = [re.findall(r"level-(\d)", chip.attributes["class"]) for chip in prompt_chips(page)]
    titles = [chip.attributes["title"] for chip in prompt_chips(page)]
    shown = [
        (int(level[0]) if level else None, title)
        for level, title in zip(levels, titles, strict=True)
    ]
    assert shown == answered_chips(answer)


def test_a_link_leads_back_to_the_page_with_the_figures(visitor, wheel_page, session_id):
    """Without JavaScript."""
    link = f"/wheel/{session_id}/prompt-figures"
    html = wheel_page.content.decode()
    assert re.search(rf'<noscript><a class="legend-link"\s+href="{link}">', html)
    page = visitor.get(link, follow=True)
    assert page.redirect_chain == [(f"/wheel/{session_id}", 302)]
    assert any("level-" in chip.attributes["class"] for chip in prompt_chips(page))
    assert link not in page.content.decode()


def test_a_prompt_of_one_token_needs_no_figures(visitor):
    page = visitor.get(f"/wheel/{start_session(prompt='a')}")
    assert figures_url(page) is None
    (chip,) = prompt_chips(page)
    assert chip.attributes["title"].startswith("nothing came before it")


def test_the_figures_of_another_prompt_are_not_sent(visitor, wheel_page, session_id):
    url = figures_url(wheel_page)
    services.set_prompt(session_id=session_id, prompt="The dog sat on the")
    assert visitor.get(url).status_code == 204
    assert visitor.get(f"/wheel/{session_id}/prompt-figures?prompt=x").status_code == 204


def test_a_spin_leaves_the_figures_of_the_prompt_as_they_are(visitor, wheel_page, session_id):
    url = figures_url(wheel_page)
    services.spin(session_id=session_id)
    assert visitor.get(url).status_code == 200


def test_the_address_tells_nothing_about_the_prompt_and_no_cache_keeps_the_answer(visitor):
    urls = [figures_url(visitor.get(f"/wheel/{start_session(seed=seed)}")) for seed in (1, 2)]
    keys = [url.rpartition("=")[2] for url in urls]
    assert keys[0] != keys[1]  # the same prompt
    assert all(re.fullmatch("[0-9a-f]{16}", key) for key in keys)
    assert "no-store" in visitor.get(urls[0])["Cache-Control"]


def test_a_missing_session_has_no_figures(visitor):
    url = "/wheel/00000000-0000-4000-8000-000000000000/prompt-figures"
    assert visitor.get(url).status_code == 404
    answer = visitor.get(f"{url}?prompt=x")
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")


@pytest.mark.parametrize(
    "trouble", [lambda: engine_that_raises(EngineBusyError()), engine_without_answer]
)
def test_a_busy_engine_is_no_trouble_for_the_page(visitor, wheel_page, trouble):
    with trouble():
        answer = visitor.get(figures_url(wheel_page))
    assert (answer.status_code, answer.json()["code"]) == (503, "engine_busy")


class ScoreCounter:
    """Answers like `engine`, and counts the texts that it scores."""

    def __init__(self, engine):
        self.next_logits = engine.next_logits
        self.prefetch = engine.prefetch
        self._score = engine.score
        self.num_scored = 0

    def score(self, model_id, token_ids):
        self.num_scored += 1
        return self._score(model_id, token_ids)


def test_a_page_scores_nothing_and_a_prompt_is_scored_once_for_all(visitor, wheel_runtime):
    counter = ScoreCounter(wheel_runtime.engine)
    with runtime.use(replace(wheel_runtime, engine=counter)):
        pages = [visitor.get(f"/wheel/{start_session(seed=seed)}") for seed in (1, 2)]
        assert counter.num_scored == 0
        answers = [visitor.get(figures_url(page)) for page in pages]
    assert answers[0].json() == answers[1].json()
    assert counter.num_scored == 1


@contextmanager
def remote_engine(engine, tokenizer):
    """An engine that reaches `engine` over HTTP."""
    vocabulary = Vocabulary(tokenizer.vocabulary_size, tokenizer.digest)
    report = ModelReport("gpt2", 64, vocabulary.size, vocabulary.digest)
    service = PlainService(engine, report)
    with serving(service):
        remote = RemoteEngine(
            lambda: EngineClient(service.url, TOKEN, max_connections=2),
            ["gpt2"],
            lambda _: vocabulary,
        )
        yield remote
        remote.stop()


def test_an_engine_on_another_machine_has_the_same_figures(visitor, wheel_runtime, catalog):
    session_id = start_session()
    expected = expected_chips(wheel_runtime.engine, prompt_ids(session_id))
    tokenizer = catalog.tokenizer("gpt2")
    with (
        remote_engine(wheel_runtime.engine, tokenizer) as remote,
        runtime.use(replace(wheel_runtime, engine=remote)),
    ):
        answer = visitor.get(figures_url(visitor.get(f"/wheel/{session_id}")))
    assert_figures(answered_chips(answer), expected)
