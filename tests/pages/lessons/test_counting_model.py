"""The lesson on the counting model. Every number on the page is recomputed here: from counts of the
text with dictionaries, and from plain forward passes."""

import html
import re
from collections import Counter
from math import log2
from urllib.parse import parse_qs, urlsplit

import pytest
import torch

from tests.checkpoints import CORPUS, plain_gpt2
from tests.pages.conftest import start_session
from wheel import services
from wheel.domain.spin import draw_u
from wheel.models import SessionIndexEntry
from wheel.pages.words.numbers import bits, count, percent
from wheel.shipped_texts import SHIPPED_TEXTS

ADDRESS = "/lessons/counting-model"
TEXT = "\n".join(CORPUS)
PROMPT = "The cat sat on the"
SEED = 7


def begin(visitor, **fields):
    """The experiment on an own text, from the lesson's first page."""
    page = visitor.get(ADDRESS)
    changes = {"prediction": "pieces", "text": TEXT, "prompt": PROMPT} | fields
    return visitor.send(page, ADDRESS, **changes)


def address_of(page):
    return urlsplit(page.redirect_chain[-1][0]).path


def session_of(page):
    session_id = address_of(page).rsplit("/", 1)[1]
    return services.get_session(session_id=session_id)


def address_of_experiment(page):
    return page.request["PATH_INFO"]


