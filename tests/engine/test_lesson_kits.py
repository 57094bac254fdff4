"""The figures that kits and lessons on texts name, on the real weights of SmolLM2."""

import math

import numpy as np
import pytest
from django.conf import settings as django_settings

from wheel.domain.comparison import Comparison
from wheel.domain.counting_model import CountingModel
from wheel.domain.distribution import Distribution
from wheel.domain.grown_text import GrownText, GrownToken
from wheel.domain.lesson_kits import KIT_BY_KEY, LESSON_KITS
from wheel.domain.replayed_luck import TEMPERATURES, ReplayedLuck
from wheel.domain.sampling import shape_distribution
from wheel.domain.scored_text import ScoredText
from wheel.domain.segments import Wheel
from wheel.domain.spin import Spin
from wheel.domain.wheel_settings import NEUTRAL_SETTINGS
from wheel.engine.naive_engine import NaiveEngine
from wheel.language_models.catalog import ModelCatalog
from wheel.language_models.registry import SMOLLM2_135M
from wheel.pages.lessons import surprising_text, tokens_are_not_words
from wheel.pages.lessons.filters import LESSON as FILTERS
from wheel.pages.lessons.one_word_changed import OTHER_PROMPT
from wheel.pages.lessons.the_favourite import LESSON as THE_FAVOURITE
from wheel.services.growth import MAX_GROWN_TOKENS
from wheel.services.texts import rows_of
from wheel.shipped_texts import SHIPPED_TEXTS

pytestmark = pytest.mark.slow

MODEL_ID = SMOLLM2_135M.model_id
US = [step / 40 for step in range(40)]


@pytest.fixture(scope="module")
def catalog():
    return ModelCatalog([SMOLLM2_135M], django_settings.TRANSFORMERS_CACHE)


@pytest.fixture(scope="module")
def engine(catalog):
    engine = NaiveEngine(catalog.runner)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture(scope="module")
def tokenizer(catalog):
    return catalog.tokenizer(MODEL_ID)


@pytest.fixture(scope="module")
def wheel(engine, tokenizer):
    """The first wheel of a kit, with some settings changed."""

    def compute(key, **changed):
        kit = KIT_BY_KEY[key]
        settings = kit.settings.with_overrides(changed)
        logits = engine.next_logits(MODEL_ID, tokenizer.encode(kit.prompt)).result(60)
        return Wheel(shape_distribution(logits, settings), settings.threshold)

    return compute


@pytest.fixture(scope="module")
def prob(tokenizer):
    def of(wheel, text):
        return float(wheel.distribution.probs[tokenizer.find_token(text).token_id])

    return of


def favourite(wheel):
    return float(wheel.distribution.ranked_probs[0])


@pytest.mark.parametrize("kit", LESSON_KITS, ids=lambda kit: kit.key)
def test_the_first_wheel_of_a_kit_has_something_to_see(wheel, kit):
    first = wheel(kit.key)
    assert 5 <= first.num_above_possible <= 24
    assert 0.02 < first.other_prob < 0.9
    assert favourite(first) < 0.6


def test_a_story_can_part_at_the_first_draw(wheel, prob):
    first = wheel("one-draw-after-another")
    assert prob(first, " girl") == pytest.approx(0.383, abs=0.005)
    assert prob(first, " town") == pytest.approx(0.234, abs=0.005)
    assert first.other_prob == pytest.approx(0.255, abs=0.005)


def test_the_coin_of_the_model_is_not_fair(wheel, prob):
    first = wheel("many-spins")
    assert prob(first, " heads") == pytest.approx(0.473, abs=0.005)
    assert prob(first, " tails") == pytest.approx(0.318, abs=0.005)
    assert prob(first, " ") == pytest.approx(0.135, abs=0.005)
    about_2_percent = prob(first, " a")
    assert about_2_percent == pytest.approx(0.021, abs=0.002)
    assert (1 - about_2_percent) ** 30 == pytest.approx(0.53, abs=0.03)


def test_three_quarters_of_a_wheel_are_its_long_tail(wheel):
    first = wheel("long-tail")
    assert first.other_prob == pytest.approx(0.756, abs=0.005)
    assert first.num_other > 49_000


def test_temperature_feeds_or_starves_the_favourite_and_keeps_the_order(wheel, prob):
    shares = {
        temperature: prob(wheel("temperature", temperature=temperature), " fore")
        for temperature in (0.2, 1, 2)
    }
    assert shares == {
        0.2: pytest.approx(0.957, abs=0.005),
        1: pytest.approx(0.304, abs=0.005),
        2: pytest.approx(0.022, abs=0.005),
    }
    assert wheel("temperature", temperature=2).other_prob > 0.9
    first_tokens = [
        wheel("temperature", temperature=temperature).distribution.ranked_token_ids[:50].tolist()
        for temperature in (0.2, 1, 2)
    ]
    assert first_tokens[0] == first_tokens[1] == first_tokens[2]


