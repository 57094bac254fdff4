"""The lesson "Spin it 1,000 times": every number on its page, from the logits."""

from collections import Counter
from math import log, log10

import pytest

from tests.pages.classes import freeze, join, make_classroom
from tests.pages.conftest import history
from tests.pages.lessons.plain_draws import plain_draws, plain_wheel, wilson
from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.pages.words.numbers import count, percent, points, rounded_percent

SEED = 482913
STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]


def address(session_id, **query):
    fields = {"prediction": "seldom"} | query
    pairs = "&".join(f"{name}={value}" for name, value in fields.items())
    return f"/lessons/many-spins/{session_id}?{pairs}"


@pytest.fixture
def show(visitor, session_id):
    def show(**query):
        answer = visitor.get(address(session_id, **query))
        assert answer.status_code == 200
        return answer.content.decode()

    return show


@pytest.fixture
def wheel(wheel_runtime, session_id):
    return plain_wheel(wheel_runtime, session_id)


@pytest.fixture
def draws(wheel):
    return plain_draws(wheel, SEED, 1000)


def token(session_id, token_id):
    return services.get_session(session_id=session_id).token(token_id)


def segments(wheel, draws):
    """Expected share and count of every segment, Other last."""
    counts = Counter(draws)
    own = [(wheel.probs[token_id], counts[token_id]) for token_id in wheel.above]
    num_in_other = len(draws) - sum(num for _, num in own)
    return [*own, (1 - wheel.above_prob, num_in_other)]