def text_of(markup):
    """The text as it is read, without the twins for screen readers."""
    markup = re.sub(r"<svg.*?</svg>", "", markup, flags=re.DOTALL)
    markup = re.sub(r'<span class="visually-hidden[^>]*>.*?</span>', "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def facts_of(markup):
    pairs = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", markup, flags=re.DOTALL)
    return [(text_of(name), text_of(value)) for name, value in pairs]


def table_of(page):
    """The cells of each row, by the name of its token."""
    body = page.content.decode().split('class="counting-table"')[1].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", body.split("<tbody>")[1], flags=re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return {text_of(first): [text_of(cell) for cell in rest] for first, *rest in cells}


def followers(text_ids, context):
    length = len(context)
    ends = range(length, len(text_ids))
    return Counter(text_ids[end] for end in ends if text_ids[end - length : end] == context)


def counted_prob(text_ids, context, token_id):
    counts = followers(text_ids, context)
    total = counts.total()
    if not context:
        return counts[token_id] / total
    lower = counted_prob(text_ids, context[1:], token_id)
    if not total:
        return lower
    return (max(counts[token_id] - 0.5, 0) + 0.5 * len(counts) * lower) / total


STORY = re.compile(r"<article>.*?</article>", re.DOTALL)


@pytest.fixture
def forward(wheel_runtime):
    """(vocabulary,) probabilities of plain transformers after the token ids."""
    model = plain_gpt2(wheel_runtime.catalog)

    def forward(token_ids):
        with torch.no_grad():
            logits = model(torch.tensor([token_ids])).logits
        return torch.softmax(logits[0, -1].double(), dim=-1).numpy()

    return forward


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("prompt", [PROMPT, "The capital of", "zzz"])
def test_every_count_and_share_of_the_table_is_that_of_the_text(visitor, forward, order, prompt):
    page = begin(visitor, order=order, prompt=prompt)
    state = session_of(page)
    text_ids, context = state.tokenizer.encode(TEXT), state.session.token_ids
    contexts = [context[-length:] for length in range(order - 1, 0, -1)] + [()]
    language = forward(context)
    rows = table_of(page)
    by_name = {token.display_text: token.token_id for token in state.tokenizer.tokens}
    for name, cells in rows.items():
        token_id = by_name[name]
        counts = [count(followers(text_ids, context)[token_id]) for context in contexts]
        share = percent(counted_prob(text_ids, context[1 - order :], token_id))
        assert cells == [share, percent(float(language[token_id])), *counts], name
    assert state.token(int(language.argmax())).display_text in rows


@pytest.mark.parametrize("order", [2, 3])
def test_the_sizes_of_the_text_are_counted(visitor, order):
    page = begin(visitor, order=order)
    text_ids = session_of(page).tokenizer.encode(TEXT)
    length = order - 1
    contexts = {text_ids[start : start + length] for start in range(len(text_ids) - length)}
    facts = page.content.decode().split('class="counting-facts">')[1].split("</dl>")[0]
    values = [value for _, value in facts_of(facts)]
    assert values == [count(len(text_ids)), count(len(set(text_ids))), count(len(contexts))]


def test_each_context_says_how_often_it_was_seen(visitor):
    page = begin(visitor)
    state = session_of(page)
    text_ids, context = state.tokenizer.encode(TEXT), state.session.token_ids
    levels = page.content.decode().split('class="counting-levels">')[1].split("</dl>")[0]
    *seen, whole = facts_of(levels)
    for length, (name, value) in zip((2, 1), seen, strict=True):
        counts = followers(text_ids, context[-length:])
        tokens = [state.token(token_id).display_text for token_id in context[-length:]]
        assert name.replace(" ", "") == "".join(["after", *tokens])
        ones = "different ones" if len(counts) > 1 else "different one"
        assert value == f"{counts.total()} times followed by a token, {len(counts)} {ones}"
    total, num_types = len(text_ids), len(set(text_ids))
    assert whole == ("in the whole text", f"{total} tokens, {num_types} different ones")


def test_the_favourite_is_worked_out_step_by_step(visitor):
    page = begin(visitor)
    state = session_of(page)
    text_ids, context = state.tokenizer.encode(TEXT), state.session.token_ids
    shares = {i: counted_prob(text_ids, context[-2:], i) for i in set(text_ids)}
    favourite = min(shares, key=lambda token_id: (-shares[token_id], token_id))
    worked = page.content.decode().split('class="counting-worked">')[1].split("</details>")[0]
    assert state.token(favourite).display_text in text_of(worked.split("</summary>")[0])
    steps = [text_of(step) for step in re.findall(r"<li>(.*?)</li>", worked, flags=re.DOTALL)]
    expected = [
        percent(counted_prob(text_ids, context[-n:] if n else (), favourite)) for n in range(3)
    ]
    assert len(steps) == 3
    for step, share in zip(steps, expected, strict=True):
        assert share in step


def test_a_context_that_was_never_seen_is_said_to_be(visitor):
    page = begin(visitor, prompt="zzz").content.decode()
    assert page.count("never in the text, so the model forgets") == 2


def test_both_wheels_are_drawn_with_their_uncertainty(visitor, forward):
    page = begin(visitor)
    state = session_of(page)
    text_ids, context = state.tokenizer.encode(TEXT), state.session.token_ids
    counted = [counted_prob(text_ids, context[-2:], token_id) for token_id in set(text_ids)]
    for probs in (counted, forward(context).tolist()):
        entropy = -sum(prob * log2(prob) for prob in probs if prob)
        assert f"Uncertainty: {bits(entropy)}" in page.content.decode()
    assert page.content.decode().count('class="disc notranslate"') == 2


# Stories


@pytest.fixture
def grown(visitor):
    """The experiment with two stories, and its session."""
    page = begin(visitor)
    query = {"prediction": "pieces", "seed": SEED}
    return visitor.get(address_of(page), query), session_of(page)


def drawn(probs_after, token_ids, num_tokens):
    """The tokens that the seed draws: the first whose cumulated share, by rank, exceeds u."""
    story: list[int] = []
    for draw_idx in range(num_tokens):
        probs = probs_after((*token_ids, *story))
        u, end = draw_u(seed=SEED, draw_idx=draw_idx), 0.0
        for token_id in sorted(range(len(probs)), key=lambda i: (-probs[i], i)):
            end += probs[token_id]
            if u < end:
                break
        story.append(token_id)
    return tuple(story)


def longest_run(text_ids, story):
    runs = {text_ids[a:b] for a in range(len(text_ids)) for b in range(a + 1, a + 26)}
    parts = [story[a:b] for b in range(len(story) + 1) for a in range(b)]
    return max((len(part) for part in parts if part in runs), default=0)


def test_both_stories_and_all_their_figures_are_those_of_the_seed(grown, forward):
    page, state = grown
    assert page.status_code == 200
    text_ids, prompt_ids = state.tokenizer.encode(TEXT), state.session.token_ids

    def counted(token_ids):
        size = state.tokenizer.vocabulary_size
        return [counted_prob(text_ids, token_ids[-2:], token_id) for token_id in range(size)]

    articles = page.content.decode().split("<article>")[1:]
    for article, probs_after in zip(articles, (counted, forward), strict=True):
        story = drawn(probs_after, prompt_ids, 24)
        shown = re.search(r"</span>(.*?)</p>", article, flags=re.DOTALL)
        assert shown is not None
        assert html.unescape(shown[1]) == state.tokenizer.decode(story)
        nats = [forward((*prompt_ids, *story[:end]))[story[end]] for end in range(len(story))]
        surprise = -sum(log2(prob) for prob in nats) / len(story)
        run = longest_run(text_ids, story)
        num_unseen = sum(token_id not in text_ids for token_id in story)
        assert [value for _, value in facts_of(article)] == [
            bits(surprise),
            f"{run} token" if run == 1 else f"{run} tokens",
            f"{num_unseen} of {len(story)}",
        ]


def test_growing_changes_nothing_in_the_session(visitor, grown):
    _, before = grown
    after = services.get_session(session_id=before.session.session_id).session
    assert (after.token_ids, after.rev) == (before.session.token_ids, before.session.rev)


def test_the_experiment_stays_when_the_wheel_is_spun(visitor, grown):
    page, state = grown
    services.spin(session_id=state.session.session_id)
    again = visitor.get(page.request["PATH_INFO"], parse_qs(page.request["QUERY_STRING"]))
    stories = [STORY.findall(one.content.decode()) for one in (page, again)]
    assert len(stories[0]) == 2
    assert stories[0] == stories[1]


def test_a_button_grows_two_stories_and_then_two_others(visitor):
    page = begin(visitor)
    seeds = []
    for label in ("Let both models grow a story", "Grow two others"):
        assert label in page.content.decode()
        ((name, seed),) = visitor.form(page, address_of_experiment(page))["buttons"]
        page = visitor.send(page, address_of_experiment(page), **{name: seed})
        assert page.content.decode().count("<article>") == 2
        seeds.append(seed)
    assert seeds[0] != seeds[1]


def test_the_wheel_page_of_the_session_is_one_click_away(visitor):
    page = begin(visitor)
    session_id = session_of(page).session.session_id
    assert f'href="/wheel/{session_id}"' in page.content.decode()
    assert (
        "Counting model (triples of tokens)" in visitor.get(f"/wheel/{session_id}").content.decode()
    )


# Texts


def test_without_a_text_the_one_of_the_pages_language_is_counted(visitor):
    page = begin(visitor, text="", prompt=SHIPPED_TEXTS["en"].beginning)
    assert session_of(page).session.counted_text.text_key == "en"
    assert "Lewis Carroll" in page.content.decode()


@pytest.mark.parametrize("key", SHIPPED_TEXTS)
def test_each_language_is_offered_its_own_text_and_beginning(visitor, key):
    page = visitor.get(ADDRESS, headers={"Accept-Language": key})
    fields = visitor.form(page, ADDRESS)["fields"]
    chosen = key if page["Content-Language"].startswith(key) else "en"
    assert (fields["text_key"], fields["prompt"]) == (chosen, SHIPPED_TEXTS[chosen].beginning)


def test_another_text_that_ships_can_be_chosen(visitor):
    page = begin(visitor, text="", text_key="fr")
    assert session_of(page).session.counted_text.text_key == "fr"


def test_an_own_text_comes_before_one_that_ships(visitor):
    page = begin(visitor, text_key="fr")
    assert session_of(page).session.counted_text.text_key is None
    assert "your own" in page.content.decode()


def test_line_breaks_of_a_browser_are_single_signs(visitor):
    page = begin(visitor, text=TEXT.replace("\n", "\r\n"))
    state = session_of(page)
    assert tuple(state.session.counted_text.token_ids) == state.tokenizer.encode(TEXT)


def test_a_text_is_escaped(visitor):
    page = begin(visitor, text="<script>alert(1)</script> & <b>cat</b>")
    assert "<script>alert(1)" not in page.content.decode()
    assert "&lt;script&gt;alert(1)" in page.content.decode()


# Refusals


def refused(visitor, status=400, **fields):
    page = visitor.get(ADDRESS)
    changes = {"prediction": "pieces", "text": TEXT, "prompt": PROMPT} | fields
    answer = visitor.send(page, ADDRESS, **changes)
    assert answer.status_code == status
    assert not SessionIndexEntry.objects.exists()
    return answer.content.decode()


def test_a_text_that_is_too_long_is_refused_beside_its_field(visitor):
    page = refused(visitor, text="a" * 20_001)
    assert 'id="id_text_error"' in page
    assert "This text has 20001 characters; at most 20000 characters can be counted." in page
    assert "maxlength" not in page


def test_twenty_thousand_letters_of_another_script_can_be_counted(visitor):
    assert begin(visitor, text="文" * 20_000).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"order": "4"},
        {"order": ""},
        {"text": "", "text_key": "xx"},
        {"text": "", "text_key": "../en"},
        {"prompt": " "},
        {"prompt": "z" * 64},
    ],
    ids=str,
)
def test_bad_input_is_refused_and_starts_nothing(visitor, fields):
    assert "field-error" in refused(visitor, **fields)


@pytest.mark.parametrize("seed", ["-1", "x", str(2**64)])
def test_a_bad_seed_is_refused(visitor, seed):
    page = begin(visitor)
    answer = visitor.get(address_of(page), {"prediction": "pieces", "seed": seed})
    assert answer.status_code == 400


def test_a_session_of_the_language_model_has_nothing_to_compare(visitor):
    answer = visitor.get(f"{ADDRESS}/{start_session()}", {"prediction": "pieces"})
    assert answer.status_code == 400
    assert "was not made by counting" in answer.content.decode()


def test_the_text_is_in_no_address(visitor):
    page = begin(visitor, text="canarybird sat on the mat", prompt="canarybird")
    assert not any("canary" in address for address, _ in page.redirect_chain)