def test_the_same_luck_often_draws_another_token_at_another_temperature(wheel):
    cool, hot = wheel("same-luck"), wheel("same-luck", temperature=1.5)
    num_different = sum(Spin.at(cool, u).token_id != Spin.at(hot, u).token_id for u in US)
    assert num_different > len(US) / 2


def test_twenty_stops_become_other_tokens_from_temperature_1_to_2(wheel):
    wheels = [wheel("same-luck", temperature=temperature) for temperature in TEMPERATURES]
    for seed in range(50):
        luck = ReplayedLuck.from_seed(wheels, 20, seed)
        assert luck.num_changed(TEMPERATURES.index(1), TEMPERATURES.index(2)) > 10
        coldest, *_, hottest = luck.nums_different
        assert coldest <= 2
        assert hottest >= 15


def test_the_filters_cut_the_tail_and_at_last_all_of_other(wheel):
    first = wheel("filters")
    assert first.distribution.num_possible < 200
    assert first.other_prob == pytest.approx(0.292, abs=0.005)
    cut = wheel("filters", top_p=1, top_k=5)
    assert (cut.num_above_possible, cut.other_prob) == (5, 0)


def test_the_dog_chases_a_cat_in_every_sixth_text(wheel, prob):
    first = wheel("guess-first")
    assert prob(first, " cat") == pytest.approx(0.179, abs=0.005)
    assert -math.log2(prob(first, " cat")) == pytest.approx(2.5, abs=0.05)
    assert prob(first, " moon") == pytest.approx(0.172, abs=0.005)
    assert prob(first, " hare") == pytest.approx(0.119, abs=0.005)
    assert first.distribution.entropy_bits == pytest.approx(5.2, abs=0.05)
    assert math.log2(first.distribution.vocabulary_size) == pytest.approx(15.6, abs=0.05)


def test_a_doctor_takes_off_his_coat_and_a_nurse_hers(wheel, prob, engine, tokenizer):
    doctor = wheel("one-word-changed")
    assert KIT_BY_KEY["one-word-changed"].other_prompt == OTHER_PROMPT
    logits = engine.next_logits(MODEL_ID, tokenizer.encode(OTHER_PROMPT)).result(60)
    nurse = Wheel(Distribution.from_logits(logits), doctor.threshold)
    assert prob(doctor, " his") == pytest.approx(0.290, abs=0.005)
    assert prob(nurse, " his") == pytest.approx(0.114, abs=0.005)
    assert prob(doctor, " her") == pytest.approx(0.173, abs=0.005)
    assert prob(nurse, " her") == pytest.approx(0.296, abs=0.005)
    comparison = Comparison(doctor.distribution, nurse.distribution)
    assert comparison.total_variation == pytest.approx(0.294, abs=0.005)


def test_the_likeliest_tokens_continue_a_word(wheel, tokenizer, prob):
    first = wheel("tokens-are-not-words")
    texts = [
        tokenizer.token(int(token_id)).token_text
        for token_id in first.distribution.ranked_token_ids[:8]
    ]
    assert texts[:4] == ["diversity", "plasticity", "c", "phys"]
    assert not any(text.startswith(" ") for text in texts)
    assert prob(first, "diversity") == pytest.approx(0.152, abs=0.005)


def test_six_tokens_follow_she_was_in_alice_and_thousands_in_the_model(
    wheel, prob, engine, tokenizer
):
    kit = KIT_BY_KEY["counting-model"]
    first = wheel("counting-model")
    assert prob(first, " a") == pytest.approx(0.064, abs=0.005)
    assert first.distribution.first_token_ids(1)[0] == tokenizer.find_token(" a").token_id
    assert first.other_prob == pytest.approx(0.777, abs=0.005)
    text = tokenizer.encode(SHIPPED_TEXTS["en"].read())
    context = tokenizer.encode(kit.prompt)[-2:]
    places = [at for at in range(2, len(text)) if tuple(text[at - 2 : at]) == tuple(context)]
    followers = {text[at] for at in places}
    assert (len(places), len(followers)) == (6, 6)
    model = CountingModel(np.array(text), order=3, vocabulary_size=tokenizer.vocabulary_size)
    probs = model.probs(tuple(tokenizer.encode(kit.prompt)))
    assert [float(probs[one]) for one in followers] == pytest.approx([0.09] * 6, abs=0.006)


