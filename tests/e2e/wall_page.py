"""The wall in Chromium, as its teacher uses it, and what a reader finds in its DOM."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from playwright.sync_api import Locator, Page, expect

from tests.e2e.plain_class import PlainBranch, PlainCard, PlainRow

BETWEEN_TOKENS, BETWEEN_STORIES = "\u2009", "\u2002\u2009"
MIN_SHORTENED_LEN = 14  # characters; fewer always have room
ISOLATES = dict.fromkeys(map(ord, "\u2067\u2069"))  # round tokens that are read from the right
LEFT_OUT = re.compile(r" · \+(\d+) tokens?")
ALONE = re.compile(r"(\d+) (?:story goes|stories go) on alone")
MORE = re.compile(r"…and (\d+) more branch(?:es)?, (\d+) stor(?:y|ies)")

READ_WALL = r"""() => {
  const text = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
  const all = (selector, parent = document) => [...parent.querySelectorAll(selector)];
  const number = (element, name) => Number(element.getAttribute(name));
  const middle = (mark) => number(mark, "x") + number(mark, "width") / 2;
  const row = (element) => ({
    name: text(element.querySelector(".pooled-name > [aria-hidden]")),
    numbers: all("td.pooled-number", element).map(text),
    interval: text(element.querySelector(".pooled-band > .visually-hidden, .pooled-interval")),
  });
  const band = (element) => {
    const range = element.querySelector(".band-range");
    const low = number(range, "x");
    return [
      low, low + number(range, "width"),
      middle(element.querySelector(".band-observed")),
      middle(element.querySelector(".band-expected")),
    ];
  };
  const arc = (circle) => [
    -number(circle, "stroke-dashoffset"),
    Number(circle.getAttribute("stroke-dasharray").split(" ")[0]),
  ];
  const item = (element) => ({
    lines: all(":scope > .tree-item-text > bdi", element).map((line) => line.textContent),
    caption: text(element.querySelector(":scope > span.tree-item-caption")),
    items: all(":scope > ul > li", element).map(item),
  });
  const card = (element) => ({
    memberId: Number(element.id.replace("card-", "")),
    name: text(element.querySelector(".card-name")),
    newest: element.querySelector(".newest-sign")?.textContent ?? "",
    figures: text(element.querySelector(".card-facts")),
    before: all(".card-text > .newest", element).length
      ? [...element.querySelector(".card-text").childNodes]
          .filter((node) => !node.matches?.(".newest"))
          .map((node) => node.textContent).join("").trim()
      : "",
  });
  return {
    numJoined: Number(text(document.querySelector(".join-number, .join-line-count")).split(" ")[0]),
    numDraws: text(document.querySelector(".pooled-count")),
    places: text(document.querySelector(".pooled-unit")),
    rows: all("#pooled .pooled-table tbody tr").map(row),
    bands: all("#pooled svg.band").filter((band) => band.querySelector(".band-range")).map(band),
    axis: text(document.querySelector(".pooled-band-head .pooled-key")),
    arcs: all("circle.observed").map(arc),
    inOther: all(".pooled-inside .pooled-drawn").map((drawn) => {
      const shown = drawn.cloneNode(true);
      all(".visually-hidden", shown).forEach((words) => words.remove());
      return text(shown);
    }),
    notes: all(".pooled-note").map(text),
    tree: all("#tree-list > ul > li").map(item),
    pictureCaptions: all("#tree-frame .tree-caption").map(text),
    listCaptions: all("#tree-list span.tree-item-caption").map(text).filter(Boolean),
    cards: all(".story-card").map(card),
  };
}"""


@dataclass(frozen=True)
class ShownCard:
    """before: the end of the text before its newest token."""

    member_id: int
    name: str
    before: str
    words: PlainCard


@dataclass(frozen=True)
class ShownBranch:
    """num_more, num_more_stories: the branches for which there was no room, and their stories."""

    tokens: tuple[str, ...]
    num_left_out: int
    caption: str
    branches: tuple["ShownBranch", ...]
    num_alone: int
    first_alone: tuple[str, ...]
    num_more: int
    num_more_stories: int

    @classmethod
    def of(cls, item: Mapping[str, Any], *, is_root: bool = False) -> Self:
        caption, parts = item["caption"], item["items"]
        left_out = LEFT_OUT.search(caption)
        stubs = [part["lines"] for part in parts if not part["caption"]]
        first_alone: tuple[str, ...] = ()
        num_alone = num_more = num_more_stories = 0
        for first, *lines in stubs:
            if alone := ALONE.fullmatch(first):
                num_alone = int(alone[1])
                first_alone = stub_tokens(lines, num_alone)
            elif more := MORE.fullmatch(first):
                num_more, num_more_stories = int(more[1]), int(more[2])
        is_cut = left_out is not None
        return cls(
            () if is_root else shown_tokens(item["lines"], BETWEEN_TOKENS, is_cut=is_cut),
            int(left_out[1]) if left_out else 0,
            LEFT_OUT.sub("", caption),
            tuple(cls.of(part) for part in parts if part["caption"]),
            num_alone,
            first_alone,
            num_more,
            num_more_stories,
        )

    def assert_shows(self, expected: PlainBranch) -> None:
        """Equal, apart from tokens and branches without room, which are counted."""
        assert self.caption == expected.caption
        assert all(map(shows, self.tokens, expected.tokens))
        assert len(self.tokens) + self.num_left_out == len(expected.tokens)
        assert self.num_alone == len(expected.first_alone)
        assert all(map(shows, self.first_alone, expected.first_alone))
        assert len(self.branches) + self.num_more == len(expected.branches)
        in_order = iter(expected.branches)
        num_stories = 0
        for branch in self.branches:
            same = next(one for one in in_order if shows(branch.tokens[0], one.tokens[0]))
            branch.assert_shows(same)
            num_stories += same.num_stories
        num_all = sum(branch.num_stories for branch in expected.branches)
        assert self.num_more_stories == num_all - num_stories


def shows(shown: str, token: str) -> bool:
    """Whether it is the token; of a very long one, its beginning."""
    is_shortened = len(token) > MIN_SHORTENED_LEN and shown.endswith("…")
    return shown == token or (is_shortened and token.startswith(shown.removesuffix("…")))


def shown_tokens(lines: list[str], between: str, *, is_cut: bool) -> tuple[str, ...]:
    """is_cut: the last line ends with an ellipsis, since it has no room for all tokens."""
    text = between.join(line.translate(ISOLATES) for line in lines)
    return tuple((text.removesuffix("…") if is_cut else text).split(between))


def stub_tokens(lines: list[str], num_stories: int) -> tuple[str, ...]:
    """The first tokens of stories, as many as there is room for."""
    tokens = shown_tokens(lines, BETWEEN_STORIES, is_cut=False)
    if len(tokens) == num_stories:
        return tokens
    return shown_tokens(lines, BETWEEN_STORIES, is_cut=True)


@dataclass(frozen=True)
class WallReading:
    """The wall as it is read.

    rows        Other last, which stands between the two tables
    bands       in hundredths of their axis
    arcs        in parts of the ring
    """

    num_joined: int
    num_draws: str
    places: str
    rows: list[PlainRow]
    named_in_other: list[str]
    notes: list[str]
    axis: str
    bands: list[list[float]]
    arcs: list[list[float]]
    tree: ShownBranch
    picture_captions: list[str]
    list_captions: list[str]
    cards: list[ShownCard]

    @classmethod
    def of(cls, page: Page) -> Self:
        found = page.evaluate(READ_WALL)
        (root,) = found["tree"]
        return cls(
            found["numJoined"],
            found["numDraws"],
            found["places"],
            sorted(map(pooled_row, found["rows"]), key=lambda row: not row.name),
            found["inOther"],
            found["notes"],
            found["axis"],
            found["bands"],
            found["arcs"],
            ShownBranch.of(root, is_root=True),
            found["pictureCaptions"],
            found["listCaptions"],
            [
                ShownCard(
                    card["memberId"],
                    card["name"],
                    card["before"],
                    PlainCard(card["newest"], card["figures"]),
                )
                for card in found["cards"]
            ],
        )


def pooled_row(row: Mapping[str, Any]) -> PlainRow:
    expected, spins, share = row["numbers"]
    return PlainRow(row["name"], expected, spins, share, row["interval"])


class WallPage:
    """The wall in the browser of its teacher. It is loaded once: `assert_never_reloaded` fails
    after any reload."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.evaluate("window.isTheSamePage = true")

    def assert_never_reloaded(self) -> None:
        assert self.page.evaluate("window.isTheSamePage")

    def read(self) -> WallReading:
        return WallReading.of(self.page)

    def card(self, pseudonym: str) -> Locator:
        name = self.page.get_by_role("heading", name=pseudonym, exact=True)
        return self.page.locator(".story-card", has=name)

    def member_id(self, pseudonym: str) -> int:
        return next(card.member_id for card in self.read().cards if card.name == pseudonym)

    def unfold(self) -> None:
        self.page.get_by_role("link", name="Unfold all").click()

    def fold(self) -> None:
        self.page.get_by_role("link", name="Fold single stories").click()

    def freeze(self) -> None:
        self.page.click("#freeze")
        expect(self.page.locator(".wall-state")).to_contain_text("Frozen")

    def resume(self) -> None:
        self.page.click("#freeze")
        expect(self.page.locator(".wall-state")).to_have_count(0)

    def reset(self) -> None:
        self._open_more()
        self.page.click("#confirm-reset > summary")
        self.page.click("#confirm-reset button")
        expect(self.page.locator(".story-card mark")).to_have_count(0)

    def end(self) -> None:
        self._open_more()
        self.page.click("#confirm-end > summary")
        self.page.click("#confirm-end button")
        expect(self.page.locator(".wall-state")).to_contain_text("The class is over")

    def hold(self, pseudonyms: list[str]) -> None:
        for pseudonym in pseudonyms:
            self.card(pseudonym).hover()
            self.page.check(f"#hold-{self.member_id(pseudonym)}")
        self.page.click("#hold")
        expect(self.page.locator(".held-card")).to_have_count(len(pseudonyms))

    def hide(self, pseudonym: str) -> None:
        self.card(pseudonym).hover()
        self.page.click(f"#hide-{self.member_id(pseudonym)}")
        expect(self.card(pseudonym)).to_contain_text("Hidden by the teacher")

    def held_texts(self) -> list[str]:
        return self.page.locator(".held-card").all_text_contents()

    def _open_more(self) -> None:
        self.page.click("#more > summary")
