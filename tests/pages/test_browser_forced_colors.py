"""Forced colours in Chromium: what colour and shadow say elsewhere, borders and widths say here."""

import pytest

from tests.pages.browser import keep_screenshot, spin

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

STYLE = "(element, name) => getComputedStyle(element)[name]"


@pytest.fixture
def page(open_wheel, request):
    return open_wheel(
        query="?temperature=1.4",
        forced_colors="active",
        color_scheme=getattr(request, "param", "light"),
        reduced_motion="reduce",
    )


def style(page, selector, name):
    return page.locator(selector).first.evaluate(STYLE, name)


def color_of(page, keyword):
    """A system colour as the browser computes it."""
    return page.evaluate(
        """(keyword) => {
          const probe = document.body.appendChild(document.createElement("i"));
          probe.style.setProperty("forced-color-adjust", "none");
          probe.style.color = keyword;
          const color = getComputedStyle(probe).color;
          probe.remove();
          return color;
        }""",
        keyword,
    )


def test_levels_of_surprise_have_five_different_lines(page):
    lines = [style(page, f".legend .level-{level}", "borderBottom") for level in range(5)]
    assert len(set(lines)) == 5
    widths = [style(page, f".legend .level-{level}", "borderBottomWidth") for level in range(5)]
    assert widths == ["1px", "1px", "2px", "4px", "6px"]


def test_a_drawn_token_has_the_line_of_its_level(page):
    spin(page)
    page.wait_for_selector("button.chip")
    level = page.locator("button.chip").evaluate(
        "(chip) => [...chip.classList].find((name) => name.startsWith('level-'))"
    )
    for name in ("borderBottomWidth", "borderBottomStyle"):
        assert style(page, "button.chip", name) == style(page, f".legend .{level}", name)
    keep_screenshot(page, "forced-colors")


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_segments_and_swatches_keep_their_colours_and_have_borders(page):
    fills = page.eval_on_selector_all(
        "path.segment-token", "(paths) => paths.map((path) => getComputedStyle(path).fill)"
    )
    assert len(set(fills)) > 3
    swatches = page.eval_on_selector_all(
        ".swatch", "(swatches) => swatches.map((s) => getComputedStyle(s).backgroundColor)"
    )
    assert set(swatches) & set(fills)
    assert style(page, ".swatch", "borderTopWidth") == "1px"
    assert style(page, "path.segment-token", "stroke") == color_of(page, "CanvasText")


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_labels_on_segments_stay_dark_and_the_frame_takes_system_colours(page):
    assert style(page, ".label-text", "fill") == style(page, ".label", "fill")
    red, green, blue = (int(part) for part in style(page, ".label-text", "fill")[4:-1].split(","))
    assert max(red, green, blue) < 60
    assert style(page, ".hub", "fill") == color_of(page, "Canvas")
    assert style(page, ".pointer-tip", "fill") == color_of(page, "Highlight")


def test_spin_stands_out_and_bars_differ_from_their_ground(page):
    assert style(page, "#spin", "backgroundColor") == color_of(page, "Highlight")
    assert style(page, "#spin", "borderTopWidth") == "3px"
    assert style(page, ".bar-fill", "fill") != style(page, ".bar-ground", "fill")
    assert style(page, ".bar-mark", "fill") != style(page, ".bar-fill", "fill")


def test_popups_have_a_border(page):
    page.click("#tokens-panel .help > summary")
    assert style(page, ".help[open] > .help-text", "borderTopWidth") == "1px"
