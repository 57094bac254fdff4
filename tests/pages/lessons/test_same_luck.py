"""The lesson "Same luck, other temperature": every number on its page, from the logits."""

import pytest

from tests.pages.classes import freeze, join, make_classroom
from tests.pages.conftest import history
from tests.pages.lessons.plain_draws import plain_us, plain_wheel
from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.pages.drawing.palette import HUE_ORDER
from wheel.pages.lessons.luck_grid import RANGES
from wheel.pages.words.numbers import count, percent

SEED = 482913
TEMPERATURES = [0.2, 0.5, 1, 1.5, 2]


def address(session_id, **query):
    fields = {"prediction": "most"} | query
    pairs = "&".join(f"{name}={value}" for name, value in fields.items())
    return f"/lessons/same-luck/{session_id}?{pairs}"


@pytest.fixture
def show(visitor, session_id):
    def show(**query):
        answer = visitor.get(address(session_id, **query))
        assert answer.status_code == 200
        return answer.content.decode()

    return show


@pytest.fixture
def wheels(wheel_runtime, session_id):
    return wheels_of(wheel_runtime, session_id)


def wheels_of(wheel_runtime, session_id, **settings):
    return [
        plain_wheel(wheel_runtime, session_id, **settings, temperature=temperature)
        for temperature in TEMPERATURES
    ]


def stops(wheels, num=20):
    """The token ids of each row."""
    return [[wheel.token_at(u) for wheel in wheels] for u in plain_us(SEED, num)]


def cell_words(session_id, wheel, token_id):
    token = services.get_session(session_id=session_id).token(token_id)
    rank = count(wheel.ranking.index(token_id) + 1)
    return token.display_text, f"rank {rank} #{rank}"


def shown_cells(html):
    return find_all(html, "td", with_class="luck-cell")


def assert_cells_are_those_of(html, wheels, session_id, num=20):
    cells = shown_cells(html)
    expected = [
        cell_words(session_id, wheel, token_id)
        for row in stops(wheels, num)
        for wheel, token_id in zip(wheels, row, strict=True)
    ]
    assert len(cells) == len(expected)
    for cell, (name, rank) in zip(cells, expected, strict=True):
        assert cell.text.startswith(name)
        assert cell.text.endswith(rank)


def test_the_grid_has_what_each_temperature_makes_of_the_same_luck(show, wheels, session_id):
    html = show(seed=SEED)
    assert_cells_are_those_of(html, wheels, session_id)
    temperatures = find_all(html, "span", with_class="luck-temperature")
    assert [span.text for span in temperatures] == [
        f"Temperature {temperature}" for temperature in TEMPERATURES
    ]


def test_a_cell_has_the_hue_of_its_segment_and_is_grey_inside_other(show, wheels):
    shown = shown_cells(show(seed=SEED))
    token_ids = [pair for row in stops(wheels) for pair in zip(wheels, row, strict=True)]
    for cell, (wheel, token_id) in zip(shown, token_ids, strict=True):
        if token_id in wheel.above:
            hue = HUE_ORDER[wheel.above.index(token_id) % len(HUE_ORDER)]
            assert f"hue-{hue}" in cell.classes
        else:
            assert "luck-other" in cell.classes


def test_a_row_is_headed_by_its_random_number_and_angle(show):
    html = show(seed=SEED)
    us = plain_us(SEED, 20)
    assert [u.text for u in find_all(html, "span", with_class="luck-u")] == [f"{u:.3f}" for u in us]
    assert [angle.text for angle in find_all(html, "span", with_class="luck-angle")] == [
        f"{u * 360:.0f}°" for u in us
    ]


def test_a_column_counts_its_different_tokens(show, wheels):
    columns = zip(*stops(wheels), strict=True)
    shown = find_all(show(seed=SEED), "td", with_class="luck-different")
    assert [cell.text for cell in shown] == [count(len(set(column))) for column in columns]


def test_the_column_of_temperature_1_alone_is_marked_as_the_models_own(show):
    heads = find_all(show(seed=SEED), "th", with_class="luck-column")
    assert ["luck-model" in head.classes for head in heads] == [False, False, True, False, False]
    assert ["the model's own" in head.text for head in heads].index(True) == 2


def test_with_a_filter_no_column_is_the_models_own_and_the_filter_stays(
    visitor, wheel_runtime, session_id
):
    visitor.get(f"/wheel/{session_id}?top_k=5&temperature=0.7")
    html = visitor.get(address(session_id, seed=SEED)).content.decode()
    assert not find_all(html, "th", with_class="luck-model")
    assert "is not quite the model" in html
    assert_cells_are_those_of(html, wheels_of(wheel_runtime, session_id, top_k=5), session_id)


def test_every_small_wheel_has_its_pointer_at_the_chosen_angle(show):
    for stop in (1, 7):
        html = show(seed=SEED, stop=stop)
        angle = plain_us(SEED, 20)[stop - 1] * 360
        pointers = [
            group.attributes["transform"]
            for group in find_all(html, "g")
            if group.attributes.get("transform", "").startswith("rotate")
        ]
        assert pointers == [f"rotate({angle:.3f})"] * 5
        assert f"All pointers at {angle:.0f}°" in html
        chosen = find_one(html, "a", id=f"stop-{stop}")
        assert chosen.attributes["aria-current"] == "true"