def cells(html, words):
    """The texts of the rows' cells of the table with this column."""
    body = html[html.index(words) :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    rows = body.split("<tr>")[1:]
    return [[cell.text for cell in find_all(f"<tr>{row}", "td")] for row in rows]


def text_of(html):
    return " ".join(find_one(html, "main", id="main").text.split())


def test_the_table_has_every_segment_with_its_count_its_band_and_its_distance(show, wheel, draws):
    html = show(num_spins=1000, seed=SEED)
    expected = []
    for prob, num in segments(wheel, draws):
        low, high = wilson(num, 1000)
        band = f"{percent(low)} to {percent(high)}"
        is_outside = not low <= prob <= high
        expected.append(
            [
                percent(prob),
                count(num),
                percent(num / 1000),
                f"{band} misses it" if is_outside else band,
                points(num / 1000 - prob),
            ]
        )
    assert cells(html, "Off by (percentage points)") == expected


def test_the_bars_have_the_lengths_of_their_shares_after_every_step(show, wheel, draws):
    html = show(num_spins=1000, seed=SEED)
    scales = scales_of(html, wheel)
    for scale, (prob, _) in zip(scales, segments(wheel, draws), strict=True):
        assert prob < scale <= 1
    observed = find_all(html, "rect", with_class="bar-observed")
    bands = [b for b in find_all(html, "rect", with_class="bar-band") if "width" in b.attributes]
    bands = [band for band in bands if "data-frames-width" in band.attributes]
    for step, size in enumerate(STEPS):
        rows = segments(wheel, draws[:size])
        assert [round(float(frames(bar, "width")[step]), 2) for bar in observed] == [
            pytest.approx(100 * min(1, num / size / scale), abs=0.011)
            for scale, (_, num) in zip(scales, rows, strict=True)
        ]
        for band, scale, (_, num) in zip(bands, scales, rows, strict=True):
            low, high = (100 * min(1, end / scale) for end in wilson(num, size))
            assert float(frames(band, "x")[step]) == pytest.approx(low, abs=0.011)
            assert float(frames(band, "width")[step]) == pytest.approx(high - low, abs=0.011)
    for bar in observed:
        assert bar.attributes["width"] == frames(bar, "width")[-1]
    expected = find_all(html, "rect", with_class="bar-expected")
    for bar, scale, (prob, _) in zip(expected, scales, segments(wheel, draws), strict=True):
        assert float(bar.attributes["width"]) == pytest.approx(100 * prob / scale, abs=0.011)


def scales_of(html, wheel):
    """The share at the end of each bar's axis, as the page says it: Other may have its own."""
    own, *of_other = [
        float(span.text.removeprefix("0 to ").removesuffix("%")) / 100
        for name in ("spin-key-scale", "spin-bar-scale")
        for span in find_all(html, "span", with_class=name)
    ]
    return [own] * len(wheel.above) + (of_other or [own])


def frames(element, name):
    return element.attributes[f"data-frames-{name}"].split("|")


def test_the_words_beside_the_bars_are_those_of_every_step(show, wheel, draws):
    html = show(num_spins=1000, seed=SEED)
    assert find_one(html, "div", with_class="spins").attributes["data-sizes"] == "|".join(
        map(str, STEPS)
    )
    number = find_one(html, "span", with_class="spin-number")
    assert frames(number, "text") == [count(size) for size in STEPS]
    shown_counts = find_all(html, "span", with_class="spin-bar-count")
    for idx, bar in enumerate(shown_counts):
        nums = [segments(wheel, draws[:size])[idx][1] for size in STEPS]
        assert frames(bar, "text") == [count(num) for num in nums]
        assert bar.text == count(nums[-1])
    shares = [share for share in find_all(html, "span") if share.attributes.keys() == FRAMES_ONLY]
    assert len(shares) == len(shown_counts)
    for idx, share in enumerate(shares):
        nums = [segments(wheel, draws[:size])[idx][1] for size in STEPS]
        assert frames(share, "text") == [
            percent(num / size) for num, size in zip(nums, STEPS, strict=True)
        ]


FRAMES_ONLY = {"data-frames-text"}


def test_the_sentences_name_the_rare_token_its_rounds_and_the_segment_furthest_off(
    show, wheel, draws, session_id
):
    html = text_of(show(num_spins=1000, seed=SEED))
    assert f"{rounded_percent(0.99**30)} of all rounds of thirty spins" in html
    assert rounded_percent(0.99**30) == "74%"
    rare = min(wheel.above, key=lambda token_id: abs(log(wheel.probs[token_id] / 0.01)))
    rounds = [draws[start : start + 30] for start in range(0, 990, 30)]
    without = sum(rare not in spins for spins in rounds)
    prob = wheel.probs[rare]
    name = token(session_id, rare).display_text
    assert (
        f"On this wheel, {name} has {percent(prob)}: 30 spins are without it with a "
        f"probability of {rounded_percent((1 - prob) ** 30)}."
    ) in html
    assert (
        f"Here it was 33 rounds of 30 spins; without it: {without}, "
        f"which is {rounded_percent(without / 33)}."
    ) in html
    rows = segments(wheel, draws)
    furthest = max(rows, key=lambda row: abs(row[1] / 1000 - row[0]))
    prob, num = furthest
    assert (
        f": {percent(num / 1000)} instead of {percent(prob)}, "
        f"a difference of {points(num / 1000 - prob)} percentage points."
    ) in html
    bands = [(prob, *wilson(num, 1000)) for prob, num in rows]
    num_outside = sum(not low <= prob <= high for prob, low, high in bands)
    assert f"There are {len(rows)} bands; of these, {num_outside} miss" in html


def test_other_is_listed_by_token(show, wheel, draws, session_id):
    html = show(num_spins=1000, seed=SEED)
    inside = Counter(token_id for token_id in draws if token_id not in wheel.above)
    assert f"Spins that ended in Other: {count(inside.total())}." in text_of(html)
    assert f"They brought {count(len(inside))} different tokens" in text_of(html)
    ordered = sorted(inside.items(), key=lambda entry: (-entry[1], entry[0]))
    assert [item.text for item in find_all(html, "li", with_class="other-token")] == [
        f"{token(session_id, token_id).display_text} {count(num)}" for token_id, num in ordered
    ]


def test_the_plot_and_its_table_are_the_share_of_the_favourite(show, wheel, draws, session_id):
    html = show(num_spins=1000, seed=SEED)
    favourite = wheel.ranking[0]
    rows = []
    for size in STEPS:
        num = draws[:size].count(favourite)
        low, high = wilson(num, size)
        rows.append([count(num), percent(num / size), f"{percent(low)} to {percent(high)}"])
    assert cells(html, "The plot as a table") == rows
    name, prob = token(session_id, favourite).display_text, wheel.probs[favourite]
    caption = find_one(html, "figcaption").text
    assert f"the favourite, {name}, as the spins" in caption
    assert f"the {percent(prob)} of the wheel" in caption
    line = find_one(html, "path", with_class="curve-line").attributes["d"]
    top = find_all(html, "text", with_class="curve-tick")[2].text
    scale = float(top.removesuffix("%")) / 100
    for place in line.removeprefix("M").split("L"):
        x, y = map(float, place.split())
        size = round(10 ** ((x - 46) / 358 * 3))
        assert x == pytest.approx(46 + 358 * log10(size) / 3, abs=0.011)
        share = draws[:size].count(favourite) / size
        assert y == pytest.approx(190 - 182 * share / scale, abs=0.011)
    assert (place, size) == (line.split("L")[-1], 1000)


@pytest.mark.parametrize(
    ("prediction", "words"),
    [("seldom", "You were right"), ("never", "Nearly"), ("once", "It feels so, but no")],
)
def test_the_prediction_is_answered_after_the_first_spins(show, prediction, words):
    assert words in show(prediction=prediction, num_spins=1)
    assert words not in show(prediction=prediction)


def test_more_spins_with_the_same_seed_continue_the_same_draws(show):
    fewer, more = show(num_spins=10, seed=SEED), show(num_spins=100, seed=SEED)
    for one, other in zip(
        find_all(fewer, "rect", with_class="bar-observed"),
        find_all(more, "rect", with_class="bar-observed"),
        strict=True,
    ):
        assert frames(other, "width")[:4] == frames(one, "width")


def test_the_buttons_keep_the_luck_and_other_luck_has_a_new_seed(visitor, session_id):
    page = visitor.get(address(session_id))
    html = visitor.send(page, session_id, num_spins="10").content.decode()
    seed = find_one(html, "input", name="seed").attributes["value"]
    assert find_one(html, "strong", with_class="spin-seed").text == seed
    assert f"seed={seed}" in find_one(html, "a", id="same-spins").attributes["href"]
    other = find_one(html, "a", id="other-luck").attributes["href"]
    assert "num_spins=10" in other
    assert f"seed={seed}&" not in other
    again = visitor.get(f"/lessons/many-spins/{session_id}{other}").content.decode()
    assert f"seed={find_one(again, 'input', name='seed').attributes['value']}&" in other


def test_the_steps_are_links_to_the_same_first_spins(show, visitor, session_id):
    html = show(num_spins=100, seed=SEED)
    links = find_all(html, "a", with_class="spin-step")
    assert [link.text for link in links] == ["1", "2", "5", "10", "20", "50", "100"]
    tenth = visitor.get(f"/lessons/many-spins/{session_id}{links[3].attributes['href']}")
    assert cells(tenth.content.decode(), "Off by (percentage points)") == cells(
        show(num_spins=10, seed=SEED), "Off by (percentage points)"
    )


def test_nothing_is_appended_to_the_text(show, session_id):
    show(num_spins=10_000)
    assert history(session_id) == ()


@pytest.mark.parametrize(
    "query",
    [{"num_spins": 3}, {"num_spins": 10_001}, {"num_spins": "x"}, {"seed": -1}, {"seed": "x"}],
)
def test_a_number_that_is_not_offered_is_refused_with_a_sentence(visitor, session_id, query):
    answer = visitor.get(address(session_id, **query))
    assert answer.status_code == 400
    assert find_one(answer.content.decode(), "div", id="problem").text


def test_a_session_without_a_text_is_told_so(visitor):
    session_id = services.start_session().session_id
    answer = visitor.get(address(session_id, num_spins=10))
    assert answer.status_code == 400
    assert find_one(answer.content.decode(), "div", id="problem").text


@pytest.mark.django_db
def test_a_member_of_a_frozen_class_with_locked_knobs_spins_the_wheel_of_the_class(
    visitor, wheel_runtime
):
    classroom = make_classroom(locked=["temperature", "top_k"], temperature=0.5, top_k=5)
    session_id = join(classroom)
    freeze(classroom)
    answer = visitor.get(address(session_id, num_spins=100, seed=SEED))
    wheel = plain_wheel(wheel_runtime, session_id, temperature=0.5, top_k=5)
    draws = Counter(plain_draws(wheel, SEED, 100))
    shown = [row[1] for row in cells(answer.content.decode(), "Off by (percentage points)")]
    assert shown[: len(wheel.above)] == [count(draws[token_id]) for token_id in wheel.above]


def test_a_wheel_with_a_segment_for_every_token_is_shown(visitor, session_id):
    visitor.get(f"/wheel/{session_id}?threshold=0")
    answer = visitor.get(address(session_id, num_spins=100, seed=SEED))
    assert answer.status_code == 200
    html = answer.content.decode()
    listed = sum(int(row[1]) for row in cells(html, "Off by (percentage points)"))
    narrow = next(
        fact.text for fact in find_all(html, "p") if "narrow segments; spins" in fact.text
    )
    assert listed + int(narrow.rsplit(" ", 1)[1]) == 100


def test_a_large_other_has_an_axis_of_its_own_and_leaves_the_tokens_theirs(visitor, session_id):
    visitor.get(f"/wheel/{session_id}?threshold=0.01&temperature=3")
    html = visitor.get(address(session_id, num_spins=100, seed=SEED)).content.decode()
    own = find_one(html, "span", with_class="spin-key-scale").text
    of_other = find_one(html, "span", with_class="spin-bar-scale").text
    assert own != of_other
    widths = [
        float(bar.attributes["width"]) for bar in find_all(html, "rect", with_class="bar-expected")
    ]
    assert max(widths[:-1]) > 30