@pytest.fixture(scope="module")
def scored(engine, tokenizer):
    """A text with the scores of its tokens."""

    def score(text):
        token_ids = tokenizer.encode(text)
        scores = engine.score(MODEL_ID, token_ids).result(60)
        return ScoredText(token_ids[0], rows_of(token_ids, scores), len(text))

    return score


def test_a_made_up_name_surprises_and_makes_the_model_doubt_the_next_one(
    wheel, prob, scored, tokenizer, engine
):
    kit = KIT_BY_KEY["surprising-text"]
    peak = scored(kit.prompt).most_surprising
    assert tokenizer.token(peak.token_id).token_text == " Bram"
    assert peak.surprisal_bits == pytest.approx(23.7, abs=0.1)
    assert tokenizer.token(peak.expected_id).token_text == " Paris"
    assert math.exp(peak.expected_log_prob) == pytest.approx(0.77, abs=0.01)
    assert prob(wheel("surprising-text"), " Rome") == pytest.approx(0.20, abs=0.01)
    believed = kit.prompt.replace("Brambleford", "Paris") + " Rome"
    assert scored(believed).scores[-1].prob == pytest.approx(0.77, abs=0.01)


def test_random_letters_surprise_about_five_times_as_much_as_a_nursery_rhyme(scored):
    rhyme, letters = (
        scored(example.text).bits_per_character
        for example in surprising_text.EXAMPLES
        if example.key in (surprising_text.RHYME, surprising_text.LETTERS)
    )
    ratio = letters / rhyme
    ratios = surprising_text.RATIOS
    closest = min(ratios, key=lambda key: abs(math.log(ratios[key] / ratio)))
    assert closest == "five-times"


def test_a_sentence_costs_least_in_english_and_most_in_hindi(tokenizer):
    lesson = tokens_are_not_words
    costs = {one.code: len(tokenizer.encode(one.text)) for one in lesson.TRANSLATIONS}
    assert (min(costs, key=costs.__getitem__), max(costs, key=costs.__getitem__)) == ("en", "hi")
    assert (costs["en"], costs["hi"]) == (13, 92)
    assert len(tokenizer.encode(lesson.ASKED_TEXT)) == 13
    assert len(tokenizer.encode(" strawberry")) == 1
    assert len({tokenizer.encode(text) for text in ("cat", "Cat", " cat")}) == 3


def test_top_p_and_min_p_follow_how_sure_the_model_is_and_top_k_does_not(engine, tokenizer):
    """The claims of the lesson "What the filters cut"."""

    def nums_kept(prompt):
        logits = engine.next_logits(MODEL_ID, tokenizer.encode(prompt)).result(60)
        return [
            shape_distribution(logits, NEUTRAL_SETTINGS.with_overrides({name: value})).num_possible
            for name, value in (("top_k", 10), ("top_p", 0.9), ("min_p", 0.05))
        ]

    assert nums_kept(FILTERS.prompt) == [10, pytest.approx(179, abs=5), pytest.approx(16, abs=2)]
    assert nums_kept("The capital of France is") == [10, pytest.approx(10, abs=3), 2]
    assert nums_kept("My name is") == [10, pytest.approx(1885, abs=50), pytest.approx(39, abs=4)]


def test_the_text_of_the_favourite_becomes_a_loop_that_grows_ever_surer(engine, tokenizer):
    """The claims of the lesson "The favourite every time", and of its kit."""
    assert KIT_BY_KEY["the-favourite"].prompt == THE_FAVOURITE.prompt
    text = GrownText(tuple(tokenizer.encode(THE_FAVOURITE.prompt)), ())
    for _ in range(MAX_GROWN_TOKENS):
        logits = engine.next_logits(MODEL_ID, text.token_ids).result(60)
        text = text.with_token(GrownToken.at_rank(Distribution.from_logits(logits), 0))
    assert text.loop is not None
    assert (text.loop.start, text.loop.period) == (10, 5)
    happy = [
        grown.prob for grown in text.added if tokenizer.token(grown.token_id).token_text == " happy"
    ]
    assert happy == sorted(happy)
    assert happy[0] == pytest.approx(0.840, abs=0.01)
    assert happy[-1] == pytest.approx(0.989, abs=0.005)
    rounds = [
        sum(grown.entropy_bits for grown in text.added[start : start + 5]) for start in (10, 35)
    ]
    assert rounds[1] < rounds[0] * 0.6