def test_the_small_wheels_have_the_segments_of_their_temperature(show, wheels):
    html = show(seed=SEED)
    titles = [title.text for title in find_all(html, "title") if "%" in title.text]
    expected = []
    for wheel in wheels:
        expected += [percent(wheel.probs[token_id]) for token_id in wheel.above]
        expected.append(percent(1 - wheel.above_prob))
    assert [title.rsplit(" ", 1)[1] for title in titles] == expected


def test_the_outcome_is_beside_what_was_to_be_expected(show, wheels):
    text = " ".join(find_one(show(seed=SEED), "main", id="main").text.split())
    model, hot = wheels[2], wheels[4]
    changed = sum(row[2] != row[4] for row in stops(wheels))
    share = 1 - shared_arcs(model, hot)
    assert (
        f"the token changes at {percent(share)} of all angles. "
        f"So {20 * share:.1f} of 20 stops were to be expected; here it was {changed}."
    ) in text


def shared_arcs(one, other):
    """The part of the circle that both give to the same token."""
    arcs, other_arcs = arcs_of(one), arcs_of(other)
    return sum(
        max(0.0, min(end, other_arcs[token_id][1]) - max(start, other_arcs[token_id][0]))
        for token_id, (start, end) in arcs.items()
    )


def arcs_of(wheel):
    arcs, end = {}, 0.0
    for token_id in wheel.ranking:
        arcs[token_id] = (end, end + wheel.probs[token_id])
        end += wheel.probs[token_id]
    return arcs


@pytest.mark.parametrize("prediction", RANGES)
def test_the_prediction_is_answered_by_the_number_of_changed_stops(show, wheels, prediction):
    changed = sum(row[2] != row[4] for row in stops(wheels))
    low, high = {"none": (0, 0), "few": (1, 10), "most": (11, 20)}[prediction]
    if low <= changed <= high:
        begin = "You were right"
    elif min(abs(changed - low), abs(changed - high)) <= 2:
        begin = "Nearly"
    else:
        begin = "Not this time"
    answer = find_one(show(seed=SEED, prediction=prediction), "p", with_class="finding-answer").text
    assert answer.startswith(f"{begin}: {changed} of 20 stops become another token.")


def test_one_stop_is_the_first_of_twenty_and_asks_for_more(show, wheels, session_id):
    html = show(seed=SEED, num_stops=1)
    assert_cells_are_those_of(html, wheels, session_id, num=1)
    assert "One stop cannot answer the question" in html
    assert find_all(html, "td", with_class="luck-different") == []


def test_new_luck_has_a_new_seed_and_the_link_has_the_one_on_show(visitor, session_id):
    html = visitor.get(address(session_id)).content.decode()
    seed = find_one(html, "strong", with_class="spin-seed").text
    same = find_one(html, "a", id="same-stops").attributes["href"]
    other = find_one(html, "a", id="new-luck").attributes["href"]
    again = visitor.get(f"/lessons/same-luck/{session_id}{same}").content.decode()
    assert [cell.text for cell in shown_cells(again)] == [cell.text for cell in shown_cells(html)]
    assert f"seed={seed}&" not in other
    new = visitor.get(f"/lessons/same-luck/{session_id}{other}").content.decode()
    assert f"seed={find_one(new, 'strong', with_class='spin-seed').text}&" in other


@pytest.mark.parametrize(
    "query",
    [{"num_stops": 2}, {"num_stops": "x"}, {"seed": -1}, {"stop": 0}, {"stop": 21}],
)
def test_a_number_out_of_range_is_refused_with_a_sentence(visitor, session_id, query):
    answer = visitor.get(address(session_id, **query))
    assert answer.status_code == 400
    assert find_one(answer.content.decode(), "div", id="problem").text


def test_a_session_without_a_text_is_told_so(visitor):
    session_id = services.start_session().session_id
    answer = visitor.get(address(session_id))
    assert answer.status_code == 400
    assert find_one(answer.content.decode(), "div", id="problem").text


def test_a_class_that_locks_the_temperature_still_lets_its_members_look(visitor, wheel_runtime):
    classroom = make_classroom(locked=["temperature", "top_k"], temperature=0.5, top_k=7)
    session_id = join(classroom)
    freeze(classroom)
    html = visitor.get(address(session_id, seed=SEED)).content.decode()
    assert_cells_are_those_of(html, wheels_of(wheel_runtime, session_id, top_k=7), session_id)
    assert services.next_wheel(session_id=session_id).settings.temperature == 0.5
    assert history(session_id) == ()


def test_the_menu_of_a_wheel_leads_to_both_experiments_on_it(visitor, wheel_page, session_id):
    group = find_one(wheel_page.content.decode(), "div", with_class="menu-group")
    assert group.attributes["aria-labelledby"] == "menu-experiments"
    for key in ("many-spins", "same-luck"):
        path = f"/lessons/{key}/{session_id}"
        assert find_one(wheel_page.content.decode(), "a", href=path).text
        assert visitor.get(path).status_code == 200
