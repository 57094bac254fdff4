"""Lesson "Guess first": ten rounds, each a guess and one spin of the session."""

import html
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.pages.classes import freeze, join, make_classroom, resume
from tests.pages.conftest import start_session
from wheel import services
from wheel.pages.lessons.guess_game import CHOICE_RANKS, GuessGame

CHOICE = re.compile(r'<button[^>]*class="button guess-token"[^>]*value="(\d+)"')


def address(session_id):
    return f"/lessons/guess-first/{session_id}"


def session_of(session_id):
    """Without its last access, which every use moves."""
    session = services.get_session(session_id=session_id).session
    return replace(session, last_accessed=session.created_at)


def choices_on(page):
    return [int(token_id) for token_id in CHOICE.findall(page.content.decode())]


def play(visitor, session_id, token_id=None, **options):
    page = visitor.get(address(session_id))
    token_id = choices_on(page)[0] if token_id is None else token_id
    return visitor.send(page, session_id, token_id=token_id, **options)


def next_probs(engine, token_ids):
    """(vocabulary_size,) float64, through plain numpy."""
    logits = engine.next_logits("gpt2", tuple(token_ids)).result(30).astype(np.float64)
    shares = np.exp(logits - logits.max())
    return shares / shares.sum()


def in_bits(value):
    return f"{value:.1f} bits" if value >= 0.05 else "under 0.1 bits"


def shown(page):
    """The text of a page with the whitespace between words reduced."""
    text = re.sub(r"<[^>]+>", " ", page.content.decode())
    return re.sub(r"\s+", " ", html.unescape(text))


@pytest.fixture
def played(visitor, session_id):
    """A session whose ten rounds are played, each with another of the choices."""
    for number in range(10):
        page = visitor.get(address(session_id))
        play(visitor, session_id, choices_on(page)[number % len(CHOICE_RANKS)])
    return session_id


def test_the_question_shows_the_text_and_eight_tokens_but_no_wheel_and_no_probability(
    visitor, session_id
):
    page = visitor.get(address(session_id))
    assert "The cat sat on the" in shown(page)
    assert len(set(choices_on(page))) == 8
    assert "data-disc" not in page.content.decode()
    assert "%" not in shown(page).split("Round 1 of 10")[1].split("What to look for")[0]


def test_the_order_of_the_choices_is_the_same_after_a_reload_and_does_not_follow_the_ranks(
    visitor, session_id, engine
):
    def ranks_of(session_id):
        probs = next_probs(engine, session_of(session_id).token_ids)
        chosen = choices_on(visitor.get(address(session_id)))
        return [int((probs > probs[token_id]).sum()) for token_id in chosen]

    assert ranks_of(session_id) == ranks_of(session_id)
    orders = [ranks_of(start_session()) for _ in range(6)]
    assert len({tuple(order) for order in orders}) > 1
    assert any(order != sorted(order) for order in orders)


def test_a_guess_is_noted_with_its_figures_and_the_wheel_is_spun_once(visitor, session_id, engine):
    before = session_of(session_id)
    probs = next_probs(engine, before.token_ids)
    token_id = choices_on(visitor.get(address(session_id)))[3]
    play(visitor, session_id, token_id)
    after = session_of(session_id)
    [guess] = after.guesses
    assert (guess.position, guess.token_id) == (0, token_id)
    assert guess.log_prob == pytest.approx(math.log(probs[token_id]), abs=1e-5)
    assert guess.rank == 1 + int((probs > probs[token_id]).sum())
    assert (after.rev, len(after.history), after.num_draws) == (before.rev + 1, 1, 1)
    assert after.history[0].is_drawn


def test_a_guess_is_the_same_spin_as_that_of_the_wheel_page(visitor):
    ours, other = start_session(seed=7), start_session(seed=7)
    for _ in range(3):
        play(visitor, ours)
        services.spin(session_id=other)
    figures = [
        [(token.token_id, token.u, token.prob, token.is_sample) for token in session.history]
        for session in (session_of(ours), session_of(other))
    ]
    assert figures[0] == figures[1]


