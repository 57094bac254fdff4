"""Seeds: sessions with the same seed and prompt draw the same tokens; others do not."""

import random

from tests.api.helpers import append, new_session, spin, state


def story(api, url, num_spins=6):
    for _ in range(num_spins):
        spin(api, url)
    return [(item["token_id"], item["spin"]["u"]) for item in state(api, url)["token_history"]]


def test_the_same_seed_and_prompt_tell_the_same_story(api):
    assert story(api, new_session(api, seed=7)) == story(api, new_session(api, seed=7))


def test_another_seed_tells_another_story(api):
    assert story(api, new_session(api, seed=7)) != story(api, new_session(api, seed=8))


def test_without_a_seed_no_two_stories_draw_alike(api):
    assert story(api, new_session(api)) != story(api, new_session(api))


def test_setting_the_prompt_restarts_the_stream(api):
    url = new_session(api, seed=7)
    first = story(api, url)
    api.post_json(f"{url}/set-prompt", {"prompt": "The cat sat on the"})
    assert story(api, url) == first


def test_the_stream_is_the_one_that_is_documented(api):
    url = new_session(api, seed=-3)
    drawn = [u for _, u in story(api, url, 4)]
    assert drawn == [random.Random(f"-3:{index}").random() for index in range(4)]


def test_a_token_picked_by_hand_uses_no_draw_of_the_seed(api):
    drawn = [u for _, u in story(api, new_session(api, seed=7), 2)]
    url = new_session(api, seed=7)
    first = spin(api, url)["spin"]["u"]
    append(api, url, token_id=5)
    assert [first, spin(api, url)["spin"]["u"]] == drawn


def test_a_draw_from_other_uses_one_draw_of_the_seed(api):
    stories = []
    for _ in range(2):
        url = new_session(api, seed=7)
        append(api, url, category="other", threshold=0.05)
        spin(api, url)
        stories.append(state(api, url)["token_history"])
    assert [i["token_id"] for i in stories[0]] == [i["token_id"] for i in stories[1]]
    assert stories[0][1]["spin"]["u"] == random.Random("7:1").random()