def test_every_number_of_a_round_is_computed_from_the_logits(visitor, session_id, engine):
    play(visitor, session_id)
    prompt_ids = session_of(session_id).prompt_token_ids
    token_id = choices_on(visitor.get(address(session_id)))[5]
    page = play(visitor, session_id, token_id)
    session = session_of(session_id)
    context = [*prompt_ids, session.history[0].token_id]
    probs = next_probs(engine, context)
    drawn_id, favourite = session.history[1].token_id, int(probs.argmax())
    entropy = -(probs * np.log2(probs)).sum()
    text = shown(page)
    guess, fav, drawn = (
        text.split(heading)[1]
        for heading in ("Your guess ", "The model's favourite ", "The wheel stopped at ")
    )
    rank = 1 + int((probs > probs[token_id]).sum())
    assert in_bits(-math.log2(probs[token_id])) in guess[:80]
    assert f"rank {rank} of {len(probs)}" in guess[:140]
    assert in_bits(-math.log2(probs[favourite])) in fav[:80]
    assert f"{probs[favourite] * 100:.1f}%. A draw from this wheel costs {in_bits(entropy)}" in fav
    assert in_bits(-math.log2(probs[drawn_id])) in drawn[:80]
    marks = re.findall(r'<g transform="rotate\(([\d.]+)\)">', page.content.decode())
    order = np.argsort(-probs, kind="stable")
    ends = probs[order].cumsum()
    place = int(np.flatnonzero(order == token_id)[0])
    middle = (ends[place] - probs[token_id] / 2) * 360
    assert float(marks[0]) == pytest.approx(middle, abs=1e-2)
    assert float(marks[1]) == pytest.approx(session.history[1].u * 360, abs=1e-3)


def test_every_number_of_the_result_is_computed_from_the_logits(visitor, played, engine):
    session = session_of(played)
    guesses, favourites, entropies, draws = [], [], [], []
    for idx, guess in enumerate(session.guesses):
        ids = [*session.prompt_token_ids, *(token.token_id for token in session.history[:idx])]
        probs = next_probs(engine, ids)
        guesses.append(-math.log2(probs[guess.token_id]))
        draws.append(-math.log2(probs[session.history[idx].token_id]))
        favourites.append(-math.log2(probs.max()))
        entropies.append(-(probs * np.log2(probs)).sum())
    page = visitor.get(address(played))
    text = shown(page)
    uniform = 10 * math.log2(len(probs))
    for label, total in (
        ("Your guesses", sum(guesses)),
        ("Always the model's favourite", sum(favourites)),
        ("The model's own draws, on average", sum(entropies)),
        ("No idea: all tokens equally likely", uniform),
    ):
        assert f"{label} {in_bits(total)} {in_bits(total / 10)}" in text
        assert f"{label}: {in_bits(total)}" in html.unescape(page.content.decode())
    rows = text.split("Its surprise")[2]
    for cost, drawn in zip(guesses, draws, strict=True):
        assert re.search(rf"{in_bits(cost)} \S.*? {in_bits(drawn)}", rows)
    assert f"In all {in_bits(sum(guesses))} {in_bits(sum(draws))}" in rows
    assert f"A round, on average {in_bits(sum(guesses) / 10)} {in_bits(sum(draws) / 10)}" in rows
    widths = [
        float(width)
        for width in re.findall(
            r'<rect class="cost-bar [^>]*width="([\d.]+)"', page.content.decode()
        )
    ]
    totals = np.array([sum(guesses), sum(favourites), sum(entropies), uniform])
    assert widths == pytest.approx(list(totals / totals.max() * max(widths)), abs=0.05)


def test_the_game_ends_after_ten_rounds(visitor, played):
    page = visitor.get(address(played))
    assert not choices_on(page)
    session = session_of(played)
    refused = visitor.post(address(played), {"rev": session.rev, "position": 10, "token_id": 5})
    assert refused.status_code == 400
    assert "All ten rounds of this text have been played." in shown(refused)
    assert session_of(played) == session


@pytest.mark.parametrize(
    ("typed", "likelier"), [("mat", None), (" mat", " mat"), ("and more", None)]
)
def test_a_typed_text_is_read_as_tokens_the_likelier_one_first(
    visitor, session_id, engine, typed, likelier
):
    before = session_of(session_id)
    page = visitor.get(address(session_id))
    answer = visitor.send(page, session_id, text=typed)
    tokenizer = services.get_session(session_id=session_id).tokenizer
    texts = [typed] if typed[0] == " " else [typed, f" {typed}"]
    probs = next_probs(engine, before.token_ids)
    expected = sorted((tokenizer.encode(text)[0] for text in texts), key=lambda one: -probs[one])
    readings = answer.content.decode().split('id="readings"')[1].split("</div>")[0]
    assert [int(value) for value in re.findall(r'value="(\d+)"\s+aria-label', readings)] == expected
    assert "%" not in readings
    assert session_of(session_id) == before


def test_a_reading_can_be_guessed(visitor, session_id):
    page = visitor.get(address(session_id))
    answer = visitor.ask(page, session_id, text="zebra")
    token_id = int(re.findall(r'value="(\d+)"\s+aria-label', answer.content.decode())[0])
    play(visitor, session_id, token_id)
    assert session_of(session_id).guesses[0].token_id == token_id


def test_a_guess_without_a_token_and_a_text_asks_for_one_and_changes_nothing(visitor, session_id):
    before = session_of(session_id)
    answer = visitor.send(visitor.get(address(session_id)), session_id)
    assert answer.status_code == 400
    assert "Type a word, or choose one of the tokens below." in shown(answer)
    assert session_of(session_id) == before


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_guess_that_is_sent_twice_shows_its_round_again_and_spins_once(
    visitor, session_id, headers
):
    page = visitor.get(address(session_id))
    token_id = choices_on(page)[0]
    fields = visitor.form(page, session_id)["fields"] | {"token_id": token_id}
    first = visitor.post(address(session_id), fields, headers=headers, follow=True)
    after = session_of(session_id)
    second = visitor.post(address(session_id), fields, headers=headers, follow=True)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "The wheel stopped at" in shown(second)
    assert session_of(session_id).history == after.history
    assert session_of(session_id).guesses == after.guesses


def test_a_guess_from_a_stale_page_changes_nothing(visitor, session_id):
    page = visitor.get(address(session_id))
    services.spin(session_id=session_id)
    before = session_of(session_id)
    answer = visitor.send(page, session_id, token_id=choices_on(page)[0])
    assert answer.status_code == 409
    assert "The text has moved on" in shown(answer)
    assert session_of(session_id).history == before.history
    assert session_of(session_id).guesses == ()


@pytest.mark.parametrize("token_id", ["-1", "400", "99999999", "nonsense"])
def test_a_token_that_does_not_exist_changes_nothing(visitor, session_id, token_id):
    before = session_of(session_id)
    assert play(visitor, session_id, token_id).status_code == 400
    assert session_of(session_id) == before


def test_a_reload_and_the_back_button_show_the_round_and_change_nothing(visitor, session_id):
    page = play(visitor, session_id)
    shown_at = page.redirect_chain[-1][0]
    assert shown_at == f"{address(session_id)}?round=1#experiment"
    before = session_of(session_id)
    for url in (shown_at, shown_at, address(session_id)):
        assert visitor.get(url).status_code == 200
    assert session_of(session_id) == before


def test_an_undo_takes_the_guess_back_too(visitor, session_id):
    play(visitor, session_id)
    play(visitor, session_id)
    services.undo(session_id=session_id)
    assert [guess.position for guess in session_of(session_id).guesses] == [0]
    page = visitor.get(address(session_id), {"round": 2})
    assert "Round 2 of 10" in shown(page)
    assert len(choices_on(page)) == 8
    services.set_prompt(session_id=session_id, prompt="The dog")
    assert session_of(session_id).guesses == ()


def test_tokens_that_were_spun_without_a_guess_do_not_count(visitor, session_id):
    services.spin(session_id=session_id)
    play(visitor, session_id)
    services.spin(session_id=session_id)
    play(visitor, session_id)
    session = session_of(session_id)
    assert [guess.position for guess in session.guesses] == [1, 3]
    assert len(session.history) == 4


def test_the_guess_of_a_member_is_refused_while_the_class_is_frozen(visitor):
    classroom = make_classroom(locked=["temperature"], temperature=0.5)
    session_id = join(classroom)
    page = visitor.get(address(session_id))
    token_id = choices_on(page)[0]
    freeze(classroom)
    before = session_of(session_id)
    answer = visitor.send(page, session_id, token_id=token_id)
    assert answer.status_code == 409
    assert "Your teacher has paused the class" in shown(answer)
    assert not choices_on(answer)
    assert (session_of(session_id).history, session_of(session_id).guesses) == ((), ())
    assert before.rev == session_of(session_id).rev
    resume(classroom)
    assert visitor.send(page, session_id, token_id=token_id).status_code == 200
    assert session_of(session_id).history[0].settings.temperature == 0.5


def test_bits_are_those_of_the_model_whatever_the_knobs(visitor, engine):
    classroom = make_classroom(locked=["top_k"], top_k=2, temperature=2)
    session_id = join(classroom)
    probs = next_probs(engine, session_of(session_id).token_ids)
    token_id = int(np.argsort(-probs)[20])
    page = play(visitor, session_id, token_id)
    guess = session_of(session_id).guesses[0]
    assert guess.log_prob == pytest.approx(math.log(probs[token_id]), abs=1e-5)
    assert "The knobs have taken it off the wheel" in shown(page)


def test_choices_can_be_read(wheel_runtime, db):
    """Pieces of characters and control tokens are replaced by others."""
    game = GuessGame(services.get_session(session_id=start_session()))
    assert not any(token.is_special or token.is_piece for token in game.choices)


def test_no_text_and_no_guess_is_in_an_address(visitor, session_id):
    page = visitor.send(visitor.get(address(session_id)), session_id, text="quagga")
    page = play(visitor, session_id)
    assert all("token" not in url and "text" not in url for url, _status in page.redirect_chain)
